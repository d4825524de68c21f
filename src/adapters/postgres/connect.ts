import { existsSync } from "node:fs";
import { mkdir, rename, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import { AppError } from "../../domain/errors.ts";
import { own } from "./own.ts";

/** Columns carry the records' own field names, and the stores name their tables: nothing is typed twice. */
export type Database = Record<string, never>;

// The same values from both drivers: int8 is a number, a timestamp is ISO text.
const INT8 = 20;
const TIMESTAMPTZ = 1184;
const toIso = (text: string) => new Date(text).toISOString();

export type Connection = {
  readonly db: Kysely<Database>;
  /** Refuses with `storage_full` where writing could run out of room. */
  checkRoom?: () => Promise<void>;
  /** Connections, and callers that wait for one; only where there is a pool. */
  poolState?: () => { total: number; idle: number; waiting: number };
  close(): Promise<void>;
};

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
  const poolState = () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount });
  return { db, poolState, close: () => db.destroy() };
}

async function embedded(place: string): Promise<Connection> {
  const inMemory = place.startsWith("memory:");
  if (!inMemory) await mkdir(dirname(place), { recursive: true });
  const release = inMemory ? () => {} : await own(place);
  const { PGlite } = await import("@electric-sql/pglite");
  const open = (at: string) => PGlite.create(at, { parsers: { [INT8]: Number, [TIMESTAMPTZ]: toIso } });
  if (!inMemory && !existsSync(place)) {
    // Made aside and renamed into place: half a database, left by a kill, could never be opened again.
    const draft = `${place}.new`;
    await rm(draft, { recursive: true, force: true });
    await (await open(draft)).close();
    await rename(draft, place);
  }
  const pglite = await open(place);
  const db = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
    ...(inMemory ? {} : { checkRoom: roomIn(dirname(place)) }),
    close: async () => {
      await db.destroy();
      release();
    },
  };
}

/** The next segment of Postgres' log takes 16 MB at once; without it the process would hang, not fail. */
const LEAST_ROOM = 64 * 1024 * 1024;
const REMEMBERED_MS = 1000;

function roomIn(folder: string): () => Promise<void> {
  let looked = Number.NEGATIVE_INFINITY;
  let room = 0;
  return async () => {
    if (performance.now() - looked > REMEMBERED_MS) {
      const { bavail, bsize } = await statfs(folder);
      [looked, room] = [performance.now(), bavail * bsize];
    }
    if (room < LEAST_ROOM) throw new AppError("storage_full");
  };
}
