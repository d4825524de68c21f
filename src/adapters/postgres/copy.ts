import { type ControlledTransaction, type Kysely, sql } from "kysely";
import { type TableShape, tablesOf } from "./catalog.ts";
import type { Database } from "./connect.ts";
import { appliedMigrations } from "./migrate.ts";

// All rows of a school, out of one database and into another, whatever its schema. Every value travels as the text that
// Postgres itself writes and reads, so that nothing is rounded on the way.

/** How far the ids of a column have been given out: those of deleted rows are not given again. */
type Counter = { readonly column: string; readonly last: string; readonly called: boolean };

/** What is to be found in a table. */
export type TableContent = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly counters: readonly Counter[];
};

/** A file of the store, as its row says. */
export type FileRow = {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Null for what is no recording. */
  readonly duration_ms: number | null;
};

/** So much text at a time: rows of a long reading are a hundred times those of a sign-in. */
const BATCH = 1024 * 1024;
const MOST_ROWS = 5000;

/** How a value is written, whatever the database or its owner prefers. */
async function speakPlainly(tx: Kysely<Database>): Promise<void> {
  await sql`set local timezone = 'UTC'`.execute(tx);
  await sql`set local datestyle = 'ISO, MDY'`.execute(tx);
  await sql`set local intervalstyle = 'postgres'`.execute(tx);
  await sql`set local extra_float_digits = 1`.execute(tx);
  await sql`set local bytea_output = 'hex'`.execute(tx);
}

/** Everything as it is at one moment, while others go on writing. It holds one connection until it is closed. */
export async function openSnapshot(db: Kysely<Database>) {
  const tx = await db.startTransaction().execute();
  const close = async () => {
    if (!tx.isCommitted && !tx.isRolledBack) await tx.rollback().execute();
  };
  try {
    await sql`set transaction isolation level repeatable read, read only`.execute(tx);
    await sql`set local statement_timeout = 0`.execute(tx);
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
    await speakPlainly(tx);
    const shapes = await tablesOf(tx);
    const tables: TableContent[] = [];
    for (const shape of shapes) tables.push(await contentOf(tx, shape));
    return {
      migrations: await appliedMigrations(tx),
      tables,
      /** Batches of rows, a line of JSON each, the referred before those that refer to them. */
      rows: () => allRows(tx, shapes),
      files: () => filesOf(tx),
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

async function contentOf(tx: Kysely<Database>, { name, columns }: TableShape): Promise<TableContent> {
  const counters: Counter[] = [];
  for (const { name: column, sequence } of columns) {
    if (sequence === null) continue;
    const { rows } = await sql<Omit<Counter, "column">>`
      select last_value::text as last, is_called as called from ${sql.raw(sequence)}`.execute(tx);
    if (rows[0]) counters.push({ column, ...rows[0] });
  }
  return { name, columns: columns.map(({ name }) => name), rows: await countOf(tx, name), counters };
}

async function countOf(tx: Kysely<Database>, table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(tx);
  return rows[0]?.n ?? 0;
}

async function* allRows(tx: ControlledTransaction<Database>, shapes: readonly TableShape[]) {
  for (const { name, columns, key } of shapes) {
    const texts = columns.map(({ name }) => sql`${sql.ref(name)}::text`);
    const order = key.length > 0 ? sql`order by ${sql.join(key.map((name) => sql.ref(name)))}` : sql``;
    await sql`declare rows_of_table no scroll cursor for
      select row_to_json(r)::text as line from (select ${sql.join(texts)} from ${sql.table(name)} ${order}) r`.execute(
      tx,
    );
    for (let count = 20; ; ) {
      const { rows } = await sql<{ line: string }>`fetch forward ${sql.raw(String(count))} from rows_of_table`.execute(
        tx,
      );
      if (rows.length === 0) break;
      const lines = rows.map(({ line }) => line);
      yield { table: name, lines };
      const length = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
      count = Math.min(MOST_ROWS, Math.max(1, Math.floor(BATCH / length)));
    }
    await sql`close rows_of_table`.execute(tx);
  }
}

/** What the rows say should be in the file store, the oldest first. */
export async function filesOf(tx: Kysely<Database>): Promise<FileRow[]> {
  return (await sql<FileRow>`select key, size, sha256, duration_ms from files order by id`.execute(tx)).rows;
}

/** The name of a table that has a row, if one has. */
export async function firstFilled(tx: Kysely<Database>): Promise<string | null> {
  for (const { name } of await tablesOf(tx)) {
    const { rows } = await sql<{ any: boolean }>`select exists (select from ${sql.table(name)}) as any`.execute(tx);
    if (rows[0]?.any) return name;
  }
  return null;
}

/** Takes rows into a transaction on an empty database whose schema is that of the rows. */
export async function openFilling(tx: Kysely<Database>) {
  await speakPlainly(tx);
  const shapes = new Map((await tablesOf(tx)).map((shape) => [shape.name, shape]));
  const shapeOf = (name: string) => {
    const shape = shapes.get(name);
    if (!shape) throw new Error(`there is no table ${name}`);
    return shape;
  };
  return {
    /** Whether these are the very tables and columns that it has. */
    fits: (tables: readonly TableContent[]) =>
      tables.length === shapes.size &&
      tables.every(
        ({ name, columns }) =>
          shapes
            .get(name)
            ?.columns.map(({ name }) => name)
            .join() === columns.join(),
      ),
    insert: async (table: string, lines: readonly string[]) => {
      const { columns } = shapeOf(table);
      const names = sql.join(columns.map(({ name }) => sql.ref(name)));
      const values = sql.join(columns.map(({ name, type }) => sql`r.${sql.ref(name)}::${sql.raw(type)}`));
      const texts = sql.join(columns.map(({ name }) => sql`${sql.ref(name)} text`));
      await sql`insert into ${sql.table(table)} (${names}) overriding system value
        select ${values} from json_to_recordset(${`[${lines.join()}]`}::text::json) as r (${texts})`.execute(tx);
    },
    count: (table: string) => countOf(tx, table),
    /** New ids go on from where the source was. */
    countOn: async ({ name, counters }: TableContent) => {
      for (const { column, last, called } of counters) {
        const sequence = shapeOf(name).columns.find(({ name }) => name === column)?.sequence;
        if (!sequence) throw new Error(`${name}.${column} has no ids to count`);
        await sql`select setval(${sequence}::regclass, ${last}::bigint, ${called})`.execute(tx);
      }
    },
  };
}
