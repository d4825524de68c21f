import { describe, expect, test } from "bun:test";
import type { Handler, Jobs, QueuedJob } from "../../src/application/ports/jobs.ts";
import { AppError } from "../../src/domain/errors.ts";

const job = (key: string) => ({ key, request_id: null });

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await condition()) && Date.now() < end; ) await Bun.sleep(5);
  expect(await condition()).toBe(true);
}

/** What ended is ended for the queue a moment after its work is. */
const idle = (queue: Jobs) =>
  until(async () => {
    const { waiting, active } = await queue.depth();
    return waiting + active === 0;
  });

const ATTEMPTS = 3;

/** What every queue must do; `open` gives an empty one with three attempts, the second after `backoffMs`. */
export function jobsContract(name: string, open: () => Promise<Jobs>, { backoffMs }: { backoffMs: number }) {
  const working = async (run: Handler["run"]) => {
    const queue = await open();
    const gaveUp: string[] = [];
    const errors: unknown[] = [];
    queue.work({
      run,
      gaveUp: async ({ key }, error) => {
        gaveUp.push(key);
        errors.push(error);
      },
    });
    return { queue, gaveUp, errors };
  };

  describe(`${name} keeps the Jobs contract`, () => {
    test("each job is run once, also those added before the work began", async () => {
      const queue = await open();
      const [first, second] = [job("submission-1-grade-1"), { key: "submission-2-grade-1", request_id: "call-2" }];
      const ran: QueuedJob[] = [];
      await queue.add(first);
      queue.work({ run: async (given) => void ran.push(given), gaveUp: async () => {} });
      await queue.add(second);
      await idle(queue);
      expect(ran.sort((a, b) => a.key.localeCompare(b.key))).toEqual([first, second]);
      await queue.stop(1000);
    });

    test("a key that waits or runs is not taken twice", async () => {
      let runs = 0;
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const { queue } = await working(async () => {
        runs += 1;
        await gate;
      });
      for (let i = 0; i < 5; i++) await queue.add(job("a-1"));
      await until(() => runs === 1);
      await queue.add(job("a-1"));
      open();
      await idle(queue);
      expect(runs).toBe(1);
      await queue.stop(1000);
    });

    test("a job that ended can be added again under its key", async () => {
      let runs = 0;
      const { queue } = await working(async () => {
        runs += 1;
      });
      await queue.add(job("a-1"));
      await until(() => runs === 1);
      await idle(queue);
      await queue.add(job("a-1"));
      await until(() => runs === 2);
      await queue.stop(1000);
    });

    test("a failure is tried again; after the last attempt it is given up once, and can be added again", async () => {
      let fails = 1;
      let runs = 0;
      const { queue, gaveUp, errors } = await working(async () => {
        runs += 1;
        if (fails-- > 0) throw new Error("not yet");
      });
      await queue.add(job("a-1"));
      await until(() => runs === 2);
      await idle(queue);
      expect(gaveUp).toEqual([]);
      [fails, runs] = [100, 0];
      await queue.add(job("b-1"));
      await until(() => gaveUp.length === 1);
      await idle(queue);
      expect([runs, gaveUp, errors]).toEqual([ATTEMPTS, ["b-1"], [new Error("not yet")]]);
      [fails, runs] = [0, 0];
      await queue.add(job("b-1"));
      await until(() => runs === 1);
      await queue.stop(1000);
    });

    test("each attempt waits twice as long as the one before", async () => {
      const begun: number[] = [];
      const { queue, gaveUp } = await working(async () => {
        begun.push(Date.now());
        throw new Error("not yet");
      });
      await queue.add(job("a-1"));
      await until(() => gaveUp.length === 1);
      const [first = 0, second = 0, third = 0] = begun;
      // Both ends are whole milliseconds.
      expect(second - first).toBeGreaterThanOrEqual(backoffMs - 1);
      expect(third - second).toBeGreaterThanOrEqual(2 * backoffMs - 1);
      await queue.stop(1000);
    });

    test.each(["busy", "storage_full", "not_ready"] as const)(
      "what meets %s waits for as long as it takes, in nobody's way, and is never given up",
      async (code) => {
        let isAway = true;
        let met = 0;
        const done: string[] = [];
        const { queue, gaveUp } = await working(async ({ key }) => {
          if (isAway && key !== "text-1") {
            met += 1;
            throw new AppError(code);
          }
          done.push(key);
        });
        const waiting = Array.from({ length: 8 }, (_, i) => `recording-${i}-1`);
        for (const key of waiting) await queue.add(job(key));
        await until(() => met > 8 * 5);
        await queue.add(job("text-1"));
        await until(() => done.includes("text-1"));
        expect([done, gaveUp]).toEqual([["text-1"], []]);
        const { waiting: still, active } = await queue.depth();
        expect(still + active).toBeGreaterThan(0);
        isAway = false;
        await until(() => done.length === 9);
        expect(done.sort()).toEqual([...waiting, "text-1"]);
        await queue.stop(1000);
      },
    );

    test("stop() lets what runs finish, aborts what takes longer than its grace, and begins nothing more", async () => {
      const begun: string[] = [];
      const ended: string[] = [];
      const { queue, gaveUp } = await working(async ({ key }, signal) => {
        begun.push(key);
        await (key === "quick-1" ? Bun.sleep(50) : new Promise((_, fail) => signal.addEventListener("abort", fail)));
        ended.push(key);
      });
      // Two at a time.
      for (const key of ["endless-1", "quick-1", "next-1"]) await queue.add(job(key));
      await until(() => begun.includes("quick-1"));
      await queue.stop(200);
      await queue.add(job("late-1")).catch(() => {});
      expect(ended).toEqual(["quick-1"]);
      expect(begun.toSorted()).toEqual(["endless-1", "quick-1"]);
      // Handed back, not given up: the outbox brings it again.
      expect(gaveUp).toEqual([]);
    });

    test("depth() tells what waits and what runs", async () => {
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const { queue } = await working(() => gate);
      for (let i = 0; i < 9; i++) await queue.add(job(`a-${i}`));
      await until(async () => (await queue.depth()).active > 0);
      const { waiting, active } = await queue.depth();
      expect(waiting + active).toBe(9);
      open();
      await queue.stop(1000);
    });
  });
}
