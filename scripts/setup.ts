import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// Run first by every script of package.json: installs what is missing, and is out of the way at once where nothing is.
// Imports nothing from node_modules, which may not be there. `--production` leaves out what only development needs;
// `--dev` is not content with that.

const ROOT = resolve(import.meta.dir, "..");
const STAMP = join(ROOT, "node_modules/.setup.json");

type Asked = { production?: boolean; dev?: boolean };
type Stamp = { key: string; production: boolean };

function currentKey(): string {
  const { dependencies, devDependencies, optionalDependencies, trustedDependencies, overrides } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  const wanted = [dependencies, devDependencies, optionalDependencies, trustedDependencies, overrides];
  const lock = readFileSync(join(ROOT, "bun.lock"), "utf8");
  return `${Bun.version} ${process.platform} ${process.arch} ${Bun.hash(JSON.stringify(wanted) + lock).toString(36)}`;
}

function installed({ dev = false }: Asked): boolean {
  try {
    const stamp: Stamp = JSON.parse(readFileSync(STAMP, "utf8"));
    return stamp.key === currentKey() && !(stamp.production && dev);
  } catch {
    return false;
  }
}

const textOf = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream).text();

async function install({ production = false }: Asked): Promise<boolean> {
  console.log("installing packages…");
  const started = performance.now();
  // The project's own post-install step follows below, where its words are seen.
  const command = [process.execPath, "install", "--frozen-lockfile", "--ignore-scripts"];
  const bun = Bun.spawn(production ? [...command, "--production"] : command, {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([textOf(bun.stdout), textOf(bun.stderr), bun.exited]);
  if (code !== 0) {
    console.error(`${out}${err}\nthe packages could not be installed; is the network there?`);
    return false;
  }
  console.log(`packages installed (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return true;
}

async function recogniserIsDue() {
  const { buildRecogniser, needsBuild } = await import("./build_recogniser.ts");
  if (needsBuild()) await buildRecogniser();
}

/** Wanted by few and large: only where the settings choose it. */
async function localModelIsDue() {
  const { LLM_PROVIDER, DISABLE_GEMINI } = process.env;
  if (LLM_PROVIDER !== "local" || /^(1|true|yes|on)$/i.test(DISABLE_GEMINI ?? "")) return;
  const { installLocalModel } = await import("./local_model.ts");
  await installLocalModel();
}

/** Makes sure that everything is installed. Where it cannot be, it says so and ends the process. */
export async function setup(asked: Asked = {}): Promise<void> {
  if (!installed(asked)) {
    mkdirSync(join(ROOT, "node_modules"), { recursive: true });
    const { locked } = await import("./lock.ts");
    const done = await locked(
      join(ROOT, "node_modules/.setup.lock"),
      async () => {
        if (installed(asked)) return true;
        if (!(await install(asked))) return false;
        const stamp: Stamp = { key: currentKey(), production: asked.production === true };
        writeFileSync(`${STAMP}.new`, JSON.stringify(stamp));
        renameSync(`${STAMP}.new`, STAMP);
        return true;
      },
      () => console.log("another start is installing; waiting for it…"),
    );
    if (!done) process.exit(1);
  }
  try {
    await recogniserIsDue();
  } catch (error) {
    console.log(`speech recognition is off: ${error instanceof Error ? error.message : error}`);
  }
  await localModelIsDue();
}

if (import.meta.main) {
  await setup({ production: process.argv.includes("--production"), dev: process.argv.includes("--dev") });
}
