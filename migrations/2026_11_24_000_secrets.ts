import { type Kysely, sql } from "kysely";

// biome-ignore lint/suspicious/noExplicitAny: a migration is frozen in time and must not see today's schema
export async function up(db: Kysely<any>): Promise<void> {
  // What every process of a school signs with, on whatever machine.
  await sql`create table secrets (name text primary key, value text not null)`.execute(db);
}
