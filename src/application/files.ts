import type { Ports } from "./ports/mod.ts";

/** Older than any hand-in that is still on its way to its row. */
const ORPHANED_MS = 60 * 60_000;
const BATCH = 500;

/**
 * Removes what a process that died left behind: files of a hand-in that was never stored, and recordings of an account
 * that was deleted. Only what lies where hand-ins lie; gives how many there were. Where more files are unknown than
 * known, the folder belongs to another database, and nothing is touched.
 */
export const sweepFiles =
  ({ fileStore, files, clock, log }: Pick<Ports, "fileStore" | "files" | "clock" | "log">) =>
  async (): Promise<number> => {
    const before = clock.now().getTime() - ORPHANED_MS;
    const old = (await fileStore.list()).filter(
      ({ key, written }) => key.startsWith("homework/") && written.getTime() < before,
    );
    const unknown: string[] = [];
    for (let i = 0; i < old.length; i += BATCH) {
      const keys = old.slice(i, i + BATCH).map(({ key }) => key);
      const named = await files.list({ where: { key: { in: keys } }, skip: 0, limit: BATCH });
      const known = new Set(named.map(({ key }) => key));
      unknown.push(...keys.filter((key) => !known.has(key)));
    }
    if (unknown.length > old.length / 2) {
      log.warn("most uploads are unknown to this database: they are left alone", { unknown: unknown.length });
      return 0;
    }
    for (const key of unknown) await fileStore.remove(key);
    return unknown.length;
  };
