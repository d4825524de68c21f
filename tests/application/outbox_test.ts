import { expect, test } from "bun:test";
import { memoryJobs } from "../../src/adapters/memory/jobs.ts";
import { memoryClock, memoryLog } from "../../src/adapters/memory/system.ts";
import { jobHandler, relay, reopenJobs, sweepJobs } from "../../src/application/outbox.ts";
import type { QueuedJob } from "../../src/application/ports/jobs.ts";
import type { Ports } from "../../src/application/ports/mod.ts";
import { AppError } from "../../src/domain/errors.ts";
import { school, settled } from "../support/school.ts";
import { checks, handIn, speak } from "../support/stories.ts";

/** A queue that only writes down what it is given. */
function recorder(broken = false) {
  const given: QueuedJob[] = [];
  const queue: Ports["queue"] = {
    add: async (job) => {
      if (broken) throw new Error("the queue is away");
      given.push(job);
    },
    work: () => {},
    depth: async () => ({ waiting: 0, active: 0 }),
    stop: async () => {},
  };
  return { given, queue };
}

const states = async ({ jobs }: Pick<Ports, "jobs">) =>
  (await jobs.list({ skip: 0, limit: 1000 })).map(({ state }) => state);
const addJobs = async ({ jobs }: Pick<Ports, "jobs">, count: number, at = "2026-01-01T00:00:00.000Z") => {
  for (let i = 1; i <= count; i++)
    await jobs.add({
      key: `submission-${i}-grade-1`,
      kind: "grade_submission",
      subject_id: i,
      state: "waiting",
      attempts: 0,
      error: null,
      request_id: null,
      created_at: at,
      updated_at: at,
    });
};

test("a hand-in is handed over with the call that asked for it", async () => {
  const { given, queue } = recorder();
  const ports = await school({ queue });
  const { headers } = await handIn(ports);
  await Bun.sleep(1);
  expect(given).toEqual([{ key: "submission-1-grade-1", request_id: headers.get("x-request-id") }]);
  expect(await states(ports)).toEqual(["queued"]);
});

test("the relay hands over each waiting row once, however many there are and however often it is called", async () => {
  const { given, queue } = recorder();
  const ports = await school({ queue });
  await addJobs(ports, 450);
  const hand = relay(ports);
  for (let i = 0; i < 5; i++) hand();
  for (let i = 0; i < 50 && given.length < 450; i++) await Bun.sleep(1);
  hand();
  await Bun.sleep(2);
  expect(given.map(({ key }) => key)).toEqual(Array.from({ length: 450 }, (_, i) => `submission-${i + 1}-grade-1`));
});

test("a row that comes while the relay runs is not forgotten", async () => {
  const { given, queue } = recorder();
  const ports = await school({ queue });
  const add = queue.add;
  queue.add = async (job) => {
    await add(job);
    if (given.length !== 1) return;
    const [row] = await ports.jobs.list({ skip: 0, limit: 1 });
    if (row) await ports.jobs.add({ ...row, key: "submission-2-grade-1", state: "waiting" });
    hand();
  };
  const hand = relay(ports);
  await addJobs(ports, 1);
  hand();
  await Bun.sleep(5);
  expect(given.map(({ key }) => key)).toEqual(["submission-1-grade-1", "submission-2-grade-1"]);
});

test("a queue that is away loses nothing: the next call of the relay hands it over when it is back", async () => {
  const log = memoryLog();
  const clock = memoryClock();
  const { given, queue } = recorder();
  const ports = await school({ queue: recorder(true).queue, log, clock });
  expect((await handIn(ports)).status).toBe(201);
  await Bun.sleep(1);
  expect(log.lines.map(({ event }) => event)).toContain("outbox relay failed");
  expect(await states(ports)).toEqual(["waiting"]);
  relay({ ...ports, queue })();
  await Bun.sleep(1);
  expect(given).toMatchObject([{ key: "submission-1-grade-1" }]);
  expect(await states(ports)).toEqual(["queued"]);
});

test("the sweeper brings again what the queue has had for 30 s without an end", async () => {
  const clock = memoryClock();
  const { given, queue } = recorder();
  const ports = await school({ queue, clock });
  await addJobs(ports, 5);
  await ports.jobs.change({ id: { in: [2, 3] } }, { state: "queued" });
  await ports.jobs.change({ id: 4 }, { state: "done" });
  await ports.jobs.change({ id: 5 }, { state: "failed" });
  clock.pass(30_000);
  expect(await sweepJobs(ports)()).toBe(0);
  clock.pass(1);
  // Of two processes that sweep at once, one hands over each.
  expect((await Promise.all([sweepJobs(ports)(), sweepJobs(ports)()])).sort()).toEqual([0, 2]);
  expect(given.map(({ key }) => key)).toEqual(["submission-2-grade-1", "submission-3-grade-1"]);
});

