import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";

const NAME = "secret_key";

/** The secret that every process on this database signs with, where one is stored; null before the table is made too. */
export async function sharedSecret(db: Kysely<Database>): Promise<string | null> {
  const found = await sql<{ there: boolean }>`select to_regclass('secrets') is not null as there`.execute(db);
  if (!found.rows[0]?.there) return null;
  const { rows } = await sql<{ value: string }>`select value from secrets where name = ${NAME}`.execute(db);
  return rows[0]?.value ?? null;
}

/** The stored one; where there is none, the made one is stored. Of processes that start at once, the first one's holds. */
export async function ensureSharedSecret(db: Kysely<Database>, make: () => Promise<string>): Promise<string> {
  const known = await sharedSecret(db);
  if (known !== null) return known;
  await sql`insert into secrets (name, value) values (${NAME}, ${await make()}) on conflict do nothing`.execute(db);
  const stored = await sharedSecret(db);
  if (stored === null) throw new Error("the secret that was stored in the database is not there");
  return stored;
}

/** Puts a secret in the place of the stored one. */
export async function replaceSharedSecret(db: Kysely<Database>, value: string): Promise<void> {
  await sql`insert into secrets (name, value) values (${NAME}, ${value})
    on conflict (name) do update set value = excluded.value`.execute(db);
}
