import { AppError } from "../domain/errors.ts";
import { FILES_ONLY, type Job, MAX_BEGINNINGS } from "../domain/jobs.ts";
import { failSubmission, processSubmission } from "./grading.ts";
import type { Handler } from "./ports/jobs.ts";
import { outcomeOf } from "./ports/metrics.ts";
import type { Ports } from "./ports/mod.ts";

/** A job without an end after so long is handed to the queue again: the queue may have died with what it held. */
const STALE_MS = 30_000;
const BATCH = 200;

type Outbox = Pick<Ports, "jobs" | "queue" | "clock" | "log">;

async function handOver({ jobs, queue, clock }: Outbox, rows: Job[]): Promise<void> {
  for (const { id, key, request_id } of rows) {
    await queue.add({ key, request_id });
    // Not where it ended meanwhile.
    await jobs.change(
      { id, state: { in: ["waiting", "queued"] } },
      { state: "queued", updated_at: clock.now().toISOString() },
    );
  }
}

/** Puts the outbox's waiting rows into the queue: after each commit that wrote one, and by the sweeper. */
export function relay(ports: Outbox): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    try {
      while (again) {
        again = false;
        const rows = await ports.jobs.list({ where: { state: "waiting" }, skip: 0, limit: BATCH });
        await handOver(ports, rows);
        again ||= rows.length === BATCH;
      }
    } catch (error) {
      // The rows are still there: the sweeper brings them.
      ports.log.error("outbox relay failed", {}, error);
    }
    // In the same turn as the last look at `again`, so that no call falls between the two.
    running = false;
  };
  return () => {
    again = true;
    if (!running) void run();
  };
}

/** Hands over again what has had no end for 30 s, or all of it at the start of a server. Gives how many there were. */
export const sweepJobs =
  (ports: Outbox) =>
  async ({ all = false } = {}): Promise<number> => {
    const before = new Date(ports.clock.now().getTime() + (all ? 1 : -STALE_MS)).toISOString();
    const where = { state: { in: ["waiting", "queued"] }, updated_at: { before } } as const;
    let count = 0;
    for (let after = 0, rows: Job[] = []; ; after = rows.at(-1)?.id ?? 0) {
      rows = await ports.jobs.list({ where, after, skip: 0, limit: BATCH });
      await handOver(ports, rows);
      count += rows.length;
      if (rows.length < BATCH) return count;
    }
  };

type Working = Parameters<typeof processSubmission>[0] & Pick<Ports, "jobs" | "log" | "metrics">;

/** What the queue runs. Each of its lines has the request that asked for the work, the last one too. */
export function jobHandler(ports: Working): Handler {
  const fail = failSubmission(ports);
  const age = ({ created_at }: Job) => Math.max(0, ports.clock.now().getTime() - Date.parse(created_at));
  const ended = (job: Job, reason: string | null) => {
    const outcome = reason === null ? "done" : reason === FILES_ONLY ? "files_only" : "failed";
    ports.metrics.observe("job", { outcome }, age(job) / 1000);
    return outcome;
  };
  return {
    run: async ({ key, request_id }, signal) => {
      const job = await ports.jobs.findBy({ key, state: { in: ["waiting", "queued"] } });
      if (!job) return;
      const begun = { request_id, job: key, attempt: job.attempts + 1, waited_ms: age(job) };
      if (job.attempts >= MAX_BEGINNINGS) {
        ended(job, await fail(job.subject_id, key, "too_many_crashes"));
        return ports.log.error("job failed", { ...begun, code: "too_many_crashes" });
      }
      await ports.jobs.change(
        { id: job.id },
        { attempts: job.attempts + 1, updated_at: ports.clock.now().toISOString() },
      );
      const start = performance.now();
      const took = () => performance.now() - start;
      try {
        const reason = await processSubmission(ports)(job.subject_id, key, signal);
        ports.metrics.observe("job_attempt", { outcome: "ok" }, took() / 1000);
        const line = { ...begun, ms: Math.round(took()) };
        if (ended(job, reason) === "failed") ports.log.error("job failed", { ...line, code: reason });
        else ports.log.info("job done", line);
      } catch (error) {
        ports.metrics.observe("job_attempt", { outcome: outcomeOf(error, signal) }, took() / 1000);
        ports.log.warn("job attempt failed", { ...begun, code: codeOf(error), aborted: signal.aborted });
        throw error;
      }
    },
    gaveUp: async ({ key, request_id }, error) => {
      ports.log.error("job failed", { request_id, job: key, code: codeOf(error) }, error);
      const job = await ports.jobs.findBy({ key });
      if (job) ended(job, await fail(job.subject_id, key, codeOf(error)));
    },
  };
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : "internal");
