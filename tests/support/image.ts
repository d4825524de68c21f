import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { layContext } from "./build_context.ts";
import { BUN_IMAGE_ENV, bunImage } from "./debian.ts";
import { parseDockerfile, type Stage, type Step } from "./dockerfile.ts";
import { enter, type Layer, layer, outside, quoted } from "./layers.ts";

// Builds what a Dockerfile describes by doing each of its instructions, in order, in a root folder of each stage's own.

export type Image = AsyncDisposable & {
  readonly layer: Layer;
  readonly stage: Stage;
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly user: string;
  /** What came from the machine's side. */
  readonly context: readonly string[];
  /** Each step that ran a command, in seconds. */
  readonly took: readonly { command: string; seconds: number }[];
  /** The whole of it. */
  readonly seconds: number;
  /** All that it lies in, outside of the cache. */
  readonly folders: readonly string[];
};

type Building = {
  readonly layer: Layer;
  readonly stage: Stage;
  env: Record<string, string>;
  args: Record<string, string>;
  cwd: string;
  user: string;
};

const removing = (folders: readonly string[]) => ({
  [Symbol.asyncDispose]: async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  },
});

/** Where `.ci/run` has an image built before its suite begins; whoever takes it removes it. */
export const PREPARED = process.env.PREPARED_IMAGE;

export const leave = (image: Image, file: string) => Bun.write(file, JSON.stringify(image));

export async function take(file: string): Promise<Image> {
  const left: Image = await Bun.file(file).json();
  return { ...left, ...removing(left.folders) };
}

export async function buildImage(project: string): Promise<Image> {
  const started = performance.now();
  const stages = parseDockerfile(await Bun.file(join(project, "Dockerfile")).text());
  const context = await mkdtemp(join(tmpdir(), "build-context-"));
  const built: Building[] = [];
  const took: { command: string; seconds: number }[] = [];
  const folders = () => [context, ...built.map(({ layer }) => dirname(layer.root))];
  try {
    const sent = await layContext(project, context);
    for (const stage of stages) {
      if (stage.base !== `oven/bun:${Bun.version}-slim`) throw new Error(`this base is not known here: ${stage.base}`);
      const made = await layer([await bunImage()]);
      const building: Building = { layer: made, stage, env: { ...BUN_IMAGE_ENV }, args: {}, cwd: "/", user: "0:0" };
      built.push(building);
      for (const step of stage.steps) {
        const begun = performance.now();
        await perform(step, building, built, context);
        if (step.kind === "run") took.push({ command: step.command, seconds: (performance.now() - begun) / 1000 });
      }
    }
    const last = built.at(-1);
    if (!last) throw new Error("the Dockerfile is empty");
    const { args: _, ...image } = last;
    const seconds = (performance.now() - started) / 1000;
    return { ...image, context: sent, took, seconds, folders: folders(), ...removing(folders()) };
  } catch (error) {
    await removing(folders())[Symbol.asyncDispose]();
    throw error;
  }
}

async function perform(step: Step, on: Building, built: readonly Building[], context: string): Promise<void> {
  if (step.kind === "env") on.env = { ...on.env, ...step.values };
  else if (step.kind === "user") on.user = step.user;
  else if (step.kind === "arg") on.args = step.value === null ? on.args : { ...on.args, [step.name]: step.value };
  else if (step.kind === "workdir") {
    on.cwd = posix.resolve(on.cwd, step.path);
    await outside([on.layer], `mkdir -p ${quoted(on.layer.root + on.cwd)}`);
  } else if (step.kind === "run") await run(step.command, on);
  else await copy(step, on, built, context);
}

async function run(command: string, { layer, env, args, cwd, user }: Building): Promise<void> {
  const options = { env: { HOME: "/root", ...args, ...env }, cwd, user, network: true };
  const { code, output } = await enter(layer, ["/bin/sh", "-c", command], options).done();
  if (code !== 0) throw new Error(`RUN ${command}\nended with ${code}:\n${output.slice(-4000)}`);
}

/** Folders give what is in them, and everything belongs to root, as COPY has it. */
async function copy(
  { from, sources, to }: Step & { kind: "copy" },
  { layer, cwd }: Building,
  built: readonly Building[],
  context: string,
): Promise<void> {
  const other = built.find(({ stage }) => from !== null && stage.name === from);
  if (from !== null && !other) throw new Error(`COPY --from=${from}: there is no such stage before it`);
  const into = quoted(layer.root + posix.resolve(cwd, to));
  const lines = sources.map((source) => {
    const path = quoted(join(other ? other.layer.root : context, source));
    return `if [ -d ${path} ]; then cp -a --no-preserve=ownership ${path}/. ${into}/; else cp -a --no-preserve=ownership ${path} ${into}/; fi`;
  });
  await outside(other ? [layer, other.layer] : [layer], [`mkdir -p ${into}`, ...lines].join("\n"));
}
