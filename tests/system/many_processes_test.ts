import { expect, test } from "bun:test";
import { Pool } from "pg";
import { classroom, clip } from "../support/classroom.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { crowd } from "../support/crowd.ts";
import { figure, size } from "../support/prove.ts";

// Two processes that answer and two that work, over a real Postgres and a real Redis; any of the six may end at any
// moment. What was handed in is graded, once.

const ROLES = ["api", "api", "worker", "worker"] as const;
const CLIPS = ["cards-001.wav", "cards-002.wav", "goforward.wav"];
const CLIENTS = 8;
/** Long enough that there is always work under way, short enough for hundreds. */
const RECOGNITION_MS = 1500;

const clips = () => Promise.all(CLIPS.map(clip));
const between = (from: number, to: number) => from + Math.random() * (to - from);

/** Sees for each job that was begun when a worker died how long it took until somebody took it up or had ended it. */
function watchOrphans(cluster: Cluster) {
  const pool = new Pool({ connectionString: cluster.postgres.url, max: 1, connectionTimeoutMillis: 2000 });
  pool.on("error", () => {});
  type Row = { key: string; attempts: number; state: string };
  const open = async () =>
    (await pool.query<Row>("select key, attempts, state from jobs where state in ('waiting', 'queued')")).rows;
  const orphans: { key: string; attempts: number; since: number }[] = [];
  let longest = 0;
  let seen = 0;
  const look = async () => {
    const rows = new Map((await open()).map((row) => [row.key, row]));
    for (const orphan of orphans.splice(0)) {
      const row = rows.get(orphan.key);
      if (row && row.attempts <= orphan.attempts) orphans.push(orphan);
      else longest = Math.max(longest, Date.now() - orphan.since);
    }
  };
  const timer = setInterval(() => void look().catch(() => {}), 250);
  return {
    /** Before a kill: what is under way now. */
    note: async () => {
      const begun = (await open()).filter(({ attempts }) => attempts > 0);
      seen += begun.length;
      return () => orphans.push(...begun.map(({ key, attempts }) => ({ key, attempts, since: Date.now() })));
    },
    end: async () => {
      for (let i = 0; i < 240 && orphans.length > 0; i++) await Bun.sleep(250);
      clearInterval(timer);
      await pool.end();
      return { left: orphans.length, seconds: longest / 1000, seen };
    },
  };
}

test("kills -9 of any process lose nothing, and nothing is done twice", async () => {
  const [submissions, kills] = [size(40, 200), size(6, 20)];
  await using cluster = await startCluster(ROLES, {
    FAKE_RECOGNITION_MS: String(RECOGNITION_MS),
    RATE_LIMIT_MULTIPLIER: "100",
  });
  const urls = cluster.apis.map(({ url }) => url);
  const room = await classroom({ url: urls[0] ?? "" }, { kind: "oral", reference_text: "He was not ill" });
  const learners = await crowd(room, urls, CLIENTS);
  const orphans = watchOrphans(cluster);
  const handing = learners.handIn(submissions, await clips());
  for (let kill = 0; kill < kills; kill++) {
    await Bun.sleep(between(500, 1500));
    const place = cluster.places[kill % cluster.places.length];
    const noted = await orphans.note();
    await place?.kill();
    if (place?.role === "worker") noted();
    await place?.revive();
  }
  const lastKill = Date.now();
  await handing;
  const ended = (await learners.ended(120_000)) - lastKill;
  const taken = await orphans.end();
  await learners.checkOnce(submissions);

  expect(taken.seen).toBeGreaterThan(kills);
  expect(taken.left).toBe(0);
  expect(taken.seconds).toBeLessThan(60);
  expect(ended).toBeLessThan(120_000);
  figure(
    `2 api, 2 worker: ${kills} kills -9 over all four, ${taken.seen} jobs seen under way`,
    `${submissions} of ${submissions} graded once, one notice each`,
    "all, once",
  );
  figure("work of a dead worker was taken up within", `${taken.seconds.toFixed(1)} s`, "60 s");
  figure("after the last kill, all ended within", `${(ended / 1000).toFixed(1)} s`, "120 s");
  figure(
    "calls that were cut or told to wait, and repeated with their key",
    String(learners.repeats),
    "the same submissions",
  );
}, 600_000);

test("restarts of Redis, once empty, and of Postgres lose nothing, and nothing is done twice", async () => {
  const submissions = size(40, 200);
  // Half a minute apart in full, so that each finds work under way.
  const events = size(0, 1)
    ? (["redis", "postgres", "redis empty", "redis", "postgres"] as const)
    : (["redis empty", "postgres"] as const);
  await using cluster = await startCluster(ROLES, {
    FAKE_RECOGNITION_MS: String(RECOGNITION_MS),
    RATE_LIMIT_MULTIPLIER: "100",
  });
  const { redis, postgres } = cluster;
  const urls = cluster.apis.map(({ url }) => url);
  const room = await classroom({ url: urls[0] ?? "" }, { kind: "oral", reference_text: "He was not ill" });
  const learners = await crowd(room, urls, CLIENTS);
  const handing = learners.handIn(submissions, await clips());
  for (const event of events) {
    await Bun.sleep(between(3000, 5000));
    if (event === "postgres") {
      postgres.stop();
      await Bun.sleep(1500);
      postgres.start();
      continue;
    }
    await redis.stop();
    if (event === "redis empty") await redis.wipe();
    await Bun.sleep(1500);
    await redis.start();
  }
  const last = Date.now();
  await handing;
  const ended = (await learners.ended(120_000)) - last;
  await learners.checkOnce(submissions);
  expect(ended).toBeLessThan(120_000);
  for (const { server } of cluster.places) expect(server.output()).not.toContain("unhandled");
  figure(
    `2 api, 2 worker: restarted ${events.join(", ")}`,
    `${submissions} of ${submissions} graded once`,
    "all, once",
  );
  figure("after the last restart, all ended within", `${(ended / 1000).toFixed(1)} s`, "120 s");
}, 600_000);

test("the same with the real recogniser", async () => {
  const submissions = size(4, 20);
  await using cluster = await startCluster(ROLES, { DISABLE_WHISPER: "", RATE_LIMIT_MULTIPLIER: "100" });
  const urls = cluster.apis.map(({ url }) => url);
  const room = await classroom({ url: urls[0] ?? "" }, { kind: "oral", reference_text: "Go forward ten meters" });
  const learners = await crowd(room, urls, 4);
  const handing = learners.handIn(submissions, await clips());
  await Bun.sleep(2000);
  for (const place of cluster.workers) {
    await place.kill();
    await place.revive();
  }
  const last = Date.now();
  await handing;
  const ended = (await learners.ended(120_000)) - last;
  await learners.checkOnce(submissions);
  figure(`real recogniser, both workers killed once`, `${submissions} of ${submissions} graded once`, "all, once");
  figure("after the last kill, all ended within", `${(ended / 1000).toFixed(1)} s`, "120 s");
}, 600_000);
