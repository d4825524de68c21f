import { describe, expect, test } from "bun:test";
import { promMetrics } from "../../src/adapters/system/metrics.ts";
import { createApp } from "../../src/http/app.ts";
import { metrics as feature } from "../../src/http/routes/metrics.ts";
import { readPrometheus } from "../support/prometheus.ts";
import { ADMIN, call, LEARNER, METRICS_TOKEN, post, type School, school, settled, TEACHER } from "../support/school.ts";
import { autoGraded, handIn, hears, openStream, speak } from "../support/stories.ts";

const METRICS = "/api/v1/metrics";
const STATUS = `${METRICS}/status`;
const away = () => Promise.reject(new Error("away"));
const silent = () => new Promise<never>(() => {});

/** A school whose figures are the real ones. */
const measured = (override: Parameters<typeof school>[0] = {}) => school({ metrics: promMetrics(), ...override });

const SCRAPER = { headers: { authorization: `Bearer ${METRICS_TOKEN}` } };
const JSON_WANTED = { headers: { accept: "application/json" } };

async function textOf({ app }: Pick<School, "app">, as: number | "scraper" = "scraper") {
  const authorization = as === "scraper" ? `Bearer ${METRICS_TOKEN}` : `Bearer ${as}.${as}`;
  const answer = await app.request(METRICS, { headers: { authorization } });
  expect(answer.status).toBe(200);
  return answer.text();
}
const readBy = async (ports: Pick<School, "app">, as: number | "scraper" = "scraper") =>
  readPrometheus(await textOf(ports, as));

async function figure(ports: Pick<School, "app">, family: string, labels: Record<string, string> = {}) {
  const found = (await readBy(ports)).get(family)?.samples ?? [];
  const fits = found.filter((sample) => Object.entries(labels).every(([name, word]) => sample.labels[name] === word));
  return fits.find(({ name }) => name === family || name === `${family}_count`)?.value;
}

describe("who may read the figures", () => {
  test("nobody who is not known", async () => {
    const ports = await measured();
    for (const authorization of [undefined, "Bearer wrong", `Bearer ${METRICS_TOKEN}x`, `Basic ${METRICS_TOKEN}`])
      expect(await call(ports, METRICS, undefined, authorization ? { headers: { authorization } } : {})).toMatchObject({
        status: 401,
        body: { code: "unauthenticated" },
      });
  });

  test.each([LEARNER, TEACHER])("user %p sees how the service does, and no route, part or vendor", async (as) => {
    const ports = await measured();
    await autoGraded(ports);
    await call(ports, "/api/v1/users/me", LEARNER);
    const families = await readBy(ports, as);
    expect([...families.keys()].sort()).toEqual([
      "oquv_error_ratio",
      "oquv_info",
      "oquv_jobs_waiting",
      "oquv_requests",
      "oquv_uptime_seconds",
    ]);
    expect(families.get("oquv_requests")?.samples[0]?.value).toBeGreaterThan(2);
    expect(families.get("oquv_info")?.samples).toMatchObject([{ labels: { version: "1.0.0" } }]);
    const { body } = await call(ports, METRICS, as, JSON_WANTED);
    expect(Object.keys(body).sort()).toEqual(["error_ratio", "jobs_waiting", "requests", "uptime_seconds", "version"]);
  });

  test("an admin and the scraper see all of them", async () => {
    const ports = await measured();
    await call(ports, "/api/v1/users/me", LEARNER);
    for (const as of [ADMIN, "scraper"] as const) {
      const families = await readBy(ports, as);
      for (const name of ["oquv_http_request_duration_seconds", "oquv_up", "oquv_requests", "process_open_fds"])
        expect([...families.keys()]).toContain(name);
    }
  });

  test("the scraper's bearer opens this address and no other", async () => {
    const ports = await measured();
    expect((await call(ports, METRICS, undefined, SCRAPER)).status).toBe(200);
    for (const path of ["/users/me", "/metrics/status", "/admin/jobs", "/notifications/stream"])
      expect((await call(ports, `/api/v1${path}`, undefined, SCRAPER)).status).toBe(401);
    expect((await call(ports, `${METRICS}?ticket=${METRICS_TOKEN}`)).status).toBe(401);
  });

  test("a scraper is told also while the sessions cannot be read", async () => {
    const ports = await measured();
    ports.sessions.holder = away;
    expect((await call(ports, METRICS, undefined, SCRAPER)).status).toBe(200);
  });

  test("its bearer is in no line of the log", async () => {
    const ports = await measured();
    await call(ports, METRICS, undefined, SCRAPER);
    expect(JSON.stringify(ports.log)).toContain("/metrics");
    expect(JSON.stringify(ports.log)).not.toContain(METRICS_TOKEN);
  });

  test("a flood of scrapes is slowed", async () => {
    const ports = await measured();
    const scrapes = Array.from({ length: 65 }, () => call(ports, METRICS, undefined, SCRAPER));
    expect((await Promise.all(scrapes)).filter(({ status }) => status === 429)).toHaveLength(5);
  });
});

