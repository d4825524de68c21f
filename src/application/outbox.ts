import { AppError, rootOf } from "../domain/errors.ts";
import { FILES_ONLY, type Job, MAX_BEGINNINGS, mayWait } from "../domain/jobs.ts";
import { failSubmission, processSubmission } from "./grading.ts";
import type { Handler } from "./ports/jobs.ts";
import { outcomeOf } from "./ports/metrics.ts";
import type { Ports } from "./ports/mod.ts";

/** A job without an end after so long is handed to the queue again: the queue may have died with what it held. */
const STALE_MS = 30_000;
const BATCH = 200;
/** So many in the queue at a time: what is more waits in the database, which has the room, and is handed over as others end. */
const MOST_QUEUED = 1000;

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
        const { waiting, active } = await ports.queue.depth();
        const limit = Math.min(BATCH, MOST_QUEUED - waiting - active);
        if (limit <= 0) break;
        const rows = await ports.jobs.list({ where: { state: "waiting" }, skip: 0, limit });
        await handOver(ports, rows);
        again ||= rows.length === limit;
      }
    } catch (error) {
      // The rows are still there: the next call brings them.
      if (mayWait(error)) ports.log.warn("outbox waits for the queue", { message: rootOf(error) });
      else ports.log.error("outbox relay failed", {}, error);
    }
    // In the same turn as the last look at `again`, so that no call falls between the two.
    running = false;
  };
  return () => {
    again = true;
    if (!running) void run();
  };
}

/** Hands over again what the queue has had for 30 s without an end. Gives how many there were. */
export const sweepJobs = (ports: Outbox) => async (): Promise<number> => {
  const now = ports.clock.now();
  const before = new Date(now.getTime() - STALE_MS).toISOString();
  // Taken by the change: of many processes that sweep, one hands over each.
  const stale = await ports.jobs.change({ state: "queued", updated_at: { before } }, { updated_at: now.toISOString() });
  await handOver(ports, stale);
  return stale.length;
};

/** At the start of a server whose queue died with its forerunner: all that the queue held waits to be handed over again. */
export const reopenJobs =
  ({ jobs, clock }: Pick<Ports, "jobs" | "clock">) =>
  async (): Promise<void> =>
    void (await jobs.change({ state: "queued" }, { state: "waiting", updated_at: clock.now().toISOString() }));

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
        // Else an hour without a store, or a day of new versions, would look like a run of crashes. Where the database is
        // away too, it stays counted.
        if (mayWait(error) || signal.aborted)
          await ports.jobs.change({ id: job.id }, { attempts: job.attempts }).catch(() => {});
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
