import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childrenOf } from "./processes.ts";

// A container's inside without an engine: folders laid over one another, and processes in a root, with mounts and process
// numbers of their own. Every mount belongs to the process that made it, so what ends leaves none behind. Takes root.

export type Layer = AsyncDisposable & {
  /** What was written into it, over what lies below. Where folders cannot be laid over one another, the whole. */
  readonly changed: string;
  /** Shell words that make the whole appear at `root`, for the process that says them. */
  readonly mount: string;
  readonly root: string;
};

export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const alone = (script: string) =>
  Bun.spawnSync(["unshare", "--mount", "bash", "-ec", script], { stdout: "pipe", stderr: "pipe" });

/** An empty layer over folders, the first of them on top; removed with all that was written into it. */
export async function layer(below: readonly string[]): Promise<Layer> {
  if (process.getuid?.() !== 0) throw new Error("laying folders over one another takes root");
  const folder = await mkdtemp(join(tmpdir(), "layer-"));
  const [changed, work, root] = [join(folder, "changed"), join(folder, "work"), join(folder, "root")];
  for (const place of [changed, work, root]) await mkdir(place);
  const options = `lowerdir=${below.join(":")},upperdir=${changed},workdir=${work}`;
  const overlay = `mount -t overlay overlay -o ${quoted(options)} ${quoted(root)}`;
  const dispose = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  if (alone(overlay).exitCode === 0) return { changed, mount: overlay, root, ...dispose };
  // A machine that is itself in layers may refuse more of them.
  for (const place of below.toReversed()) {
    const copied = Bun.spawnSync(["cp", "-a", `${place}/.`, root]);
    if (copied.exitCode !== 0) throw new Error(`cp: ${copied.stderr}`);
  }
  return { changed: root, mount: `mount --bind ${quoted(root)} ${quoted(root)}`, root, ...dispose };
}

type Entering = {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** `uid:gid`: all rights of root are gone for good, as `cap_drop: ALL` and `no-new-privileges` have it. */
  readonly user?: string;
  /** How this machine reaches registries comes along: settings and certificates. */
  readonly network?: boolean;
  readonly readOnly?: boolean;
  /** Folders of this machine by where they appear. */
  readonly volumes?: Record<string, string>;
  /** Where empty folders in memory appear. */
  readonly tmpfs?: readonly string[];
  /** A file that gets what is written to stdout; else that is gathered too. */
  readonly outputFile?: string;
};

export type Entered = {
  /** The process itself as this machine numbers it: number 1 of its own kind inside. */
  pid(): number;
  output(): string;
  /** `output` is all that was written, `stdout` only what is meant for reading on. */
  done(): Promise<{ code: number; output: string; stdout: string }>;
  /** Ends it and all that it started. */
  kill(): void;
};

const CERTIFICATES = "/dev/certificates.pem";

/** Settings of this machine's network alone; what says where its packages or caches lie stays outside. */
function networkEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => /PROXY$|^(npm|BUN)_config_registry$/i.test(name));
  const env = Object.fromEntries(kept) as Record<string, string>;
  return certificates() ? { ...env, NODE_EXTRA_CA_CERTS: CERTIFICATES, SSL_CERT_FILE: CERTIFICATES } : env;
}

const certificates = () =>
  [process.env.NODE_EXTRA_CA_CERTS, process.env.SSL_CERT_FILE].find((file) => file && existsSync(file));

