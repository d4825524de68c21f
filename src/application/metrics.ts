import { type Checks, inTime, probe, remembered } from "./health.ts";
import type { Reading } from "./ports/metrics.ts";
import type { Ports } from "./ports/mod.ts";
import { sharesTaken } from "./shares.ts";

/** Looks something up for figures. What it throws, or is too late with, is left out. */
export type Source = () => Promise<readonly Reading[]> | readonly Reading[];

type Measured = Pick<Ports, "metrics" | "queue" | "jobs" | "clock" | "signals"> & {
  readonly checks: Checks;
  /** What only the composition knows of. */
  readonly sources: readonly Source[];
};

/** Everything that is looked up when somebody asks, side by side. */
export async function readGauges(world: Measured): Promise<Reading[]> {
  const sources: Source[] = [
    // First: what asks the database below would be seen waiting for it here.
    ...world.sources,
    () => queue(world),
    () => outbox(world),
    () => [{ gauge: "event_streams", labels: {}, value: sharesTaken(world.signals) }],
  ];
  const read = sources.map((source) => inTime(async () => source()).catch(() => []));
  // The parts are looked at in time already, and told where there is no answer.
  return (await Promise.all([parts(world), ...read])).flat();
}

async function parts({ checks }: Measured): Promise<Reading[]> {
  const found = Object.entries(await probe(checks));
  return found.map(([part, state]) => ({ gauge: "up", labels: { part }, value: state === "ok" ? 1 : 0 }));
}

async function queue({ queue }: Measured): Promise<Reading[]> {
  const depth = Object.entries(await queue.depth());
  return depth.map(([state, value]) => ({ gauge: "queue_jobs", labels: { state }, value }));
}

async function outbox({ jobs, clock }: Measured): Promise<Reading[]> {
  const now = clock.now().getTime();
  // Each state by itself, as the index has them: where none is open, no other row is read either.
  const open = (["waiting", "queued"] as const).map(async (state) => {
    const [value, [oldest]] = await Promise.all([
      jobs.count({ state }),
      jobs.list({ where: { state }, skip: 0, limit: 1 }),
    ]);
    const seconds = oldest ? (now - Date.parse(oldest.created_at)) / 1000 : 0;
    return { reading: { gauge: "outbox_jobs", labels: { state }, value } as const, seconds };
  });
  const found = await Promise.all(open);
  const age = Math.max(0, ...found.map(({ seconds }) => seconds));
  return [...found.map(({ reading }) => reading), { gauge: "outbox_oldest_age_seconds", labels: {}, value: age }];
}

type Seen = {
  readonly uptime_seconds: number;
  /** Answers since the start of the process. */
  readonly requests: number;
  /** Share of them that were 5xx, 0 to 1. */
  readonly error_ratio: number;
  /** Null while the queue is away. */
  readonly jobs_waiting: number | null;
};

export type Overview = Seen & { readonly version: string };

/** How the service is doing, for anybody: no route, no part, no person. */
export const overview = remembered(async ({ metrics, queue }: Pick<Ports, "metrics" | "queue">): Promise<Seen> => {
  const [seen, depth] = await Promise.all([
    metrics.seen("http_request"),
    inTime(async () => queue.depth()).catch(() => null),
  ]);
  const requests = seen.reduce((sum, { count }) => sum + count, 0);
  const errors = seen.reduce((sum, { labels, count }) => sum + (labels.status.startsWith("5") ? count : 0), 0);
  return {
    uptime_seconds: Math.round(process.uptime()),
    requests,
    error_ratio: requests === 0 ? 0 : errors / requests,
    jobs_waiting: depth?.waiting ?? null,
  };
});

/** The same as gauges. */
export function overviewGauges({ version, jobs_waiting, ...figures }: Overview): Reading[] {
  return [
    { gauge: "info", labels: { version }, value: 1 },
    { gauge: "uptime_seconds", labels: {}, value: figures.uptime_seconds },
    { gauge: "requests", labels: {}, value: figures.requests },
    { gauge: "error_ratio", labels: {}, value: figures.error_ratio },
    ...(jobs_waiting === null ? [] : [{ gauge: "jobs_waiting", labels: {}, value: jobs_waiting } as const]),
  ];
}
