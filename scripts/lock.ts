import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

// Two starts at once must not both install. Imports nothing from node_modules: it runs before they are there.

const STALE_MS = 30 * 60_000;

/** Runs the work while no other process holds the file; what a dead process left is taken over. */
export async function locked<T>(file: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  let told = false;
  while (!take(file)) {
    if (!told) onWait();
    told = true;
    await Bun.sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  // Written aside and linked into place, so that nobody ever reads half a lock.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    clearStale(file);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function clearStale(file: string) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    const owner = readFileSync(file, "utf8");
    if (isAlive(Number(owner)) && Date.now() - statSync(file).mtimeMs < STALE_MS) return;
    renameSync(file, aside);
    // Somebody else was quicker and holds it by right: it goes back.
    if (readFileSync(aside, "utf8") !== owner) linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