/** What an engine mounts into every container. */
function mounts({ root, mount }: Layer, { network, readOnly, volumes = {}, tmpfs = [] }: Entering): string {
  const at = (path: string) => quoted(join(root, path));
  const bind = (from: string, to: string) => `mount --bind ${quoted(from)} ${at(to)}`;
  const file = certificates();
  return [
    mount,
    `mount -t proc proc ${at("proc")}`,
    `mount -t sysfs -o ro sysfs ${at("sys")}`,
    `mount -t tmpfs -o mode=755 dev ${at("dev")}`,
    ...["null", "zero", "full", "random", "urandom", "tty"].flatMap((node) => [
      `touch ${at(`dev/${node}`)}`,
      bind(`/dev/${node}`, `dev/${node}`),
    ]),
    `ln -s /proc/self/fd ${at("dev/fd")}`,
    ...["stdin", "stdout", "stderr"].map((name, fd) => `ln -s /proc/self/fd/${fd} ${at(`dev/${name}`)}`),
    `mkdir ${at("dev/shm")}`,
    `mount -t tmpfs -o mode=1777 shm ${at("dev/shm")}`,
    ...(network && file ? [`touch ${at(CERTIFICATES)}`, bind(file, CERTIFICATES)] : []),
    bind("/etc/resolv.conf", "etc/resolv.conf"),
    bind("/etc/hosts", "etc/hosts"),
    ...Object.entries(volumes).map(([to, from]) => bind(from, to)),
    ...tmpfs.map((path) => `mount -t tmpfs -o mode=1777,nosuid,nodev,noexec tmpfs ${at(path)}`),
    ...(readOnly ? [`mount -o remount,bind,ro ${at("")}`] : []),
  ].join("\n");
}

function asUser(user: string | undefined): string[] {
  const [uid = "", gid = ""] = user?.split(":") ?? [];
  if (!uid || uid === "0") return [];
  // A change of user would forget that it ends with the tests.
  const powerless = ["--pdeathsig=keep", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--clear-groups"];
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid || uid}`, ...powerless];
}

const words = (command: readonly string[], { env = {}, cwd = "/", user, network }: Entering) => [
  ...asUser(user),
  ...["env", "-i", "-C", cwd],
  ...Object.entries({ ...env, ...(network ? networkEnv() : {}) }).map(([name, value]) => `${name}=${value}`),
  ...command,
];

/** Starts a command in the layer's root. */
export function enter(over: Layer, command: readonly string[], options: Entering = {}): Entered {
  const script = `${mounts(over, options)}\nexec chroot ${[over.root, ...words(command, options)].map(quoted).join(" ")}`;
  return watch(["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec", script], options.outputFile);
}

/** Runs a command beside one that runs already, in its root, as `docker exec` does. */
export function enterBeside(pid: number, command: readonly string[], options: Entering): Entered {
  return watch(["nsenter", `--target=${pid}`, "--mount", "--pid", "--root", "--wd", ...words(command, options)]);
}

/** Runs shell words that see the layers whole, on this machine's side. */
export async function outside(over: readonly Layer[], script: string): Promise<void> {
  const all = [...over.map(({ mount }) => mount), script].join("\n");
  const { code, output } = await watch(["unshare", "--mount", "bash", "-ec", all]).done();
  if (code !== 0) throw new Error(`${script}: ${output}`);
}

function watch(command: string[], outputFile?: string): Entered {
  const to = outputFile === undefined ? ("pipe" as const) : Bun.file(outputFile);
  // Whoever kills the tests kills this too.
  const child = Bun.spawn(["setpriv", "--pdeathsig=KILL", ...command], { stdin: "ignore", stdout: to, stderr: "pipe" });
  let output = "";
  let stdout = "";
  const gather = async (stream: ReadableStream<Uint8Array> | number | undefined, keep: (text: string) => void) => {
    // It went to the file.
    if (!(stream instanceof ReadableStream)) return;
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      keep(text);
    }
  };
  const gathered = Promise.all([
    gather(child.stdout, (text) => {
      stdout += text;
    }),
    gather(child.stderr, () => {}),
  ]);
  return {
    pid: () => childrenOf(child.pid)[0] ?? 0,
    output: () => output,
    done: async () => {
      const code = await child.exited;
      await Promise.race([gathered, Bun.sleep(500)]);
      return { code, output, stdout };
    },
    kill: () => {
      // The first process of its own numbering takes all the others with it.
      const first = childrenOf(child.pid)[0];
      if (first !== undefined) process.kill(first, "SIGKILL");
      child.kill("SIGKILL");
    },
  };
}
