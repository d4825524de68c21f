import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** What is made or fetched once on a machine, for all runs of its tests. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "oquv-platformasi");

/** A file or folder of the cache; `make` puts it into the folder it is given, under the same name. Two runs that make it at once do it twice, and either's is whole. */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(CACHE, name);
  if (existsSync(place)) return place;
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "making-"));
  try {
    await make(folder);
    await rename(join(folder, name), place).catch((error) => {
      // A folder that another run has put there meanwhile stays.
      if (!existsSync(place)) throw error;
    });
    return place;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
