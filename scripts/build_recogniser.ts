import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  ADDON,
  BUILD_RECORD,
  type BuildRecord,
  checkShippedModel,
  readRecord,
  SHIPPED_MODEL,
} from "../src/adapters/ai/whisper_ready.ts";
import { locked } from "./lock.ts";

// The post-install step: builds smart-whisper's addon for this machine's CPU, five to nine times faster than as it
// ships. No failure stops the install: the server starts without recognition and says what is missing.

const MODULES = resolve(import.meta.dir, "../node_modules");
const TIMEOUT_MS = 15 * 60_000;

const versionOf = (name: string): string | null => {
  try {
    return JSON.parse(readFileSync(join(MODULES, name, "package.json"), "utf8")).version;
  } catch {
    return null;
  }
};

/** What the compiler is told; RECOGNISER_CPU (`x86-64-v3`, `baseline`) decides for another machine's sake. */
function compilerFlags(): string {
  const wanted = process.env.RECOGNISER_CPU;
  if (wanted === "baseline") return "-O3";
  if (wanted && /^[\w.+-]+$/.test(wanted)) return `-O3 -march=${wanted}`;
  return hasAvx2() ? "-O3 -mavx2 -mfma -mf16c" : "-O3";
}

function hasAvx2(): boolean {
  if (process.arch !== "x64") return false;
  try {
    const known =
      process.platform === "darwin"
        ? Bun.spawnSync(["sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"]).stdout.toString()
        : (/^flags.*$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[0] ?? "");
    const flags = new Set(known.toLowerCase().split(/\s+/));
    return ["avx2", "fma", "f16c"].every((flag) => flags.has(flag));
  } catch {
    return false;
  }
}

/** The tools that a build needs and this machine lacks. */
function missingTools(): string[] {
  const python = ["python3", "python"].some((name) => Bun.which(name));
  const compiler = process.env.CXX || ["g++", "clang++", "c++"].some((name) => Bun.which(name));
  return [!python && "python3", !compiler && "g++", !Bun.which("make") && "make"].filter((name) => name !== false);
}

function howToGet(tools: string[]): string {
  if (process.platform === "darwin") return "xcode-select --install";
  const managers = {
    "apt-get": "apt-get install -y",
    dnf: "dnf install -y",
    apk: "apk add",
    zypper: "zypper install -y",
  };
  const [, install] = Object.entries(managers).find(([name]) => Bun.which(name)) ?? [];
  const named = tools.map((tool) => (tool === "g++" && install?.startsWith("dnf") ? "gcc-c++" : tool));
  return install ? `${install} ${named.join(" ")}` : `install ${named.join(", ")}`;
}

/** Whether a start has something to build. Quick, and touches nothing. */
export function needsBuild(record: BuildRecord | null = readRecord()): boolean {
  const version = versionOf("smart-whisper");
  if (!version) return false;
  if (!record?.key.startsWith(`${version} `)) return true;
  if (record.ok) {
    // node_modules may have come from another machine: vector instructions that this CPU lacks would end the child.
    const wrong = process.env.RECOGNISER_CPU
      ? record.flags !== compilerFlags()
      : /avx2|-v[34]/.test(record.flags) && !hasAvx2();
    return wrong || !existsSync(ADDON);
  }
  // What failed for another reason than a missing tool would fail again.
  return record.lacking === "compiler" && missingTools().length === 0;
}

/** Builds if anything changed; `force` tries again what failed. Tells what it found, and never throws. */
export async function buildRecogniser({ force = false } = {}): Promise<BuildRecord> {
  return locked(join(MODULES, ".recogniser.lock"), async () => {
    const before = readRecord();
    if (before && !needsBuild(before) && (before.ok || !force)) return before;
    const record = await build();
    const model = await checkShippedModel();
    if (model && !model.ok) console.log(`${SHIPPED_MODEL.file} does not have its published checksum: fetch it again`);
    const remembered: BuildRecord = model ? { ...record, model } : record;
    writeFileSync(`${BUILD_RECORD}.new`, JSON.stringify(remembered, null, 2));
    renameSync(`${BUILD_RECORD}.new`, BUILD_RECORD);
    if (!record.ok) console.log(`speech recognition is off: ${record.why}`);
    return remembered;
  });
}

