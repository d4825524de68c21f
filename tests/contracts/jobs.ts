import { describe, expect, test } from "bun:test";
import type { Handler, Jobs } from "../../src/application/ports/jobs.ts";
import { AppError } from "../../src/domain/errors.ts";

const job = (key: string) => ({ key, request_id: null });

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await Bun.sleep(5);
  expect(condition()).toBe(true);
}

/** What every queue must do; `open` gives an empty one with few, quick attempts. */
export function jobsContract(name: string, open: () => Promise<Jobs>) {
  const working = async (run: Handler["run"]) => {
    const queue = await open();
    const gaveUp: string[] = [];
    queue.work({ run, gaveUp: async ({ key }) => void gaveUp.push(key) });
    return { queue, gaveUp };
  };

  describe(`${name} keeps the Jobs contract`, () => {
    test("each job is run once, also those added before the work began", async () => {
      const queue = await open();
      const ran: string[] = [];
      await queue.add(job("submission-1-grade-1"));
      queue.work({ run: async ({ key }) => void ran.push(key), gaveUp: async () => {} });
      await queue.add(job("submission-2-grade-1"));
      await until(() => ran.length === 2);
      expect(ran.sort()).toEqual(["submission-1-grade-1", "submission-2-grade-1"]);
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
      await Bun.sleep(50);
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
      await Bun.sleep(50);
      await queue.add(job("a-1"));
      await until(() => runs === 2);
      await queue.stop(1000);
    });

    test("a failure is tried again; after the last attempt it is given up once, and can be added again", async () => {
      let fails = 1;
      let runs = 0;
      const { queue, gaveUp } = await working(async () => {
        runs += 1;
        if (fails-- > 0) throw new Error("not yet");
      });
      await queue.add(job("a-1"));
      await until(() => runs === 2);
      expect(gaveUp).toEqual([]);
      fails = 100;
      await Bun.sleep(50);
      await queue.add(job("b-1"));
      await until(() => gaveUp.length === 1);
      expect(gaveUp).toEqual(["b-1"]);
      fails = 0;
      const before = runs;
      await Bun.sleep(50);
      await queue.add(job("b-1"));
      await until(() => runs === before + 1);
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

    test("stop() lets what runs finish, and aborts what takes longer than its grace", async () => {
      const ended: string[] = [];
      const { queue, gaveUp } = await working(async ({ key }, signal) => {
        await (key === "quick-1" ? Bun.sleep(50) : new Promise((_, fail) => signal.addEventListener("abort", fail)));
        ended.push(key);
      });
      await queue.add(job("quick-1"));
      await queue.add(job("endless-1"));
      await Bun.sleep(20);
      await queue.stop(200);
      expect(ended).toEqual(["quick-1"]);
      // Handed back, not given up: the outbox brings it again.
      expect(gaveUp).toEqual([]);
    });

    test("depth() tells what waits and what runs", async () => {
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const { queue } = await working(() => gate);
      for (let i = 0; i < 9; i++) await queue.add(job(`a-${i}`));
      await Bun.sleep(20);
      const { waiting, active } = await queue.depth();
      expect(waiting + active).toBe(9);
      expect(active).toBeGreaterThan(0);
      open();
      await queue.stop(1000);
    });
  });
}
