import { DelayedError, type Job, Queue, WaitingError, Worker } from "bullmq";
import type { Handler, Jobs, QueuedJob } from "../../application/ports/jobs.ts";
import { AppError } from "../../domain/errors.ts";
import { mayWait } from "../../domain/jobs.ts";
import type { RedisConnection } from "./connect.ts";

type Options = {
  /** Jobs at the same time, in each process. */
  readonly concurrency?: number;
  /** Times a job is begun before it is given up. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly backoffMs?: number;
  /** Milliseconds after which a job whose worker says nothing any more is somebody else's. */
  readonly lockMs?: number;
  /** Milliseconds between two looks for such jobs. */
  readonly stalledMs?: number;
  /** What goes wrong between this process and the queue. */
  readonly onTrouble?: (error: Error) => void;
};

const NAME = "work";
const ADD_MS = 2000;
const LOOK_MS = 2000;
const ABORT_MS = 1000;
const BUSY_FACTOR = 3;
/** A worker may die under a job so often before the queue lets go of it; the outbox counts on, and gives up for good. */
const MAX_STALLED = 5;

/**
 * The queue that processes share, in Redis by BullMQ. It remembers nothing of what ended: the database does, and a key
 * that was held on to could not be taken again.
 */
export function redisJobs(
  { commands, patient, space }: RedisConnection,
  {
    concurrency = 2,
    attempts = 4,
    backoffMs = 1000,
    lockMs = 30_000,
    stalledMs = 10_000,
    onTrouble = () => {},
  }: Options = {},
): Jobs & { readonly board: Queue } {
  const prefix = `${space}:queue`;
  const queue = new Queue<QueuedJob>(NAME, { connection: patient(), prefix });
  // That Redis is away is told by the connection.
  const tell = (error: Error) => {
    if (commands.status === "ready") onTrouble(error);
  };
  queue.on("error", tell);
  const stopping = new AbortController();
  let worker: Worker<QueuedJob> | undefined;

  const attempt = async ({ run, gaveUp }: Handler, job: Job<QueuedJob>, token: string | undefined) => {
    try {
      await run(job.data, stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (mayWait(error)) {
        await job.moveToDelayed(Date.now() + backoffMs * BUSY_FACTOR, token);
        throw new DelayedError();
      }
      if (job.attemptsMade + 1 < attempts) throw error;
      // In here, and not on BullMQ's event, so that whoever stops waits for it.
      await gaveUp(job.data, error);
    }
  };

  return {
    board: queue,
    add: async (job) => {
      const options = {
        jobId: job.key,
        attempts,
        backoff: { type: "exponential", delay: backoffMs },
        removeOnComplete: true,
        removeOnFail: true,
      };
      // BullMQ waits for a Redis that is away for as long as it is.
      await within(ADD_MS, queue.add("job", job, options));
    },
    work: (handler) => {
      worker = new Worker<QueuedJob>(NAME, (job, token) => attempt(handler, job, token), {
        connection: patient(),
        prefix,
        concurrency,
        lockDuration: lockMs,
        stalledInterval: stalledMs,
        maxStalledCount: MAX_STALLED,
      });
      worker.on("error", tell);
    },
    depth: async () => {
      const counts = await within(LOOK_MS, queue.getJobCounts("waiting", "prioritized", "delayed", "active"));
      const { waiting = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
      return { waiting: waiting + prioritized + delayed, active };
    },
    stop: async (graceMs) => {
      const closed = worker?.close() ?? Promise.resolve();
      await Promise.race([closed, Bun.sleep(graceMs)]);
      stopping.abort();
      // Whatever does not listen is left to the end of the process; its lock runs out, and another takes it up.
      await Promise.race([closed, Bun.sleep(ABORT_MS)]);
      await Promise.race([queue.close(), Bun.sleep(ABORT_MS)]);
    },
  };
}

/** Redis is there, and says that it cannot now: full, only to be read, still loading. */
const CANNOT_NOW = /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|NOREPLICAS|BUSY)\b/;

/** `not_ready` where there is no answer in so many milliseconds. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    const cause = new Error(`Redis did not answer within ${ms} ms`);
    timer = setTimeout(() => reject(new AppError("not_ready", { retry_after: 5 }, { cause })), ms);
  });
  const told = work.catch((cause: Error) => {
    throw CANNOT_NOW.test(cause.message) ? new AppError("not_ready", { retry_after: 5 }, { cause }) : cause;
  });
  // What comes after all is nobody's trouble.
  told.catch(() => {});
  return Promise.race([told, late]).finally(() => clearTimeout(timer));
}
