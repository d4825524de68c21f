import { type Kysely, sql } from "kysely";
import { connect, type Database } from "../../src/adapters/postgres/connect.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";

// Booting Postgres takes seconds and emptying it takes milliseconds, so a test run boots once.
const { db } = await connect("memory://");
await migrate(db);
/** The database, emptied, ids counting from 1 again. */
export async function emptied(db: Kysely<Database>): Promise<Kysely<Database>> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`.execute(db);
  const tables = sql.join(rows.map(({ name }) => sql.table(name)));
  await sql`truncate ${tables} restart identity cascade`.execute(db);
  return db;
}

/** The database that the whole run shares, emptied. */
export const freshDatabase = () => emptied(db);
