import { type Kysely, sql } from "kysely";
import type { Ports, Stores, Transaction } from "../../application/ports/mod.ts";
import { AppError } from "../../domain/errors.ts";
import type { Database } from "./connect.ts";
import { postgresQuotas } from "./quotas.ts";
import {
  postgresConversations,
  postgresHomeworks,
  postgresPronunciationAttempts,
  postgresSessions,
  postgresSubmissions,
  postgresTable,
} from "./tables.ts";

/** Every stored port, bound to one connection or one transaction. */
const stores = (db: Kysely<Database>): Stores => ({
  users: postgresTable(db, "users"),
  sessions: postgresSessions(db),
  refreshTokens: postgresTable(db, "refresh_tokens"),
  tickets: postgresTable(db, "tickets"),
  courses: postgresTable(db, "courses"),
  enrolments: postgresTable(db, "enrolments"),
  lessons: postgresTable(db, "lessons"),
  homeworks: postgresHomeworks(db),
  assignments: postgresTable(db, "assignments"),
  submissions: postgresSubmissions(db),
  submissionEvents: postgresTable(db, "submission_events"),
  grades: postgresTable(db, "grades"),
  files: postgresTable(db, "files"),
  notices: postgresTable(db, "notices"),
  jobs: postgresTable(db, "jobs"),
  audit: postgresTable(db, "audit"),
  answers: postgresTable(db, "answers"),
  avatars: postgresTable(db, "avatars"),
  conversations: postgresConversations(db),
  messages: postgresTable(db, "messages"),
  quotas: postgresQuotas(db),
  spendings: postgresTable(db, "spendings"),
  phrases: postgresTable(db, "phrases"),
  practiceSessions: postgresTable(db, "practice_sessions"),
  pronunciationAttempts: postgresPronunciationAttempts(db),
});

// Two transactions that waited for each other, or could not be put in any order: the loser's work is done again.
const TRY_AGAIN = new Set(["40P01", "40001"]);
const TRIES = 4;

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

async function transact<T>(db: Kysely<Database>, work: (stores: Transaction) => Promise<T>, tries = TRIES): Promise<T> {
  try {
    return await db.transaction().execute((tx) =>
      work({
        ...stores(tx),
        lock: async (name, { shared = false } = {}) => {
          const take = sql.raw(shared ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock");
          await sql`select ${take}(hashtextextended(${name}, 0))`.execute(tx);
        },
      }),
    );
  } catch (error) {
    if (tries > 1 && TRY_AGAIN.has(String(codeOf(error)))) return transact(db, work, tries - 1);
    // A row that another one was to refer to has gone meanwhile.
    if (codeOf(error) === "23503") throw new AppError("not_found", {}, { cause: error });
    throw error;
  }
}

export function postgresPorts(
  db: Kysely<Database>,
  checkRoom = async () => {},
): Stores & Pick<Ports, "atomically" | "checkDatabase"> {
  return {
    ...stores(db),
    atomically: async (work) => {
      await checkRoom();
      return transact(db, work);
    },
    checkDatabase: async () => {
      await checkRoom();
      await sql`select 1`.execute(db);
    },
  };
}
