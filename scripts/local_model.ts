import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MACHINE, PACKAGE, STAMP } from "../src/adapters/ai/local_ready.ts";
import { locked } from "./lock.ts";

// Installs what LLM_PROVIDER=local runs on, the first time that it is chosen: its build for a plain processor, not those for
// graphics cards, which are seven times as much. Imports nothing from node_modules, which may not be there.

const TIMEOUT_MS = 10 * 60_000;

/** The builds that the lock names, by system and processor. */
const BUILDS: Readonly<Record<string, string>> = {
  "linux x64": "linux-x64",
  "linux arm64": "linux-arm64",
  "darwin x64": "mac-x64",
  "darwin arm64": "mac-arm64-metal",
  "win32 x64": "win-x64",
  "win32 arm64": "win-arm64",
};

const wantedStamp = () => {
  const locked = ["package.json", "bun.lock"].map((name) => readFileSync(join(PACKAGE, name), "utf8"));
  return `${MACHINE} ${Bun.hash(locked.join("")).toString(36)}`;
};

function isDone(): boolean {
  try {
    return readFileSync(STAMP, "utf8") === wantedStamp();
  } catch {
    return false;
  }
}

const textOf = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream).text();

/** Why it could not be installed, or null. */
async function install(): Promise<string | null> {
  const build = BUILDS[MACHINE];
  if (!build) return `there is no build of it for ${MACHINE}`;
  console.log("installing the local model's package (about 50 MB, once)…");
  const started = performance.now();
  // What is left out as optional are the builds for graphics cards.
  const bun = Bun.spawn([process.execPath, "install", "--frozen-lockfile", "--ignore-scripts", "--omit=optional"], {
    cwd: PACKAGE,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const [err, code] = await Promise.all([textOf(bun.stderr), bun.exited]);
  if (code !== 0) {
    const reason = err.split("\n").find((line) => line.startsWith("error:")) ?? `it ended with ${code}`;
    return `its package cannot be installed (${reason.replace(/^error: /, "").slice(0, 200)}): is the network there?`;
  }
  const builds = join(PACKAGE, "node_modules/@node-llama-cpp");
  if (!existsSync(join(builds, build))) return "there is no build of it for this system's C library";
  // As much again that no start needs: builds for other processors, and the source to build it from.
  for (const other of readdirSync(builds)) if (other !== build) rmSync(join(builds, other), { recursive: true });
  rmSync(join(PACKAGE, "node_modules/node-llama-cpp/llama/gitRelease.bundle"), { force: true });
  writeFileSync(`${STAMP}.new`, wantedStamp());
  renameSync(`${STAMP}.new`, STAMP);
  console.log(`the local model's package is installed (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return null;
}

/** Installs unless it is done. Never throws: says in one line what is missing and how to get it, and gives false. */
export async function installLocalModel(): Promise<boolean> {
  try {
    if (isDone()) return true;
    mkdirSync(join(PACKAGE, "node_modules"), { recursive: true });
    const why = await locked(
      join(PACKAGE, "node_modules/.installing.lock"),
      async () => (isDone() ? null : await install()),
      () => console.log("another start is installing the local model's package; waiting for it…"),
    );
    if (why === null) return true;
    rmSync(STAMP, { force: true });
    console.log(`the local model is off: ${why}; try again with: bun scripts/local_model.ts`);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    console.log(`the local model is off: ${why}; try again with: bun scripts/local_model.ts`);
  }
  return false;
}

if (import.meta.main && !(await installLocalModel())) process.exit(1);
