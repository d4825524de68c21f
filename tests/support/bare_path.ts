import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PATH with these programs alone: a machine where nothing else is installed. */
export async function barePath(...programs: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bare-path-"));
  for (const program of programs) {
    const found = Bun.which(program);
    if (!found) throw new Error(`${program} is missing`);
    await symlink(program === "python3" ? realPython(found) : found, join(folder, program));
  }
  return folder;
}

/** What stands on the PATH may be a script that looks for the real one by programs that are not on the bare path. */
const realPython = (found: string): string =>
  Bun.spawnSync([found, "-c", "import sys; print(sys.executable)"]).stdout.toString().trim();
