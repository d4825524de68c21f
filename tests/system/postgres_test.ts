import { afterAll, expect, test } from "bun:test";
import { connect } from "../../src/adapters/postgres/connect.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { postgresPorts } from "../../src/adapters/postgres/mod.ts";
import { quotasContract } from "../contracts/quotas.ts";
import { atomicallyContract, schoolContract, tableContract } from "../contracts/tables.ts";
import { classroom, graded } from "../support/classroom.ts";
import { emptied } from "../support/database.ts";
import { startServer } from "../support/live.ts";
import { startPostgres } from "../support/postgres.ts";

// The same migrations, the same queries and the same contract on a real Postgres server.

const postgres = await startPostgres();
const { db, close } = await connect(postgres.url);
await migrate(db);
afterAll(async () => {
  await close();
  await postgres[Symbol.asyncDispose]();
});

const open = async () => postgresPorts(await emptied(db));
tableContract("Postgres server", open);
schoolContract("Postgres server", open);
atomicallyContract("Postgres server", open);
quotasContract("Postgres server", open);

test("a database that may only be read asks to come back with what is to be written, and is read", async () => {
  const only = new URL(postgres.url);
  only.searchParams.set("options", "-c default_transaction_read_only=on");
  const standby = await connect(only.href);
  try {
    const ports = postgresPorts(standby.db);
    const draft = { user_id: 1, created_at: new Date().toISOString(), revoked_at: null };
    await expect(ports.sessions.add(draft)).rejects.toMatchObject({ code: "not_ready" });
    expect(await ports.sessions.list({ where: {}, skip: 0, limit: 1 })).toEqual([]);
  } finally {
    await standby.close();
  }
});

test("the server keeps a hand-in in Postgres from the call to the grade", async () => {
  await emptied(db);
  await using server = await startServer({ env: { DATABASE_URL: postgres.url, DISABLE_WHISPER: "1" } });
  const room = await classroom(server);
  const audio_file = new File([await Bun.file("tests/test_data/test_audio.wav").bytes()], "a.wav");
  const { body } = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, { audio_file });
  expect(await graded(room.learner, body.id)).toMatchObject({ status: "auto_graded", grade_count: 1 });
  expect(await postgresPorts(db).submissions.find(body.id)).toMatchObject({ status: "auto_graded" });
}, 60_000);