test("a deep queue is not made deeper: what is more waits in the outbox until there is room", async () => {
  const { given, queue } = recorder();
  let waiting = 997;
  const ports = await school({
    queue: { ...queue, depth: async () => ({ waiting: waiting + given.length, active: 1 }) },
  });
  await addJobs(ports, 10);
  const hand = relay(ports);
  hand();
  await Bun.sleep(2);
  expect(given).toHaveLength(2);
  expect((await states(ports)).filter((state) => state === "waiting")).toHaveLength(8);
  waiting = 0;
  hand();
  await Bun.sleep(2);
  expect(given).toHaveLength(10);
});

test.each(["not_ready", "busy", "storage_full", "ai_overloaded", "ai_unavailable"] as const)(
  "a job that waits out %s is begun as often as it takes, and never given up for that",
  async (code) => {
    let away = 30;
    const grammar = checks(() => {
      if (away-- > 0) throw new AppError(code, { retry_after: 5 });
    });
    const ports = await school({ grammar });
    await handIn(ports);
    await settled(ports);
    expect(away).toBeLessThan(0);
    expect(await ports.submissions.find(1)).toMatchObject({ status: "auto_graded", grade_count: 1 });
  },
);

test("a job that was done is not done again", async () => {
  const ports = await school();
  await handIn(ports);
  await settled(ports);
  const before = await ports.submissions.find(1);
  const handler = jobHandler(ports);
  await handler.run({ key: "submission-1-grade-1", request_id: null }, new AbortController().signal);
  await handler.run({ key: "submission-99-grade-1", request_id: null }, new AbortController().signal);
  expect(await ports.submissions.find(1)).toEqual(before);
  expect((await ports.jobs.findBy({ subject_id: 1 }))?.attempts).toBe(1);
});

test("an answer whose recording cannot be read for an hour is graded once it can: waiting is not counted", async () => {
  const ports = await school({ queue: recorder().queue });
  await speak(ports);
  const { get } = ports.fileStore;
  ports.fileStore.get = () => Promise.reject(new AppError("not_ready", { retry_after: 5 }));
  const { run } = jobHandler(ports);
  const job = { key: "submission-1-grade-1", request_id: null };
  const never = new AbortController().signal;
  for (let i = 0; i < 1200; i++) await expect(run(job, never)).rejects.toMatchObject({ code: "not_ready" });
  expect(await ports.submissions.find(1)).toMatchObject({ status: "transcribing" });
  ports.fileStore.get = get;
  await run(job, never);
  expect(await ports.submissions.find(1)).toMatchObject({ status: "auto_graded", grade_count: 1 });
});

test("what a server held when it died is finished by the next", async () => {
  const never = checks(() => new Promise<never>(() => {}));
  const died = await school({ grammar: never });
  await handIn(died);
  await Bun.sleep(2);
  expect(await states(died)).toEqual(["queued"]);
  const queue = memoryJobs({ backoffMs: 1 });
  const next = { ...died, queue, grammar: checks(() => {}) };
  queue.work(jobHandler(next));
  await reopenJobs(next)();
  relay(next)();
  await settled(next);
  expect(await died.submissions.find(1)).toMatchObject({ status: "auto_graded", grade_count: 1 });
  expect(await states(died)).toEqual(["done"]);
});

test("a stop lets what runs finish, and leaves the rest in the outbox", async () => {
  const gate = Promise.withResolvers<void>();
  let done = 0;
  const grammar = checks(() => gate.promise.then(() => done++));
  const ports = await school({ grammar, queue: memoryJobs({ concurrency: 1 }) });
  for (let i = 0; i < 3; i++) await handIn(ports);
  await Bun.sleep(1);
  const stopped = ports.queue.stop(1000);
  gate.resolve();
  await stopped;
  expect(done).toBe(1);
  expect((await states(ports)).sort()).toEqual(["done", "queued", "queued"]);
});

test("a stop that cannot wait aborts what runs, and nothing of it is lost or told as failed", async () => {
  const grammar = checks(() => Bun.sleep(50));
  const ports = await school({ grammar, queue: memoryJobs({ concurrency: 1 }) });
  await handIn(ports);
  await Bun.sleep(1);
  await ports.queue.stop(1);
  expect(await ports.notices.count({ kind: "homework_failed" })).toBe(0);
  expect(["queued", "done"]).toContain((await states(ports))[0] ?? "");
});
