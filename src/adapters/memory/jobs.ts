import type { Handler, Jobs, QueuedJob } from "../../application/ports/jobs.ts";
import { AppError } from "../../domain/errors.ts";
import { mayWait } from "../../domain/jobs.ts";

type Options = {
  /** Jobs at the same time. */
  readonly concurrency?: number;
  /** Times a job is begun before it is given up. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly backoffMs?: number;
};

const ABORT_MS = 1000;
const BUSY_FACTOR = 3;

/** The queue of a server that is one process. What it holds dies with the process: the outbox brings it back. */
export function memoryJobs({ concurrency = 2, attempts = 4, backoffMs = 1000 }: Options = {}): Jobs {
  const held = new Set<string>();
  const waiting: QueuedJob[] = [];
  /** Those that wait for something else than their turn. */
  const paused = new Set<Timer>();
  const running = new Map<string, { done: Promise<void>; abort: AbortController }>();
  let handler: Handler | undefined;
  let stopped = false;

  /** To the end of its attempts; gives `wait` where it is to come again later, without one of them being used up. */
  const attempt = async (job: QueuedJob, signal: AbortSignal, { run, gaveUp }: Handler): Promise<"wait" | "end"> => {
    for (let tried = 1; ; tried++) {
      try {
        await run(job, signal);
        return "end";
      } catch (error) {
        if (signal.aborted) return "end";
        if (mayWait(error)) return "wait";
        if (tried >= attempts) {
          await gaveUp(job, error);
          return "end";
        }
        await pause(backoffMs * 2 ** (tried - 1), signal);
        if (signal.aborted) return "end";
      }
    }
  };

  /** Its place is for others meanwhile: while recordings wait for a store that is away, texts are graded. */
  const later = (job: QueuedJob) => {
    const timer = setTimeout(() => {
      paused.delete(timer);
      waiting.push(job);
      next();
    }, backoffMs * BUSY_FACTOR);
    paused.add(timer);
  };

  const next = () => {
    while (handler && !stopped && running.size < concurrency) {
      const job = waiting.shift();
      if (!job) return;
      const abort = new AbortController();
      const done = attempt(job, abort.signal, handler)
        // What cannot even be given up stays open in the outbox, and the sweeper brings it again.
        .catch(() => "end" as const)
        .then((outcome) => {
          running.delete(job.key);
          if (outcome === "wait" && !stopped) later(job);
          else held.delete(job.key);
          next();
        });
      running.set(job.key, { done, abort });
    }
  };

  return {
    add: async (job) => {
      if (stopped) throw new AppError("not_ready");
      if (held.has(job.key)) return;
      held.add(job.key);
      waiting.push(job);
      next();
    },
    work: (given) => {
      handler = given;
      next();
    },
    depth: async () => ({ waiting: waiting.length + paused.size, active: running.size }),
    stop: async (graceMs) => {
      stopped = true;
      for (const timer of paused) clearTimeout(timer);
      const all = () => Promise.all([...running.values()].map(({ done }) => done));
      await Promise.race([all(), Bun.sleep(graceMs)]);
      for (const { abort } of running.values()) abort.abort();
      // Whatever does not listen is left to the end of the process; the outbox brings it again.
      await Promise.race([all(), Bun.sleep(ABORT_MS)]);
    },
  };
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
