import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of so many megabytes, in memory: to see what happens on one without room. Takes root to mount it. */
export async function smallDisk(megabytes: number) {
  const folder = await mkdtemp(join(tmpdir(), "small-disk-"));
  const run = (...command: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(command);
    return exitCode === 0 ? null : stderr.toString().trim();
  };
  const refusal = run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=700`, "tmpfs", folder);
  if (refusal !== null) throw new Error(`a small disk cannot be mounted, which takes root: ${refusal}`);
  const ballast = join(folder, "ballast");
  return {
    folder,
    /** Takes all the room there is, to the last block. */
    fill: () => {
      // It ends when there is no more room, with a complaint.
      run("dd", "if=/dev/zero", `of=${ballast}`, "bs=4096");
    },
    makeRoom: () => rm(ballast, { force: true }),
    [Symbol.asyncDispose]: async () => {
      run("umount", "--lazy", folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
