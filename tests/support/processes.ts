import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The processes that this one started, by number. Slim images have no `ps`, so Linux is asked itself. */
export function childrenOf(parent: number): number[] {
  if (!existsSync("/proc/self/stat")) {
    const table = Bun.spawnSync(["ps", "-A", "-o", "pid=,ppid="]).stdout.toString().trim().split("\n");
    return table
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid, of]) => (pid && of === parent ? [pid] : []));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === parent);
}

/** A zombie has ended, though its parent has not heard of it yet. */
export function isRunning(pid: number): boolean {
  if (existsSync("/proc/self/stat")) return ["Z", "X", undefined].includes(statOf(pid)?.state) === false;
  return Bun.spawnSync(["ps", "-p", String(pid)]).exitCode === 0;
}

function statOf(pid: number): { state: string | undefined; parent: number } | undefined {
  try {
    // The command stands in brackets and may hold anything.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\)\s/s, "")
      .split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Waits until it is so; false when it never was. */
export async function until(so: () => boolean, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (!so()) {
    if (Date.now() > end) return false;
    await Bun.sleep(20);
  }
  return true;
}
