import { AppError, type ErrorCode } from "../../domain/errors.ts";

/**
 * How a call of ours to somebody else ended: `refused` is the fault of what was sent, `busy` has no place, `full` no
 * room, `away` does not answer or is not there, `aborted` was cut short by us, and `failed` is broken.
 */
export type Outcome = "ok" | "refused" | "busy" | "full" | "away" | "aborted" | "failed";

/** What is timed, with its labels. A label takes few values: never an id, an address, or what a caller wrote. */
export type Timed = {
  /** `route` is the template as declared; `-` is any that is not declared. */
  http_request: { readonly method: string; readonly route: string; readonly status: string };
  /** From its being asked for to its end. `files_only` is left to the teacher, which is nobody's fault. */
  job: { readonly outcome: "done" | "failed" | "files_only" };
  /** The work alone, once for each time it was begun. */
  job_attempt: { readonly outcome: Outcome };
  recognition: { readonly engine: string; readonly outcome: Outcome };
  /** How long the recordings of `recognition` play: by both together, how many times faster than speech it is. */
  recognition_audio: { readonly engine: string; readonly outcome: Outcome };
  vendor_call: { readonly vendor: string; readonly operation: string; readonly outcome: Outcome };
};

type None = Readonly<Record<string, never>>;

/** What is looked up when somebody asks, with its labels. */
export type Gauges = {
  info: { readonly version: string };
  uptime_seconds: None;
  requests: None;
  error_ratio: None;
  jobs_waiting: None;
  /** 1 where the part answers, else 0. */
  up: { readonly part: string };
  queue_jobs: { readonly state: string };
  outbox_jobs: { readonly state: string };
  outbox_oldest_age_seconds: None;
  database_connections: { readonly state: string };
  event_streams: None;
};

export type Reading = {
  [G in keyof Gauges]: { readonly gauge: G; readonly labels: Gauges[G]; readonly value: number };
}[keyof Gauges];

export type Family = {
  readonly name: string;
  readonly help: string;
  readonly kind: string;
  readonly samples: { name: string; labels: Record<string, string>; value: number }[];
};

export type Seen<T extends keyof Timed> = {
  readonly labels: Timed[T];
  readonly count: number;
  /** In all. */
  readonly seconds: number;
};

/** What was measured in this process since its start. */
export interface Metrics {
  /** Never throws, and costs next to nothing: it is called for every request. */
  observe<T extends keyof Timed>(what: T, labels: Timed[T], seconds: number): void;
  seen<T extends keyof Timed>(what: T): Promise<readonly Seen<T>[]>;
  /** Prometheus' text of these gauges and, unless they are wanted alone, of all that was measured. */
  text(gauges: readonly Reading[], options?: { readonly alone?: boolean }): Promise<string>;
  /** The same as data. */
  families(gauges: readonly Reading[], options?: { readonly alone?: boolean }): Promise<Family[]>;
}

const OUTCOMES: Partial<Record<ErrorCode, Outcome>> = {
  busy: "busy",
  storage_full: "full",
  not_ready: "away",
  recognition_unavailable: "away",
  recognition_failed: "failed",
  decoding_failed: "failed",
  internal: "failed",
  speech_failed: "failed",
  ai_failed: "failed",
  ai_overloaded: "busy",
  ai_unavailable: "away",
  ai_timeout: "away",
};

/** How it ended, by what was thrown; everything thrown after the signal is because of it. */
export function outcomeOf(error: unknown, signal?: AbortSignal): Outcome {
  if (signal?.aborted) return "aborted";
  return error instanceof AppError ? (OUTCOMES[error.code] ?? "refused") : "failed";
}
