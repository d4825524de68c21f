import type { FileStore } from "./application/ports/files.ts";
import { notes, partsOf, summary } from "./backup.ts";
import type { Config } from "./config.ts";
import { type Filled, fill, type Report, sha256Of, type Target } from "./fill.ts";
import { intoStore } from "./restore.ts";
import { hasEmbedded, movedMark, openSchool, type School } from "./school.ts";

/**
 * Copies the embedded school into the Postgres database and the file store of these settings, and leaves it as it was;
 * gives what to say of it.
 */
export async function move(config: Config, report: Report): Promise<string> {
  if (config.DATABASE_URL === undefined) throw new Error("set DATABASE_URL to the Postgres server to move to");
  if (!hasEmbedded(config)) throw new Error(`there is no embedded database in DATA_DIR (${config.DATA_DIR})`);
  const { DATABASE_URL: _, S3_ENDPOINT: s3, ...embedded } = config;
  const source = await openSchool(embedded);
  try {
    const target = await openSchool(config);
    const filled = await copy(source, target, s3 === undefined, report).finally(() => target.connection.close());
    const { manifest, end } = filled;
    await Bun.write(movedMark(config), new Date().toISOString());
    return [
      ...manifest.tables.map(({ name, rows }) => `${name.padEnd(20)} ${rows} = ${rows}`),
      `${"files".padEnd(20)} ${end.files} = ${end.files}, every size and checksum compared`,
      `moved: ${summary(filled)}; ${config.DATA_DIR} is as it was, and starts no more: ${movedMark(config)} says that it was moved`,
      ...notes(filled),
    ].join("\n");
  } finally {
    await source.connection.close();
  }
}

function copy(source: School, target: School, sameStore: boolean, report: Report): Promise<Filled> {
  const { connection, fileStore, replaceSecret } = target;
  const files = sameStore ? nothingToCopy : intoStore(fileStore);
  return connection.patiently((db) =>
    fill(
      { ...files, db, checkRoom: connection.checkRoom, replaceSecret, expect: andReadAgain(fileStore, files.expect) },
      "the embedded school",
      partsOf(source, source.connection.db, () => {}),
      report,
    ),
  );
}

const nothingToCopy: Pick<Target, "expect" | "undo"> = { expect: async () => async () => {} };

/** Compares what the store gives back. */
const andReadAgain =
  (fileStore: FileStore, expect: Target["expect"]): Target["expect"] =>
  async (files) => {
    const put = await expect(files);
    return async (file, bytes) => {
      await put(file, bytes);
      const stored = await (await fileStore.get(file.key))?.bytes();
      if (!stored || sha256Of(stored) !== sha256Of(bytes)) throw new Error(`${file.key} was not stored as it was`);
    };
  };
