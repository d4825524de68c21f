import { fileURLToPath } from "node:url";
import { Glob } from "bun";
import type { Kysely } from "kysely";
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

/** Brings the database to the newest migration, or throws what stopped it; gives the names of those it applied. */
export async function migrate<S>(db: Kysely<S>): Promise<string[]> {
  const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
  return results.map(({ migrationName }) => migrationName);
}
