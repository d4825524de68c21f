import { fileURLToPath } from "node:url";
import { Glob } from "bun";
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

const folder = fileURLToPath(new URL("../../../migrations/", import.meta.url));

const provider = {
  async getMigrations() {
    const found: Record<string, Migration> = {};
    for await (const file of new Glob("*.ts").scan(folder))
      found[file.replace(/\.ts$/, "")] = await import(folder + file);
    return found;
  },
};

/** Every migration that this version has, the oldest first. */
export const knownMigrations = async (): Promise<string[]> => Object.keys(await provider.getMigrations()).sort();

/** Those that the database has had, the oldest first. */
export async function appliedMigrations<S>(db: Kysely<S>): Promise<string[]> {
  const found = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (!found.rows[0]?.there) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** Those that the database has not had yet; changes nothing. Throws where a newer version has been at work. */
export async function pending<S>(db: Kysely<S>): Promise<string[]> {
  const known = await knownMigrations();
  const applied = await appliedMigrations(db);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `the database was made by a newer version of this server: it has ${unknown.join(", ")}, which this one does not know; start the newer version`,
    );
  return known.filter((name) => !applied.includes(name));
}

/** They are for calls that somebody waits for. */
const LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];

/**
 * Work that only one process at a time does on this database, on one connection without the database's time limits;
 * the others wait. A process that dies frees it.
 */
export const alone = <S, T>(db: Kysely<S>, work: (connection: Kysely<S>) => Promise<T>): Promise<T> =>
  db.connection().execute(async (connection) => {
    for (const limit of LIMITS) await sql`set ${sql.raw(limit)} = 0`.execute(connection);
    await sql`select pg_advisory_lock(hashtextextended('migrations', 0))`.execute(connection);
    try {
      return await work(connection);
    } finally {
      // A connection that is lost has freed it, and its error is the one to tell.
      await sql`select pg_advisory_unlock(hashtextextended('migrations', 0))`.execute(connection).catch(() => {});
      for (const limit of LIMITS) await sql`reset ${sql.raw(limit)}`.execute(connection).catch(() => {});
    }
  });

/**
 * Applies what is pending, up to and with the named one, and gives the names: each in a transaction of its own, or all
 * in the one that is given. To be called `alone`.
 */
export async function migrateUpTo<S>(db: Kysely<S>, last?: string): Promise<string[]> {
  const due = (await pending(db)).filter((name) => last === undefined || name <= last);
  for (const name of due) {
    const { error } = await new Migrator({ db, provider }).migrateTo(name);
    if (error) throw error;
  }
  return due;
}

/**
 * Brings the database to the newest migration, or throws what stopped it; gives the names of those it applied. Any
 * number of processes may start at once: kysely's own lock comes after it has made its tables, where they collide.
 */
export const migrate = <S>(db: Kysely<S>): Promise<string[]> => alone(db, (connection) => migrateUpTo(connection));
