import { version } from "../package.json";
import { type End, FORMAT, type Manifest, type Part } from "./adapters/archive/parts.ts";
import { writeArchive } from "./adapters/archive/write.ts";
import type { Connection } from "./adapters/postgres/connect.ts";
import { type FileRow, openSnapshot } from "./adapters/postgres/copy.ts";
import type { FileStore } from "./application/ports/files.ts";
import { type Report, sha256Of } from "./fill.ts";
import type { School } from "./school.ts";

/**
 * Everything that a school is, read while its server goes on: the rows as they were at one moment, and then the files
 * that they name, one in memory at a time. The embedded database's only connection is held for the rows alone.
 */
export async function* partsOf(school: School, db: Connection["db"], report: Report): AsyncGenerator<Part> {
  const files = yield* rowsOf(school, db, report);
  yield* filesIn(school.fileStore, files, report);
}

async function* rowsOf(school: School, db: Connection["db"], report: Report): AsyncGenerator<Part, FileRow[]> {
  // Before the snapshot, whose connection may be the only one.
  const secret = await school.secretIn(db);
  const snapshot = await openSnapshot(db);
  try {
    const { migrations, tables } = snapshot;
    if (migrations.length === 0) throw new Error("no server has been started on this database: there is nothing in it");
    const manifest = { format: FORMAT, version, created_at: new Date().toISOString(), migrations, tables };
    yield { kind: "manifest", manifest };
    yield { kind: "secret", secret };
    const all = tables.reduce((sum, { rows }) => sum + rows, 0);
    let read = 0;
    for await (const { table, lines } of snapshot.rows()) {
      read += lines.length;
      report(`rows: ${read} of ${all}`);
      yield { kind: "rows", table, lines };
    }
    return await snapshot.files();
  } finally {
    await snapshot.close();
  }
}

async function* filesIn(fileStore: FileStore, rows: readonly FileRow[], report: Report): AsyncGenerator<Part> {
  const end = { files: 0, bytes: 0, missing: [] as string[], damaged: [] as string[] };
  for (const [i, { key, size, sha256 }] of rows.entries()) {
    const bytes = await bytesOf(fileStore, key);
    if (bytes) {
      end.files += 1;
      end.bytes += bytes.length;
      if (bytes.length !== size || sha256Of(bytes) !== sha256) end.damaged.push(key);
      yield { kind: "file", key, bytes };
    } else end.missing.push(key);
    report(`files: ${i + 1} of ${rows.length}`);
  }
  if (end.missing.length > rows.length / 2)
    throw new Error(
      `${end.missing.length} of ${rows.length} files are not among the uploads: is this the UPLOAD_DIR (or S3_BUCKET) of this school?`,
    );
  yield { kind: "end", end };
}

/** Null where the file was removed, be it while it was read. */
async function bytesOf(fileStore: FileStore, key: string): Promise<Uint8Array | null> {
  const file = await fileStore.get(key);
  if (!file) return null;
  return file.bytes().catch(async (error) => {
    if (await fileStore.get(key)) throw error;
    return null;
  });
}

type How = { report: Report; signal: AbortSignal };

/** Writes a backup of the school into a new file; gives what to say of it. */
export async function backUp(school: School, file: string, { report, signal }: How): Promise<string> {
  const told: Partial<Told> = {};
  async function* watched(parts: AsyncIterable<Part>) {
    for await (const part of parts) {
      signal.throwIfAborted();
      if (part.kind === "manifest") told.manifest = part.manifest;
      if (part.kind === "end") told.end = part.end;
      yield part;
    }
  }
  const size = await school.connection.patiently((db) =>
    writeArchive(file, watched(partsOf(school, db, report)), signal),
  );
  return [`${file} is written (${inMegabytes(size)}): ${summary(told)}`, ...notes(told)].join("\n");
}

/** What a backup says of itself. */
type Told = { manifest: Manifest; end: End };

const inMegabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** How much there is. */
export function summary({ manifest, end }: Partial<Told>): string {
  const tables = manifest?.tables ?? [];
  const rows = tables.reduce((sum, { rows }) => sum + rows, 0);
  return `${rows} rows of ${tables.length} tables, ${end?.files ?? 0} files of ${inMegabytes(end?.bytes ?? 0)}`;
}

const named = (keys: readonly string[]) => `${keys.slice(0, 3).join(", ")}${keys.length > 3 ? ", …" : ""}`;

/** What a person should look at, a line each. */
export function notes({ end }: Partial<Told>): string[] {
  const { missing = [], damaged = [] } = end ?? {};
  return [
    ...(missing.length > 0 ? [`files that were not there any more: ${missing.length} (${named(missing)})`] : []),
    ...(damaged.length > 0 ? [`FILES THAT ARE NOT WHAT WAS HANDED IN: ${damaged.length} (${named(damaged)})`] : []),
  ];
}
