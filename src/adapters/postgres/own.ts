import { Database } from "bun:sqlite";
import { AppError } from "../../domain/errors.ts";

/**
 * Takes the folder for this process alone: PGlite has no lock, and a second process ruins the data. The operating
 * system holds the lock (SQLite's own, on a file beside the data) and frees it the moment the process dies, however
 * it dies; the file next to it names the owner for whoever is refused.
 */
export async function own(folder: string): Promise<() => void> {
  const owner = Bun.file(`${folder}.owner.json`);
  const lock = new Database(`${folder}.lock`, { create: true });
  try {
    lock.exec("begin exclusive");
  } catch (cause) {
    lock.close();
    const { pid = 0, since = "?" } = await owner.json().catch(() => ({}));
    throw new AppError("database_in_use", { folder, pid, since }, { cause });
  }
  await owner.write(JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  return () => lock.close();
}
