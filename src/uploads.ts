import { ensureSecretOf } from "./adapters/postgres/secret.ts";
import type { School } from "./school.ts";

/** Lies among the uploads, and says in which database they are known. */
const MARK = ".school";
/** Of processes that start at once, one writes the mark, and the others wait for it. */
const WAIT_MS = 5000;

/**
 * Refuses a place of uploads that is not the one of the other processes on this database: what one takes in, another
 * could not find, and would call it lost. The first process of all marks the place.
 */
export async function sameUploads({ fileStore, connection }: School, place: string): Promise<void> {
  const read = async () => (await fileStore.get(MARK))?.text() ?? null;
  const found = await read();
  const own = found ?? crypto.randomUUID();
  const mark = await ensureSecretOf(connection.db, "uploads", async () => own);
  if (found === mark) return;
  if (found === null && own === mark) return fileStore.put(MARK, new TextEncoder().encode(mark));
  for (const until = Date.now() + WAIT_MS; Date.now() < until; await Bun.sleep(100))
    if ((await read()) === mark) return;
  throw new Error(
    `${place}: these are not the uploads of the other processes on this database. Let all of them use one shared ` +
      `folder, or a bucket by S3_ENDPOINT; if the uploads were moved here, move the file ${MARK} with them ` +
      `(it should hold ${mark})`,
  );
}
