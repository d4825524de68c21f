import { readArchive } from "./adapters/archive/read.ts";
import type { FileRow } from "./adapters/postgres/copy.ts";
import type { FileStore } from "./application/ports/files.ts";
import { notes, summary } from "./backup.ts";
import type { Config } from "./config.ts";
import { type Filled, fill, type Report, type Target } from "./fill.ts";
import { openSchool } from "./school.ts";

/** Makes the empty school of these settings the one in the backup; gives what to say of it. */
export async function restore(config: Config, file: string, report: Report): Promise<string> {
  await firstPart(file);
  const { connection, fileStore, replaceSecret } = await openSchool(config);
  try {
    const filled = await connection.patiently((db) => {
      const target = { db, checkRoom: connection.checkRoom, replaceSecret, ...intoStore(fileStore) };
      return fill(target, file, readArchive(file), report);
    });
    const { version, created_at } = filled.manifest;
    return [
      `restored: ${summary(filled)}`,
      `made by version ${version} at ${created_at}`,
      ...notes(filled),
      ...secretNote(config, filled),
    ].join("\n");
  } finally {
    await connection.close();
  }
}

/** What is no backup is told before anything is opened, or made. */
export async function firstPart(file: string): Promise<void> {
  for await (const _ of readArchive(file)) return;
}

const secretNote = ({ SECRET_KEY }: Config, { secret }: Filled): string[] =>
  SECRET_KEY !== undefined && SECRET_KEY !== secret
    ? ["SECRET_KEY is set to another one than it was: everybody signs in again, and signed addresses end"]
    : [];

/** Lies among the uploads while a restore puts files there: what a killed one left may be put again. */
const BEGUN = ".restoring";
/** Of a school that is at work there; see uploads.ts. */
const IN_USE = ".school";

/** Files into a store that holds none; what was put is taken away again when it was for nothing. */
export function intoStore(fileStore: FileStore): Pick<Target, "expect" | "undo" | "done"> {
  const put: string[] = [];
  return {
    expect: async (files: readonly FileRow[]) => {
      const wanted = new Set(files.map(({ key }) => key));
      const all = (await fileStore.list()).map(({ key }) => key);
      const isAgain = all.includes(BEGUN);
      // What else begins with a dot is the server's own and passes.
      const there = all.filter((key) => !key.startsWith("."));
      const other = all.includes(IN_USE) ? IN_USE : there.find((key) => !isAgain || !wanted.has(key));
      if (other !== undefined)
        throw new Error(`the uploads are not empty: there is ${other}. Take another UPLOAD_DIR, or move them away`);
      await fileStore.put(BEGUN, new TextEncoder().encode(new Date().toISOString()));
      put.push(BEGUN, ...there);
      return async ({ key }, bytes) => {
        put.push(key);
        await fileStore.put(key, bytes);
      };
    },
    undo: async () => {
      for (const key of put) await fileStore.remove(key).catch(() => {});
    },
    done: () => fileStore.remove(BEGUN),
  };
}
