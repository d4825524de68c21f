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

/** Files into a store that holds no others; what was put is taken away again when it was for nothing. */
export function intoStore(fileStore: FileStore): Pick<Target, "expect" | "undo"> {
  const put: string[] = [];
  return {
    expect: async (files: readonly FileRow[]) => {
      const wanted = new Set(files.map(({ key }) => key));
      // What begins with a dot is the server's own and passes.
      const there = (await fileStore.list()).map(({ key }) => key).filter((key) => !key.startsWith("."));
      const [other] = there.filter((key) => !wanted.has(key));
      if (other !== undefined)
        throw new Error(`the uploads are not empty: there is ${other}. Take another UPLOAD_DIR, or move them away`);
      const known = new Set(there);
      return async ({ key }, bytes) => {
        if (!known.has(key)) put.push(key);
        await fileStore.put(key, bytes);
      };
    },
    undo: async () => {
      for (const key of put) await fileStore.remove(key).catch(() => {});
    },
  };
}
