import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classroom, clip } from "../support/classroom.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { api, freePort, startServer } from "../support/live.ts";
import { figure } from "../support/prove.ts";

// A process that is told to end finishes what it can, hands back what it cannot, and is gone within 10 s, whatever else
// is away.

const LIMIT_MS = 10_000;
const folder = await mkdtemp(join(tmpdir(), "stop-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a server that is told to stop finishes, hands back, and exits within 10 s", async () => {
  const server = await startServer();
  const room = await classroom(server);
  for (let i = 0; i < 4; i++)
    await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
      audio_file: await clip("librivox-0870.wav"),
    });
  const stream = await fetch(`${server.url}/api/v1/notifications/stream`, {
    headers: { authorization: `Bearer ${room.learner.token}` },
  });
  expect(stream.status).toBe(200);
  const start = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - start).toBeLessThan(10_000);
  await expect(api(server.url).get("/health")).rejects.toThrow();
}, 60_000);

const AWAY: Record<string, { away(cluster: Cluster): unknown; back(cluster: Cluster): unknown }> = {
  "all is well": { away: () => {}, back: () => {} },
  "Redis hangs": { away: ({ redis }) => redis.freeze(), back: ({ redis }) => redis.thaw() },
  "Postgres hangs": { away: ({ postgres }) => postgres.freeze(), back: ({ postgres }) => postgres.thaw() },
};

test("of many processes each ends in time, and what it was at is taken up by another", async () => {
  // Longer than anybody waits: nothing can be finished.
  await using cluster = await startCluster(["api", "worker", "worker"], { FAKE_RECOGNITION_MS: "60000" });
  const [door] = cluster.apis;
  if (!door) throw new Error("a process answers");
  const room = await classroom(door, { kind: "oral" });
  for (let i = 0; i < 8; i++)
    await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
      audio_file: await clip("goforward.wav"),
    });
  const begun = async () => {
    const { body } = await room.admin.get("/api/v1/admin/jobs?state=queued");
    return body.filter(({ attempts }: { attempts: number }) => attempts > 0).length as number;
  };
  for (let i = 0; i < 100 && (await begun()) < 4; i++) await Bun.sleep(100);
  expect(await begun()).toBe(4);

  for (const [name, { away, back }] of Object.entries(AWAY)) {
    const stream = await fetch(`${door.url}/api/v1/notifications/stream`, {
      headers: { authorization: `Bearer ${room.learner.token}` },
    });
    expect(stream.status).toBe(200);
    const ending = [door, ...cluster.workers.slice(0, 1)];
    await away(cluster);
    const took = await Promise.all(
      ending.map(async ({ server }) => {
        const start = Date.now();
        server.kill("SIGTERM");
        const code = await Promise.race([server.exited, Bun.sleep(LIMIT_MS)]);
        return { code, ms: Date.now() - start };
      }),
    );
    await back(cluster);
    figure(
      `SIGTERM where ${name}: an api with an open stream, a worker in the middle of its jobs`,
      took.map(({ ms }) => `${ms} ms`).join(", "),
      `${LIMIT_MS} ms`,
    );
    expect(took.map(({ code }) => code)).toEqual([0, 0]);
    for (const { server } of ending) server.kill("SIGKILL");
    for (const place of ending) await place.revive();
  }
  // Nothing of it was held against the work: no job has used up an attempt by being handed back.
  const { body } = await room.admin.get("/api/v1/admin/jobs");
  expect(body.filter(({ state }: { state: string }) => state === "failed")).toEqual([]);
}, 180_000);

test("a start that still waits for its database ends at once", async () => {
  const port = freePort();
  const server = Bun.spawn([process.execPath, "--env-file=/dev/null", "src/main.ts"], {
    env: {
      PATH: process.env.PATH ?? "",
      HOST: "127.0.0.1",
      PORT: String(port),
      UPLOAD_DIR: join(folder, "waiting"),
      DATABASE_URL: `postgresql://nobody@127.0.0.1:${freePort()}/none`,
    },
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 200 && !(await fetch(`${url}/health`).catch(() => null)); i++) await Bun.sleep(50);
  expect((await api(url).get("/ready")).status).toBe(503);
  const start = Date.now();
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(Date.now() - start).toBeLessThan(1000);
});
