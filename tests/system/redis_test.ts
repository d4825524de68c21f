import { afterAll, beforeEach, expect, test } from "bun:test";
import { memoryClock, memoryRates } from "../../src/adapters/memory/system.ts";
import { connectRedis } from "../../src/adapters/redis/connect.ts";
import { redisJobs } from "../../src/adapters/redis/jobs.ts";
import { redisRates } from "../../src/adapters/redis/rates.ts";
import { redisSignals } from "../../src/adapters/redis/signals.ts";
import { jobsContract } from "../contracts/jobs.ts";
import { ratesContract, signalsContract } from "../contracts/system.ts";
import { startRedis } from "../support/redis.ts";

// The ports that processes share, each with the contract of its port, over a real Redis; and what they do without it.

const server = await startRedis();
const told: string[] = [];
const listener = { onLost: () => void told.push("lost"), onBack: () => void told.push("back") };
const redis = await connectRedis(server.url, listener);
const other = await connectRedis(server.url, listener);
afterAll(async () => {
  await redis.close();
  await other.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => void (await redis.commands.flushall()));

const quick = { attempts: 3, backoffMs: 20, lockMs: 1000, stalledMs: 300 };
jobsContract("BullMQ", async () => {
  await redis.commands.flushall();
  return redisJobs(redis, quick);
});
ratesContract("Redis", redisRates(redis, memoryRates(memoryClock())));
signalsContract("Redis", redisSignals(redis));

const back = async () => {
  for (const until = Date.now() + 10_000; Date.now() < until; await Bun.sleep(20))
    if (redis.commands.status === "ready" && other.commands.status === "ready") return;
  throw new Error("Redis was not found again");
};

test("a burst on two processes is counted one by one", async () => {
  const [one, two] = [redis, other].map((each) => redisRates(each, memoryRates(memoryClock())));
  const hits = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 ? one : two)?.hit("a", 60_000) ?? Promise.reject()),
  );
  expect(hits.map(({ totalHits }) => totalHits).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  for (const { resetTime } of hits) expect(resetTime.getTime() - Date.now()).toBeWithin(55_000, 60_001);
});

test("what one process tells wakes who waits in another, and each once", async () => {
  const [here, there] = [redisSignals(redis), redisSignals(other)];
  const heard: string[] = [];
  here.on("notices 7", () => heard.push("here"));
  there.on("notices 7", () => heard.push("there"));
  there.on("notices 8", () => heard.push("another topic"));
  await Bun.sleep(50);
  here.wake("notices 7");
  for (let i = 0; i < 100 && heard.length < 2; i++) await Bun.sleep(10);
  await Bun.sleep(50);
  expect(heard).toEqual(["here", "there"]);
});

test("of two processes that work one runs each job", async () => {
  const [one, two] = [redisJobs(redis, quick), redisJobs(other, quick)];
  const ran: string[] = [];
  const gaveUp = async () => {};
  one.work({ run: async ({ key }) => void ran.push(key), gaveUp });
  two.work({ run: async ({ key }) => void ran.push(key), gaveUp });
  for (let i = 0; i < 40; i++) await one.add({ key: `submission-${i}-grade-1`, request_id: null });
  for (let i = 0; i < 200 && ran.length < 40; i++) await Bun.sleep(10);
  await Bun.sleep(100);
  expect(ran.length).toBe(40);
  expect(new Set(ran).size).toBe(40);
  await one.stop(1000);
  await two.stop(1000);
});

test("a job that is handed back at a stop is taken up at once", async () => {
  const [one, two] = [redisJobs(redis, quick), redisJobs(other, quick)];
  const gaveUp = async () => {};
  const begun = Promise.withResolvers<void>();
  one.work({
    run: (_, signal) => {
      begun.resolve();
      return new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
    },
    gaveUp,
  });
  await one.add({ key: "a-1", request_id: null });
  await begun.promise;
  await one.stop(10);
  const taken = Promise.withResolvers<number>();
  const start = Date.now();
  two.work({ run: async () => taken.resolve(Date.now() - start), gaveUp });
  expect(await taken.promise).toBeLessThan(1000);
  await two.stop(1000);
});

