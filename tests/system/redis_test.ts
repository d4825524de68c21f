import { afterAll, beforeEach, expect, test } from "bun:test";
import { memoryClock, memoryRates } from "../../src/adapters/memory/system.ts";
import { connectRedis } from "../../src/adapters/redis/connect.ts";
import { redisJobs } from "../../src/adapters/redis/jobs.ts";
import { redisRates } from "../../src/adapters/redis/rates.ts";
import { redisSignals } from "../../src/adapters/redis/signals.ts";
import type { Jobs } from "../../src/application/ports/jobs.ts";
import { AppError } from "../../src/domain/errors.ts";
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
jobsContract(
  "BullMQ",
  async () => {
    await redis.commands.flushall();
    return redisJobs(redis, quick);
  },
  { backoffMs: quick.backoffMs },
);
ratesContract("Redis", redisRates(redis, memoryRates(memoryClock())), {
  now: () => new Date(),
  // Redis has a clock of its own.
  pass: (ms) => Bun.sleep(ms + 50),
});
signalsContract("Redis", redisSignals(redis));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await condition()) && Date.now() < end; ) await Bun.sleep(20);
  expect(await condition()).toBe(true);
}

const isEmpty = async ({ depth }: Jobs) => {
  const { waiting, active } = await depth();
  return waiting + active === 0;
};
const back = () => until(() => redis.commands.status === "ready" && other.commands.status === "ready");
/** Both processes listen. */
const subscribed = () => until(async () => (await redis.commands.pubsub("NUMSUB", `${redis.space}:wake`))[1] === 2);

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
  here.on("the end", () => heard.push("the end"));
  await subscribed();
  here.wake("notices 7");
  await until(() => heard.includes("there"));
  // Wake-ups come in order: behind this one is no echo of the first.
  there.wake("the end");
  await until(() => heard.includes("the end"));
  expect(heard).toEqual(["here", "there", "the end"]);
});

test("of two processes that work one runs each job", async () => {
  const [one, two] = [redisJobs(redis, quick), redisJobs(other, quick)];
  const ran: string[] = [];
  const gaveUp = async () => {};
  one.work({ run: async ({ key }) => void ran.push(key), gaveUp });
  two.work({ run: async ({ key }) => void ran.push(key), gaveUp });
  for (let i = 0; i < 40; i++) await one.add({ key: `submission-${i}-grade-1`, request_id: null });
  await until(() => isEmpty(one));
  expect(ran.length).toBe(40);
  expect(new Set(ran).size).toBe(40);
  await one.stop(1000);
  await two.stop(1000);
});

test("two schools on one Redis know nothing of each other", async () => {
  const [one, two] = await Promise.all(["one", "two"].map((school) => connectRedis(server.url, listener, school)));
  if (!one || !two) throw new Error("two schools");
  const [own, others] = [redisJobs(one, quick), redisJobs(two, quick)];
  const ran: string[] = [];
  others.work({ run: async () => void ran.push("the other school"), gaveUp: async () => {} });
  await own.add({ key: "submission-1-grade-1", request_id: null });
  redisSignals(two).on("notices 7", () => ran.push("woken by the other school"));
  redisSignals(one).wake("notices 7");
  await redisRates(one, memoryRates(memoryClock())).hit("a", 60_000);
  const ended = Promise.withResolvers<void>();
  own.work({ run: async () => ended.resolve(), gaveUp: async () => {} });
  await ended.promise;
  expect(await redisRates(two, memoryRates(memoryClock())).seen("a", 60_000)).toMatchObject({ totalHits: 0 });
  expect(ran).toEqual([]);
  await Promise.all([own.stop(1000), others.stop(1000)]);
  await Promise.all([one.close(), two.close()]);
});

test("a job that is handed back at a stop is taken up at once", async () => {
  // Long after the time that is left for it, a lock that was not given back would run out.
  const slow = { ...quick, lockMs: 60_000 };
  const [one, two] = [redisJobs(redis, slow), redisJobs(other, slow)];
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
  const taken: string[] = [];
  two.work({ run: async ({ key }) => void taken.push(key), gaveUp });
  await until(() => taken.length > 0);
  expect(taken).toEqual(["a-1"]);
  await two.stop(1000);
});

test("waiting for what is away is no attempt", async () => {
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
  await until(() => isEmpty(queue));
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
  await rates.forget("a", 60_000);
  expect(await rates.hit("a", 60_000)).toMatchObject({ totalHits: 1 });
  await expect(redis.check()).rejects.toThrow();
  expect(Date.now() - start).toBeLessThan(2000);
  await expect(queue.add({ key: "b-1", request_id: null })).rejects.toThrow("not_ready");
  await expect(queue.depth()).rejects.toThrow("not_ready");
  mine.wake("notices 7");

  await server.wipe();
  await server.start();
  await back();
  await until(async () => (await rates.seen("a", 60_000)).totalHits === 0);
  expect(await rates.hit("a", 60_000)).toMatchObject({ totalHits: 1 });
  const ran = Promise.withResolvers<string>();
  queue.work({ run: async ({ key }) => ran.resolve(key), gaveUp: async () => {} });
  await queue.add({ key: "c-1", request_id: null });
  await ran.promise;
  const heard = Promise.withResolvers<void>();
  signals.on("notices 7", heard.resolve);
  await subscribed();
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
    expect(Date.now() - start).toBeLessThan(5000);
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
