import { expect, test } from "bun:test";
import { classroom, clip } from "../support/classroom.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { api, readyAs } from "../support/live.ts";
import { type Answered, mixedLoad } from "../support/load.ts";
import { figure, size } from "../support/prove.ts";

// Redis or Postgres is away, stopped or hanging, while the school is at work: each call has an answer that is written
// down, soon, and all is well again by itself.

const AWAY_MS = size(7000, 30_000);
const ANSWER_MS = 5000;
const HEALTHY_MS = 30_000;

/** What the documentation says each operation may answer. */
async function documented(url: string): Promise<(answer: Answered) => boolean> {
  const { body } = await api(url).get("/api/v1/openapi.json");
  return ({ what, status, code }) => {
    const [method = "", path = ""] = what.split(" ");
    const operation = body.paths[path][method.toLowerCase()];
    return operation.responses[status] !== undefined && (status < 400 || operation["x-errors"].includes(code));
  };
}

const healthy = async ({ places }: Cluster, withinMs: number): Promise<number> => {
  const start = Date.now();
  await Promise.all(places.map(({ url }) => readyAs(url, 200, withinMs)));
  return Date.now() - start;
};

const OUTAGES: Record<string, { away(cluster: Cluster): unknown; back(cluster: Cluster): unknown; serves: boolean }> = {
  "Redis stopped": { away: ({ redis }) => redis.stop(), back: ({ redis }) => redis.start(), serves: true },
  "Redis hanging": { away: ({ redis }) => redis.freeze(), back: ({ redis }) => redis.thaw(), serves: true },
  "Postgres stopped": {
    away: ({ postgres }) => postgres.stop(),
    back: ({ postgres }) => postgres.start(),
    serves: false,
  },
  "Postgres hanging": {
    away: ({ postgres }) => postgres.freeze(),
    back: ({ postgres }) => postgres.thaw(),
    serves: false,
  },
};

test("while Redis or Postgres is away every call is answered as documented, within 5 s", async () => {
  await using cluster = await startCluster(["api", "api", "worker", "worker"], { RATE_LIMIT_MULTIPLIER: "1000" });
  const urls = cluster.apis.map(({ url }) => url);
  const room = await classroom({ url: urls[0] ?? "" }, { kind: "mixed" });
  const isDocumented = await documented(urls[0] ?? "");
  const before = cluster.places.map(({ server }) => server.pid);

  for (const [name, { away, back, serves }] of Object.entries(OUTAGES)) {
    const load = mixedLoad(urls, room, await clip("goforward.wav"));
    await Bun.sleep(500);
    await away(cluster);
    const from = Date.now();
    await Bun.sleep(AWAY_MS);
    const down = await api(urls[0] ?? "").get("/ready");
    await back(cluster);
    const to = Date.now();
    const ms = await healthy(cluster, HEALTHY_MS);
    await Bun.sleep(1500);
    const wellAgain = Date.now();
    await Bun.sleep(1000);
    await load.stop();

    const during = load.answers.filter(({ at }) => at >= from && at < to);
    const slowest = Math.max(...load.answers.map(({ ms }) => ms));
    const counts = Object.entries(Object.groupBy(during, ({ status, code }) => `${status}${code ? ` ${code}` : ""}`));
    figure(
      `${name} for ${AWAY_MS / 1000} s under mixed load: ${during.length} answers`,
      counts.map(([kind, of]) => `${of?.length} × ${kind}`).join(", "),
      "documented ones",
    );
    figure(`${name}: the slowest answer`, `${slowest} ms`, `${ANSWER_MS} ms`);
    figure(`${name}: healthy after its return within`, `${ms} ms`, `${HEALTHY_MS} ms`);
    expect(load.answers.filter((answer) => !isDocumented(answer))).toEqual([]);
    expect(slowest).toBeLessThan(ANSWER_MS);
    expect(down.status).toBe(503);
    expect(during.length).toBeGreaterThan(20);
    // Without Redis everything goes on; without Postgres callers are asked to come back.
    expect(during.some(({ status }) => status === 503)).toBe(!serves);
    if (serves) expect(during.filter(({ status }) => status >= 500)).toEqual([]);
    const after = load.answers.filter(({ at }) => at >= wellAgain);
    expect(after.length).toBeGreaterThan(10);
    expect(after.filter(({ status }) => status >= 400)).toEqual([]);
  }
  // The same processes, all the way.
  expect(cluster.places.map(({ server }) => server.pid)).toEqual(before);
  const open = async () => (await room.admin.get("/api/v1/admin/jobs?state=queued&limit=1")).body.length as number;
  const waiting = async () => (await room.admin.get("/api/v1/admin/jobs?state=waiting&limit=1")).body.length as number;
  const start = Date.now();
  while ((await open()) + (await waiting()) > 0 && Date.now() - start < 120_000) await Bun.sleep(200);
  figure("after all four, the work that had waited ended within", `${Date.now() - start} ms`, "120 s");
  expect((await open()) + (await waiting())).toBe(0);
  const failed = await room.admin.get("/api/v1/admin/jobs?state=failed");
  expect(failed.body).toEqual([]);
}, 600_000);