test("waiting for what is away is no attempt", async () => {
  const { AppError } = await import("../../src/domain/errors.ts");
  const queue = redisJobs(redis, quick);
  let runs = 0;
  const gaveUp: string[] = [];
  queue.work({
    run: async () => {
      if (++runs < 8) throw new AppError("not_ready");
    },
    gaveUp: async ({ key }) => void gaveUp.push(key),
  });
  await queue.add({ key: "a-1", request_id: null });
  for (let i = 0; i < 300 && runs < 8; i++) await Bun.sleep(10);
  await Bun.sleep(100);
  expect({ runs, gaveUp }).toEqual({ runs: 8, gaveUp: [] });
  await queue.stop(1000);
});

test("while Redis is away counts go on in the process, nothing hangs, and all is found again", async () => {
  const rates = redisRates(redis, memoryRates(memoryClock()));
  const signals = redisSignals(other);
  const mine = redisSignals(redis);
  const queue = redisJobs(redis, quick);
  await rates.hit("a", 60_000);
  told.length = 0;
  await server.stop();
  const start = Date.now();
  const counted = await Promise.all(Array.from({ length: 50 }, () => rates.hit("a", 60_000)));
  expect(Math.max(...counted.map(({ totalHits }) => totalHits))).toBe(50);
  expect(await rates.seen("a", 60_000)).toMatchObject({ totalHits: 50 });
  await rates.forget("a");
  expect(await rates.hit("a", 60_000)).toMatchObject({ totalHits: 1 });
  await expect(redis.check()).rejects.toThrow();
  expect(Date.now() - start).toBeLessThan(2000);
  await expect(queue.add({ key: "b-1", request_id: null })).rejects.toThrow("not_ready");
  await expect(queue.depth()).rejects.toThrow("not_ready");
  mine.wake("notices 7");

  await server.wipe();
  await server.start();
  await back();
  await Bun.sleep(5100);
  expect(await rates.seen("a", 60_000)).toMatchObject({ totalHits: 0 });
  expect(await rates.hit("a", 60_000)).toMatchObject({ totalHits: 1 });
  const ran = Promise.withResolvers<string>();
  queue.work({ run: async ({ key }) => ran.resolve(key), gaveUp: async () => {} });
  await queue.add({ key: "c-1", request_id: null });
  await ran.promise;
  const heard = Promise.withResolvers<void>();
  signals.on("notices 7", heard.resolve);
  mine.wake("notices 7");
  await heard.promise;
  expect(told.slice(0, 2)).toEqual(["lost", "lost"]);
  expect(told).toContain("back");
  await queue.stop(1000);
}, 40_000);

test("a Redis that hangs costs a second once, not on each call", async () => {
  const rates = redisRates(redis, memoryRates(memoryClock()));
  await rates.hit("a", 60_000);
  server.freeze();
  try {
    const start = Date.now();
    expect(await rates.hit("a", 60_000)).toMatchObject({ totalHits: 1 });
    for (let i = 2; i <= 50; i++) expect(await rates.hit("a", 60_000)).toMatchObject({ totalHits: i });
    expect(Date.now() - start).toBeLessThan(2500);
  } finally {
    server.thaw();
  }
  await back();
});

test("a Redis that refuses us is said at the start, and not waited for", async () => {
  await redis.commands.config("SET", "requirepass", "right");
  try {
    for (const url of [server.url, server.url.replace("redis://", "redis://:wrong@")])
      await expect(connectRedis(url, listener)).rejects.toThrow(/NOAUTH|WRONGPASS/);
  } finally {
    await redis.commands.config("SET", "requirepass", "");
  }
});
