import { type Kysely, sql } from "kysely";
import type { Ports, Stores } from "../../application/ports/mod.ts";
import type { Database } from "./connect.ts";
import { postgresHomeworks, postgresSessions, postgresSubmissions, postgresTable } from "./tables.ts";

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
});

export function postgresPorts(db: Kysely<Database>): Stores & Pick<Ports, "atomically" | "checkDatabase"> {
  return {
    ...stores(db),
    atomically: (work) =>
      db.transaction().execute((tx) =>
        work({
          ...stores(tx),
          lock: async (name) => {
            await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx);
          },
        }),
      ),
    checkDatabase: async () => {
      await sql`select 1`.execute(db);
    },
  };
}
