import { existsSync } from "node:fs";
import { migrate, pending } from "./adapters/postgres/migrate.ts";
import { backUp } from "./backup.ts";
import type { Config } from "./config.ts";
import { AppError } from "./domain/errors.ts";
import type { Report } from "./fill.ts";
import { say } from "./http/messages/mod.ts";
import { move } from "./move.ts";
import { restore } from "./restore.ts";
import { hasEmbedded, openDatabase, openSchool } from "./school.ts";
import { verify } from "./verify.ts";

// What a person at the machine does with a school as a whole.

export type Outcome = { readonly ok: boolean; readonly text: string };

/** The text of the work, or the sentence of what stopped it. */
export const outcomeOf = (work: Promise<string>): Promise<Outcome> =>
  work.then(
    (text) => ({ ok: true, text }),
    (error: unknown) => ({ ok: false, text: sentence(error) }),
  );

function sentence(error: unknown): string {
  // Its words are for a learner.
  if (error instanceof AppError && error.code === "storage_full") return "there is no room left on the disk";
  if (error instanceof AppError) return say(error, "en");
  return error instanceof Error ? error.message : String(error);
}

/** Opens the school without a server, writes a backup of it and closes it again. */
export async function backUpAlone(config: Config, file: string, report: Report): Promise<string> {
  if (config.DATABASE_URL === undefined && !hasEmbedded(config))
    throw new Error(`there is no school in DATA_DIR (${config.DATA_DIR}) to make a backup of`);
  const school = await openSchool(config);
  const { signal } = new AbortController();
  return backUp(school, file, { report, signal }).finally(() => school.connection.close());
}

/**
 * Writes a backup with what is given, unless the file is there already, and then tries it out; an existing one is only
 * tried out.
 */
export async function backUpAndVerify(file: string, write: () => Promise<Outcome>, report: Report): Promise<Outcome> {
  const written = existsSync(file) ? null : await write();
  if (written?.ok === false) return written;
  const { ok, text } = await outcomeOf(verify(file, report));
  const before = written?.text ?? `${file} was there already: NO NEW BACKUP IS TAKEN, it is only tried out`;
  return { ok, text: `${before}\n${text}` };
}

/** Applies the migrations that the database has not had, or only lists them. */
async function migrateOrList(config: Config, only: string | undefined): Promise<string> {
  const connection = await openDatabase(config);
  try {
    const names = only ? await pending(connection.db) : await connection.patiently(migrate);
    if (names.length === 0) return "nothing pending: the database is of this version";
    return names.map((name) => `${only ? "pending" : "applied"} ${name}`).join("\n");
  } finally {
    await connection.close();
  }
}

/** Commands that need the database for themselves, or do not mind who else has it. */
export const MAINTENANCE: Record<
  string,
  (config: Config, words: readonly string[], report: Report) => Promise<string>
> = {
  migrate: (config, [only]) => migrateOrList(config, only),
  restore: (config, [file = ""], report) => restore(config, file, report),
  move: (config, _, report) => move(config, report),
};
