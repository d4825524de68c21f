import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";

/** What every process on this database must have alike: what they sign with, the mark of their uploads, and by which name Redis knows the school. */
type Name = "secret_key" | "uploads" | "school";

/** The value of that name, where one is stored; null before the table is made too. */
export async function storedSecretOf(db: Kysely<Database>, name: Name): Promise<string | null> {
  const found = await sql<{ there: boolean }>`select to_regclass('secrets') is not null as there`.execute(db);
  if (!found.rows[0]?.there) return null;
  const { rows } = await sql<{ value: string }>`select value from secrets where name = ${name}`.execute(db);
  return rows[0]?.value ?? null;
}

/** The stored one; where there is none, the made one is stored. Of processes that start at once, the first one's holds. */
export async function ensureSecretOf(db: Kysely<Database>, name: Name, make: () => Promise<string>): Promise<string> {
  const known = await storedSecretOf(db, name);
  if (known !== null) return known;
  await sql`insert into secrets (name, value) values (${name}, ${await make()}) on conflict do nothing`.execute(db);
  const stored = await storedSecretOf(db, name);
  if (stored === null) throw new Error(`the ${name} that was stored in the database is not there`);
  return stored;
}

/** Puts a value in the place of the stored one. */
export async function replaceSecretOf(db: Kysely<Database>, name: Name, value: string): Promise<void> {
  await sql`insert into secrets (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value`.execute(db);
}
