import { createHash } from "node:crypto";
import { type End, FORMAT, type Manifest, type Part } from "./adapters/archive/parts.ts";
import type { Connection } from "./adapters/postgres/connect.ts";
import { type FileRow, filesOf, firstFilled, openFilling } from "./adapters/postgres/copy.ts";
import { alone, appliedMigrations, knownMigrations, migrateUpTo } from "./adapters/postgres/migrate.ts";

type Db = Connection["db"];

/** Told often how far the work is. */
export type Report = (progress: string) => void;

export type Target = {
  readonly db: Db;
  readonly checkRoom?: (() => Promise<void>) | undefined;
  /** Told what files are to come, and may refuse; gives what takes them in, one by one. */
  expect(files: readonly FileRow[]): Promise<(file: FileRow, bytes: Uint8Array) => Promise<void>>;
  replaceSecret(tx: Db, secret: string): Promise<void>;
  /** The rows will not be there: takes files away again. */
  undo?(): Promise<void>;
  /** The rows are there. */
  done?(): Promise<void>;
};

export type Filled = {
  readonly manifest: Manifest;
  readonly secret: string;
  readonly end: End;
};

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Makes an empty database the school that the parts tell of, whatever version they are of, in one transaction: when it
 * throws, the database is as it was. `name` is what the parts are read from, for whoever reads the error.
 */
export async function fill(target: Target, name: string, parts: AsyncIterable<Part>, report: Report): Promise<Filled> {
  const source = reader(name, parts);
  try {
    // Held against a server that starts meanwhile: it would make its first superuser.
    const filled = await alone(target.db, (connection) =>
      connection.transaction().execute((tx) => fillIn(tx, target, source, report)),
    );
    await target.done?.();
    return filled;
  } catch (error) {
    await target.undo?.();
    throw error;
  } finally {
    await source.close();
  }
}

async function fillIn(tx: Db, target: Target, source: Reader, report: Report): Promise<Filled> {
  const { manifest } = await source.take("manifest");
  const { secret } = await source.take("secret");
  await checkTarget(tx, manifest);
  await migrateUpTo(tx, manifest.migrations.at(-1));
  await takeRows(tx, target, source, manifest, report);
  const end = await takeFiles(tx, target, source, report);
  // An archive's checksum comes after its last part.
  await source.ended();
  await migrateUpTo(tx);
  await target.replaceSecret(tx, secret);
  return { manifest, secret, end };
}

async function checkTarget(tx: Db, { format, version, migrations }: Manifest): Promise<void> {
  const known = await knownMigrations();
  if (format > FORMAT || !migrations.every((name) => known.includes(name)))
    throw new Error(`it was made by a newer version of this server (${version}): take that one, or a later one`);
  const filled = await firstFilled(tx);
  if (filled)
    throw new Error(
      `the database is not empty: there are ${filled}. Take one that no server has been started on: another DATA_DIR, or a new database in DATABASE_URL`,
    );
  const newer = (await appliedMigrations(tx)).filter((name) => !migrations.includes(name));
  if (newer.length > 0)
    throw new Error(
      `the database is newer than what is to come into it: it has ${newer.join(", ")}. Take one that has had no migration`,
    );
}

async function takeRows(tx: Db, target: Target, source: Reader, manifest: Manifest, report: Report): Promise<void> {
  const filling = await openFilling(tx);
  if (!filling.fits(manifest.tables)) throw source.damaged("its tables are not those of its version");
  const all = manifest.tables.reduce((sum, { rows }) => sum + rows, 0);
  let taken = 0;
  for await (const { table, lines } of source.all("rows")) {
    await target.checkRoom?.();
    await filling.insert(table, lines).catch((error: unknown) => {
      throw isAboutData(error) ? source.damaged(`rows of ${table} do not fit in: ${error.message}`) : error;
    });
    taken += lines.length;
    report(`rows: ${taken} of ${all}`);
  }
  for (const content of manifest.tables) {
    const rows = await filling.count(content.name);
    if (rows !== content.rows) throw source.damaged(`${content.name} has ${rows} rows and should have ${content.rows}`);
    await filling.countOn(content);
  }
}

/** Postgres' classes of errors for values and for what values must be to each other. */
const isAboutData = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && /^2[23]/.test(String(error.code));

async function takeFiles(tx: Db, target: Target, source: Reader, report: Report): Promise<End> {
  const rows = new Map((await filesOf(tx)).map((row) => [row.key, row]));
  for (const key of rows.keys()) if (!isKey(key)) throw source.damaged(`${JSON.stringify(key)} is no name for a file`);
  const put = await target.expect([...rows.values()]);
  const left = new Set(rows.keys());
  const damaged = new Set<string>();
  let bytes = 0;
  for await (const file of source.all("file")) {
    const row = rows.get(file.key);
    if (!row || !left.delete(file.key))
      throw source.damaged(`${JSON.stringify(file.key)} is in no row, or there twice`);
    if (file.bytes.length !== row.size || sha256Of(file.bytes) !== row.sha256) damaged.add(file.key);
    await put(row, file.bytes);
    bytes += file.bytes.length;
    report(`files: ${rows.size - left.size} of ${rows.size}`);
  }
  const { end } = await source.take("end");
  // What it says of itself must be so: files that were lost or broken before are known to it, others are its own loss.
  for (const key of left.symmetricDifference(new Set(end.missing)))
    throw source.damaged(`the file ${key} is not in it`);
  for (const key of damaged.symmetricDifference(new Set(end.damaged)))
    throw source.damaged(`the file ${key} is not what its checksum says`);
  if (bytes !== end.bytes) throw source.damaged("its files are not of the size they were");
  return end;
}

/** A path below the uploads, that leads nowhere else. */
const isKey = (key: string) => key.split("/").every((step) => /^[\w.-]+$/.test(step) && !step.startsWith("."));

type Reader = ReturnType<typeof reader>;

/** Parts in the order in which they must come. */
function reader(name: string, parts: AsyncIterable<Part>) {
  const source = parts[Symbol.asyncIterator]();
  let ahead: Part | null | undefined;
  const peek = async () => {
    if (ahead === undefined) {
      const { value, done } = await source.next();
      ahead = done ? null : value;
    }
    return ahead;
  };
  const damaged = (why: string) => new Error(`${name} is damaged: ${why}`);
  const nextIf = async <K extends Part["kind"]>(kind: K) => {
    const part = await peek();
    if (!isOf(kind, part)) return null;
    ahead = undefined;
    return part;
  };
  return {
    damaged,
    take: async <K extends Part["kind"]>(kind: K) => {
      const part = await nextIf(kind);
      if (!part) throw damaged(`${kind} is not where it should be`);
      return part;
    },
    async *all<K extends Part["kind"]>(kind: K) {
      for (let part = await nextIf(kind); part; part = await nextIf(kind)) yield part;
    },
    ended: async () => {
      const part = await peek();
      if (part) throw damaged(`${part.kind} comes after its end`);
    },
    close: async () => void (await source.return?.()),
  };
}

const isOf = <K extends Part["kind"]>(kind: K, part: Part | null): part is Extract<Part, { kind: K }> =>
  part?.kind === kind;
