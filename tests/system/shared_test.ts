import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { classroom, clip, newLearner } from "../support/classroom.ts";
import { startCluster } from "../support/cluster.ts";
import { type Api, api, startServer } from "../support/live.ts";
import { startPostgres } from "../support/postgres.ts";
import { figure } from "../support/prove.ts";
import { startRedis } from "../support/redis.ts";

// What several processes are together: one school, with one limit, one sign-in and one stream of news.

const LIMITED = "/api/v1/limited";

test("a limit, a logout and a notice hold on every process", async () => {
  await using cluster = await startCluster(["api", "api", "worker"], {}, "tests/support/limited_host.ts");
  const [one, two] = cluster.apis.map(({ url }) => url);
  if (!one || !two) throw new Error("two processes were started");
  const room = await classroom({ url: one }, { kind: "oral" });
  const there = api(two, room.learner.token);

  const calls = Array.from({ length: 100 }, (_, i) => (i % 2 ? room.learner : there).get(LIMITED));
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  const passed = statuses.filter((status) => status === 200).length;
  figure("30 a minute, one user, 100 calls at once on two processes: passed", String(passed), "30");
  expect(passed).toBe(30);
  expect(statuses.filter((status) => status === 429)).toHaveLength(70);
  // Another user has a limit of their own, and it too is one for both.
  const other = await newLearner(one, room.admin, room.courseId);
  expect((await other.get(LIMITED)).headers.get("ratelimit-remaining")).toBe("29");
  expect((await api(two, other.token).get(LIMITED)).headers.get("ratelimit-remaining")).toBe("28");

  const streams = await Promise.all([one, two].map((url) => firstNotice(api(url, room.learner.token))));
  const { body } = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
    audio_file: await clip("goforward.wav"),
  });
  const notices = await Promise.all(streams.map(({ notice }) => notice));
  const late = notices.map(({ created_at, came }) => came - Date.parse(created_at));
  figure("a worker's notice reaches the streams of both processes after", `${late.join(" and ")} ms`, "1000 ms");
  for (const { params } of notices) expect(params.submission_id).toBe(body.id);
  for (const ms of late) expect(ms).toBeLessThan(1000);

  expect((await there.get("/api/v1/users/me")).status).toBe(200);
  expect((await room.learner.post("/api/v1/logout")).status).toBe(200);
  const refused = await there.get("/api/v1/users/me");
  figure("after a logout on one process, the next call on the other", String(refused.status), "401");
  expect(refused.status).toBe(401);

  // One id from the call to the last step of its job, in the lines of two processes.
  const requestId = "call-of-this-test";
  const again = await other.form(
    `/api/v1/homework/${room.homeworkId}/submit-oral`,
    { audio_file: await clip("goforward.wav") },
    { "x-request-id": requestId },
  );
  expect(again.status).toBe(202);
  const [worker] = cluster.workers;
  for (let i = 0; i < 300 && !worker?.server.output().includes(requestId); i++) await Bun.sleep(50);
  const lines = (worker?.server.output() ?? "").split("\n").filter((line) => line.includes(requestId));
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["job done"]);
  expect(cluster.apis.some(({ server }) => server.output().includes(`"request_id":"${requestId}"`))).toBe(true);
}, 120_000);

/** Opens the stream of notices; resolves once it stands, with the first notice that will come. */
async function firstNotice(who: Api) {
  const base = who.url;
  const answer = await fetch(`${base}/api/v1/notifications/stream`, {
    headers: { authorization: `Bearer ${who.token}` },
  });
  const reader = answer.body?.getReader();
  if (!reader) throw new Error("no stream");
  const decoder = new TextDecoder();
  let text = "";
  const read = async (until: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = until.exec(text);
      if (found) return found;
      const { value, done } = await reader.read();
      if (done) throw new Error("the stream ended");
      text += decoder.decode(value, { stream: true });
    }
  };
  await read(/retry:/);
  const notice = read(/data: (.*)\n/).then(async ([, data = ""]) => {
    const came = Date.now();
    await reader.cancel();
    return { ...JSON.parse(data), came };
  });
  return { notice };
}

test("ten processes that start at once on an empty database: one migrates, all come up", async () => {
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, DISABLE_WHISPER: "1" };
  const UPLOAD_DIR = await mkdtemp(join(tmpdir(), "uploads-"));
  const start = Date.now();
  const servers = await Promise.all(Array.from({ length: 10 }, () => startServer({ env: { ...env, UPLOAD_DIR } })));
  const seconds = (Date.now() - start) / 1000;
  const pool = new Pool({ connectionString: postgres.url });
  try {
    const { rows } = await pool.query("select name from kysely_migration");
    const migrations = [...new Bun.Glob("*.ts").scanSync("migrations")];
    expect(rows).toHaveLength(migrations.length);
    expect((await pool.query("select from users")).rowCount).toBe(1);
    const migrated = servers.filter((server) => server.output().includes("migrations applied"));
    figure(
      "ten processes started at once on an empty database",
      `${migrated.length} migrated, ${servers.length} up within ${seconds.toFixed(1)} s`,
      "1 migrated, 10 up",
    );
    expect(migrated).toHaveLength(1);
    // They are one school: a sign-in of one counts on all.
    const { token } = await api(servers[0]?.url ?? "").login();
    for (const { url } of servers) expect((await api(url, token).get("/api/v1/users/me")).status).toBe(200);
    // One that would put its uploads elsewhere is no part of it; its own folder does not exist yet.
    await expect(startServer({ env })).rejects.toThrow(
      /Cannot start: UPLOAD_DIR \S+: these are not the uploads of the other processes/,
    );
  } finally {
    await pool.end();
    await Promise.all(servers.map((server) => server.stop()));
    await rm(UPLOAD_DIR, { recursive: true, force: true });
  }
}, 120_000);