async function build(): Promise<BuildRecord> {
  const version = versionOf("smart-whisper");
  const flags = compilerFlags();
  const key = `${version} ${process.platform} ${process.arch} ${flags}`;
  const failed = (lacking: BuildRecord["lacking"], why: string): BuildRecord => ({
    ok: false,
    why,
    key,
    flags,
    ...(lacking ? { lacking } : {}),
  });
  if (!version) return failed("package", "the package smart-whisper is not installed; run: bun install");
  const tools = missingTools();
  if (tools.length > 0) return failed("compiler", `${tools.join(", ")} missing; get it with: ${howToGet(tools)}`);

  console.log("building the recogniser for this CPU (about half a minute)…");
  const started = performance.now();
  const why = await compile(flags).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (why) return failed("build", `the build failed (${why}); try again with: bun scripts/build_recogniser.ts`);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  console.log(`the recogniser is built (${seconds} s, ${flags})`);
  return { ok: true, why: "", key, flags, seconds };
}

/** Compiles in a place of its own: gyp cannot do it in a path with spaces, and a half-built addon is never in place. */
async function compile(flags: string): Promise<string | null> {
  const place = mkdtempSync(join(/\s/.test(tmpdir()) ? "/tmp" : tmpdir(), "recogniser-"));
  try {
    const source = join(place, "node_modules/smart-whisper");
    for (const name of ["smart-whisper", "node-addon-api"]) {
      const from = realpathSync(join(MODULES, name));
      const filter = (file: string) => file !== join(from, "build");
      cpSync(from, join(place, "node_modules", name), { recursive: true, filter });
    }
    const node = nodeFor(place);
    const headers = headersOf(node.path);
    const log = join(place, "build.log");
    const gyp = Bun.spawn([node.path, join(MODULES, "node-gyp/bin/node-gyp.js"), "rebuild"], {
      cwd: source,
      env: {
        ...process.env,
        PATH: `${dirname(node.path)}:${process.env.PATH ?? ""}`,
        // whisper.cpp asks for glibc's own functions without saying so, which GCC 14 and later refuse.
        CFLAGS: `${flags} -D_GNU_SOURCE`,
        CXXFLAGS: flags,
        // What the machine happens to have must not decide: its BLAS often lacks what a build needs.
        COMPUTE_BACKEND: process.platform === "darwin" ? "accelerate" : "cpu",
        JOBS: "max",
        ...(headers ? { npm_config_nodedir: headers } : {}),
      },
      stdin: "ignore",
      stdout: Bun.file(log),
      stderr: Bun.file(`${log}.2`),
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    const code = await gyp.exited;
    const built = join(source, "build/Release/smart-whisper.node");
    if (code !== 0 || !existsSync(built)) return reasonIn(await readLogs(log));
    mkdirSync(dirname(ADDON), { recursive: true });
    copyFileSync(built, `${ADDON}.new`);
    chmodSync(`${ADDON}.new`, 0o755);
    renameSync(`${ADDON}.new`, ADDON);
    return null;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const readLogs = async (log: string) =>
  (
    await Promise.all(
      [log, `${log}.2`].map((file) =>
        Bun.file(file)
          .text()
          .catch(() => ""),
      ),
    )
  ).join("\n");

/** gyp asks a program called `node` a few questions; Bun answers them as well where there is no Node. */
function nodeFor(place: string): { path: string } {
  // `bun run` may put a link of its own called node first on the PATH, which is Bun too.
  const found = Bun.which("node");
  if (found) return { path: found };
  const folder = join(place, "bin");
  mkdirSync(folder);
  symlinkSync(process.execPath, join(folder, "node"));
  return { path: join(folder, "node") };
}

/** Where Node's headers lie on this machine; without them node-gyp downloads them. */
function headersOf(node: string): string | undefined {
  if (process.env.npm_config_nodedir) return process.env.npm_config_nodedir;
  const prefixes = [resolve(realpathSync(node), "../.."), "/usr", "/usr/local"];
  const complete = (prefix: string) =>
    ["node.h", "common.gypi"].every((file) => existsSync(join(prefix, "include/node", file)));
  return prefixes.find(complete);
}

function reasonIn(log: string): string {
  const lines = log.split("\n").map((line) => line.trim());
  const telling = [/fatal error:|\berror:/, /gyp ERR! stack \w*Error:/, /gyp ERR!/];
  for (const pattern of telling) {
    const line = lines.find((text) => pattern.test(text));
    if (line) return line.replace(/^gyp ERR! (stack )?/, "").slice(0, 200);
  }
  return "no reason given";
}

if (import.meta.main) {
  try {
    await buildRecogniser({ force: true });
  } catch (error) {
    // An install never fails for want of speech recognition.
    console.log(`speech recognition is off: ${error instanceof Error ? error.message : error}`);
  }
}