describe("the figures", () => {
  test.each([
    ["nothing", undefined, "text/plain; version=0.0.4; charset=utf-8"],
    [
      "what Prometheus asks for",
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      "text/plain; version=0.0.4; charset=utf-8",
    ],
    ["anything", "*/*", "text/plain; version=0.0.4; charset=utf-8"],
    ["JSON", "application/json", "application/json"],
  ])("come as text or JSON: %s", async (_, accept, type) => {
    const { app } = await measured();
    const answer = await app.request(METRICS, { headers: { ...SCRAPER.headers, ...(accept ? { accept } : {}) } });
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("vary")).toContain("Accept");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("say the same in JSON", async () => {
    const ports = await measured();
    const { body } = await call(ports, METRICS, ADMIN, JSON_WANTED);
    const up = body.families.find(({ name }: { name: string }) => name === "oquv_up");
    expect(up).toMatchObject({ kind: "gauge", samples: [{ labels: { part: "database" }, value: 1 }, {}, {}] });
  });

  test("count requests by declared route and status", async () => {
    const ports = await measured();
    await call(ports, "/api/v1/users/me", LEARNER);
    await call(ports, "/api/v1/courses/1", LEARNER);
    await call(ports, "/api/v1/courses/999", LEARNER);
    const { samples = [] } = (await readBy(ports)).get("oquv_http_request_duration_seconds") ?? {};
    const counts = samples.filter(({ name }) => name.endsWith("_count"));
    expect(counts).toContainEqual(
      expect.objectContaining({ labels: { method: "GET", route: "/courses/{course_id}", status: "404" }, value: 1 }),
    );
    expect(counts.map(({ labels }) => labels.route)).toContain("/users/me");
  });

  test("do not grow by what callers make up", async () => {
    const ports = await measured();
    const lines = async () => (await textOf(ports)).split("\n").length;
    // Bun lets these through, and some thirty more.
    const methods = ["PROPFIND", "PURGE", "REBIND", "MKCOL", "TRACE"];
    const knock = async (word: string) => {
      await ports.app.request(`/api/v1/${word}`);
      await ports.app.request(`/${word}`, { headers: { "x-request-id": word, "user-agent": word } });
      await ports.app.request(`/api/v1/courses/${word.length}?q=${word}`);
      await ports.app.request("/api/v1/courses/", { method: methods[word.length % methods.length] ?? "" });
      await call(ports, "/api/v1/login/access-token", undefined, {
        method: "POST",
        body: new URLSearchParams({ username: `${word}@example.com`, password: word }),
      });
    };
    await knock("first");
    await textOf(ports);
    const before = await lines();
    for (let i = 0; i < 20; i++) await knock(`word${"x".repeat(i)}`);
    expect(await lines()).toBe(before);
    expect(await textOf(ports)).not.toContain("word");
  });

  test("have nothing about a person", async () => {
    const ports = await measured({ speechToText: hears("I told nobody about the treasure") });
    await speak(ports);
    await autoGraded(ports, "Yesterday my neighbour confessed a secret.");
    await call(ports, "/api/v1/homework/1", LEARNER);
    await call(ports, "/api/v1/users/me", LEARNER);
    const text = await textOf(ports);
    for (const secret of ["@", "Person", "example.com", "Essay", "treasure", "neighbour", "answer.wav", "user_id"])
      expect(text).not.toContain(secret);
    // Numbers stand where they are no ids: of statuses, of buckets, of Bun's version.
    const samples = [...readPrometheus(text).values()].flatMap((family) => family.samples);
    const numbered = samples.flatMap(({ labels }) => Object.entries(labels).filter(([, word]) => /\d/.test(word)));
    expect([...new Set(numbered.map(([label]) => label))].sort()).toEqual([
      "le",
      "major",
      "minor",
      "patch",
      "status",
      "version",
    ]);
  });

  test("show jobs that wait, that run, how old the oldest is, and what became of them", async () => {
    const gate = Promise.withResolvers<void>();
    const ports = await measured({ speechToText: hears("I get up", () => gate.promise) });
    await speak(ports);
    await handIn(ports, undefined, {});
    await Bun.sleep(5);
    const asked = await ports.jobs.find(1);
    await ports.jobs.change(
      { id: 1 },
      { created_at: new Date(Date.parse(asked?.created_at ?? "") - 90_000).toISOString() },
    );
    expect(await figure(ports, "oquv_queue_jobs", { state: "active" })).toBe(1);
    expect(await figure(ports, "oquv_outbox_jobs", { state: "queued" })).toBe(1);
    expect(await figure(ports, "oquv_outbox_oldest_age_seconds")).toBe(90);
    gate.resolve();
    await settled(ports);
    expect(await figure(ports, "oquv_outbox_oldest_age_seconds")).toBe(0);
    expect(await figure(ports, "oquv_job_duration_seconds", { outcome: "done" })).toBe(2);
    expect(await figure(ports, "oquv_job_attempt_duration_seconds", { outcome: "ok" })).toBe(2);
  });

  test("tell a job that failed, and each try, from one that only a teacher can grade", async () => {
    const ports = await measured({ speechToText: hears("", () => away()) });
    await speak(ports);
    await settled(ports);
    expect(await figure(ports, "oquv_job_duration_seconds", { outcome: "failed" })).toBe(1);
    expect(await figure(ports, "oquv_job_duration_seconds", { outcome: "files_only" })).toBeUndefined();
    expect(await figure(ports, "oquv_job_attempt_duration_seconds", { outcome: "failed" })).toBe(4);
  });

  test("count open event streams", async () => {
    const ports = await measured();
    expect(await figure(ports, "oquv_event_streams")).toBe(0);
    const streams = [await openStream(ports, "/api/v1/notifications/stream", LEARNER)];
    streams.push(await openStream(ports, "/api/v1/notifications/stream", TEACHER));
    expect(await figure(ports, "oquv_event_streams")).toBe(2);
    for (const stream of streams) await stream.close();
    for (let i = 0; i < 100 && (await figure(ports, "oquv_event_streams")) !== 0; i++) await Bun.sleep(5);
    expect(await figure(ports, "oquv_event_streams")).toBe(0);
  });

  test("have those of the composition too", async () => {
    const ports = await measured();
    const labels = { state: "idle" };
    const app = createApp({ ...ports, sources: [() => [{ gauge: "database_connections", labels, value: 7 }], away] });
    expect(await figure({ app }, "oquv_database_connections", labels)).toBe(7);
  });

  test("of the pool are those of others, not of the scrape's own questions", async () => {
    const ports = await measured();
    let asked = 0;
    const { list } = ports.jobs;
    ports.jobs.list = (query) => {
      asked++;
      return list(query);
    };
    const sources = [() => [{ gauge: "database_connections", labels: { state: "waiting" }, value: asked } as const]];
    expect(await figure({ app: createApp({ ...ports, sources }) }, "oquv_database_connections")).toBe(0);
    expect(asked).toBeGreaterThan(0);
  });

  test.each([
    ["fails", away],
    ["never answers", silent],
  ])(
    "come in time where the database and the queue are away: one that %s",
    async (_, gone) => {
      const ports = await measured({ checkDatabase: gone });
      ports.jobs.list = gone;
      ports.jobs.count = gone;
      const queue = { ...ports.queue, depth: gone };
      const app = createApp({ ...ports, queue, checks: { ...ports.checks, queue: gone } });
      const start = performance.now();
      const families = await readBy({ app });
      expect(performance.now() - start).toBeLessThan(2500);
      expect(families.get("oquv_up")?.samples).toMatchObject([
        { labels: { part: "database" }, value: 0 },
        { labels: { part: "storage" }, value: 1 },
        { labels: { part: "queue" }, value: 0 },
      ]);
      for (const name of ["oquv_queue_jobs", "oquv_outbox_jobs", "oquv_outbox_oldest_age_seconds", "oquv_jobs_waiting"])
        expect([...families.keys()]).not.toContain(name);
      expect([...families.keys()]).toContain("oquv_event_streams");
    },
    10_000,
  );

  test("tell the share of what went wrong", async () => {
    const ports = await measured();
    ports.courses.find = away;
    await call(ports, "/api/v1/courses/1", LEARNER);
    await call(ports, "/api/v1/users/me", LEARNER);
    const { body } = await call(ports, METRICS, LEARNER, JSON_WANTED);
    expect(body.requests).toBe(2);
    expect(body.error_ratio).toBe(0.5);
  });
});

describe("/metrics/health", () => {
  test("answers anybody", async () => {
    expect((await call(await school({ checkDatabase: away }), `${METRICS}/health`)).body).toEqual({ status: "ok" });
  });
});

describe("/metrics/status", () => {
  test("tells each part's state, in the caller's language", async () => {
    const ports = await school();
    const { body } = await call(ports, STATUS, LEARNER);
    expect(body).toEqual({
      status: "ok",
      parts: {
        database: { state: "ok", note: "serverning oʻz ichidagi maʼlumotlar bazasi" },
        queue: { state: "local", note: "faqat shu jarayonning oʻzida" },
        cache: { state: "local", note: "faqat shu jarayonning oʻzida" },
        llm: { state: "fake", note: "sinov uchun, natijalari toʻqilgan" },
        stt: { state: "fake", note: "sinov uchun, natijalari toʻqilgan" },
        tts: { state: "fake", note: "sinov uchun, natijalari toʻqilgan" },
        pronunciation: { state: "fake", note: "sinov uchun, natijalari toʻqilgan" },
        storage: { state: "ok", note: "shu serverning diskida" },
      },
    });
    const english = await call(ports, STATUS, LEARNER, { headers: { "accept-language": "en" } });
    expect(english.body.parts.storage.note).toBe("on this machine's disk");
  });

  test("names what is down, and shows what recognises", async () => {
    const ports = await school({ checkDatabase: away });
    const stt = { state: "ok", note: "engine", engine: "whisper small" } as const;
    const checks = { ...ports.checks, cache: away };
    const app = createApp({ ...ports, checks, provided: { ...ports.provided, stt } });
    const { status, body } = await call({ app }, STATUS, LEARNER);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "degraded",
      parts: {
        database: { state: "down", note: "javob bermayapti" },
        cache: { state: "down" },
        storage: { state: "ok" },
        stt: { state: "ok", note: "whisper small" },
      },
    });
    expect((await call({ app }, "/ready")).body).toMatchObject({
      checks: { database: "down", storage: "ok", queue: "ok", cache: "down" },
      down: ["database", "cache"],
    });
  });

  test("many who ask at once are one look", async () => {
    let looks = 0;
    const ports = await school({ checkDatabase: async () => void looks++ });
    await Promise.all(Array.from({ length: 20 }, () => call(ports, STATUS, LEARNER)));
    await call(ports, "/ready");
    expect(looks).toBe(1);
  });
});

test("a worker serves its figures and its health, and nothing else", async () => {
  const ports = await measured();
  const app = createApp(ports, [feature]);
  for (const path of ["/health", "/ready", `${METRICS}/health`]) expect((await app.request(path)).status).toBe(200);
  expect((await readBy({ app })).size).toBeGreaterThan(10);
  for (const path of ["users/me", "courses/1", "admin/jobs"])
    expect((await app.request(`/api/v1/${path}`, { headers: { authorization: "Bearer 1.1" } })).status).toBe(404);
  expect((await app.request("/api/v1/homework/1/submit", post({ text: "x" }))).status).toBe(404);
});
