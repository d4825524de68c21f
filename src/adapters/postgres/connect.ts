import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import { own } from "./own.ts";

/** Columns carry the records' own field names, and the stores name their tables: nothing is typed twice. */
export type Database = Record<string, never>;

// The same values from both drivers: int8 is a number, a timestamp is ISO text.
const INT8 = 20;
const TIMESTAMPTZ = 1184;
const toIso = (text: string) => new Date(text).toISOString();

export type Connection = { readonly db: Kysely<Database>; close(): Promise<void> };

/** A server by its URL; `memory://` and folders run Postgres inside this process. */
export async function connect(place: string, onLost: (error: Error) => void = () => {}): Promise<Connection> {
  return /^postgres(ql)?:/.test(place) ? server(place, onLost) : embedded(place);
}

async function server(connectionString: string, onLost: (error: Error) => void): Promise<Connection> {
  const { Pool, types } = (await import("pg")).default;
  types.setTypeParser(INT8, Number);
  types.setTypeParser(TIMESTAMPTZ, toIso);
  const pool = new Pool({ connectionString, max: 10, connectionTimeoutMillis: 4000, statement_timeout: 15_000 });
  // A connection that breaks while idle must not bring the process down: the pool replaces it.
  pool.on("error", onLost);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, close: () => db.destroy() };
}

async function embedded(place: string): Promise<Connection> {
  const inMemory = place.startsWith("memory:");
  if (!inMemory) await mkdir(dirname(place), { recursive: true });
  const release = inMemory ? () => {} : await own(place);
  const { PGlite } = await import("@electric-sql/pglite");
  const pglite = await PGlite.create(place, { parsers: { [INT8]: Number, [TIMESTAMPTZ]: toIso } });
  const db = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
    close: async () => {
      await db.destroy();
      release();
    },
  };
}
