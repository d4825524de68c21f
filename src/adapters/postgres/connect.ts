import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import { AppError } from "../../domain/errors.ts";
import { LEAST_ROOM, roomIn } from "../files/room.ts";
import { own } from "./own.ts";
import { guardedPool } from "./pool.ts";

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
  /** Work that may take long, on connections without the time limits of those that calls use. */
  patiently<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** Connections, and callers that wait for one; only where there is a pool. */
  poolState?: () => { total: number; idle: number; waiting: number };
  close(): Promise<void>;
};

/** A server by its URL; `memory://` and folders run Postgres inside this process. */
export async function connect(place: string, onLost: (error: Error) => void = () => {}): Promise<Connection> {
  return /^postgres(ql)?:/.test(place) ? server(place, onLost) : embedded(place);
}

/** Of one process: all of them together stay below the server's `max_connections`. */
const MOST_CONNECTIONS = 10;
// Whoever calls has an answer within 5 s, also where the database hangs: for a connection, for a statement, and for
// the answer of a server that says nothing at all.
const CONNECT_MS = 2000;
const STATEMENT_MS = 2500;
const ANSWER_MS = 3000;

const outlive = (client: { on(event: "error", listener: () => void): unknown }) => client.on("error", () => {});

async function server(connectionString: string, onLost: (error: Error) => void): Promise<Connection> {
  const { Pool, types } = (await import("pg")).default;
  types.setTypeParser(INT8, Number);
  types.setTypeParser(TIMESTAMPTZ, toIso);
  const pool = new Pool({
    connectionString,
    application_name: "oquv",
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    // A process that froze in a transaction lets go of what it holds.
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
  });
  // A connection that breaks must not bring the process down, neither at rest, where the pool replaces it, nor lent out
  // between two statements, where the next one finds out.
  pool.on("error", onLost);
  pool.on("connect", outlive);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: guardedPool(pool) }) });
  const patiently = async <T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T> => {
    const unlimited = new Pool({ connectionString, max: 2, connectionTimeoutMillis: CONNECT_MS, keepAlive: true });
    unlimited.on("error", onLost);
    unlimited.on("connect", outlive);
    const patient = new Kysely<Database>({ dialect: new PostgresDialect({ pool: unlimited }) });
    return work(patient).finally(() => patient.destroy());
  };
  const poolState = () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount });
  return { db, patiently, poolState, close: () => db.destroy() };
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
    // There is but one connection, and it has no limits.
    patiently: (work) => work(db),
    ...(inMemory ? {} : { checkRoom: checkRoomIn(dirname(place)) }),
    close: async () => {
      await db.destroy();
      release();
    },
  };
}

const REMEMBERED_MS = 1000;

function checkRoomIn(folder: string): () => Promise<void> {
  let looked = Number.NEGATIVE_INFINITY;
  let room = 0;
  return async () => {
    if (performance.now() - looked > REMEMBERED_MS) {
      room = await roomIn(folder);
      looked = performance.now();
    }
    if (room < LEAST_ROOM) throw new AppError("storage_full");
  };
}
