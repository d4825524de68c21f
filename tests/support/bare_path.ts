import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PATH with these programs alone: a machine where nothing else is installed. */
export async function barePath(...programs: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bare-path-"));
  for (const program of programs) {
    const found = Bun.which(program);
    if (!found) throw new Error(`${program} is missing`);
    await symlink(found, join(folder, program));
  }
  return folder;
}
