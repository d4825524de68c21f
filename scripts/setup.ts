import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// Run first by every script of package.json: installs what is missing, and is out of the way at once where nothing is.
// Imports nothing from node_modules, which may not be there. `--production` leaves out what only development needs;
// `--dev` is not content with that.

const ROOT = resolve(import.meta.dir, "..");
const STAMP = join(ROOT, "node_modules/.setup.json");
const asked = process.argv.slice(2);
const production = asked.includes("--production");

type Stamp = { key: string; production: boolean };

function currentKey(): string {
  const { dependencies, devDependencies, optionalDependencies, trustedDependencies, overrides } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  const wanted = [dependencies, devDependencies, optionalDependencies, trustedDependencies, overrides];
  const lock = readFileSync(join(ROOT, "bun.lock"), "utf8");
  return `${Bun.version} ${process.platform} ${process.arch} ${Bun.hash(JSON.stringify(wanted) + lock).toString(36)}`;
}

function installed(): boolean {
  try {
    const stamp: Stamp = JSON.parse(readFileSync(STAMP, "utf8"));
    return stamp.key === currentKey() && !(stamp.production && asked.includes("--dev"));
  } catch {
    return false;
  }
}

async function install(): Promise<boolean> {
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
  const [out, err, code] = await Promise.all([bun.stdout.text(), bun.stderr.text(), bun.exited]);
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

async function setup(): Promise<boolean> {
  if (!installed()) {
    mkdirSync(join(ROOT, "node_modules"), { recursive: true });
    const { locked } = await import("./lock.ts");
    const done = await locked(
      join(ROOT, "node_modules/.setup.lock"),
      async () => {
        if (installed()) return true;
        if (!(await install())) return false;
        writeFileSync(`${STAMP}.new`, JSON.stringify({ key: currentKey(), production } satisfies Stamp));
        renameSync(`${STAMP}.new`, STAMP);
        return true;
      },
      () => console.log("another start is installing; waiting for it…"),
    );
    if (!done) return false;
  }
  try {
    await recogniserIsDue();
  } catch (error) {
    console.log(`speech recognition is off: ${error instanceof Error ? error.message : error}`);
  }
  return true;
}

if (!(await setup())) process.exit(1);
