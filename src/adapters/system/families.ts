import type { Gauges, Timed } from "../../application/ports/metrics.ts";

// The names under which figures are known outside. Dashboards and alarms hold on to them: they change as an API does.

type Spec<L> = { readonly name: string; readonly help: string; readonly labels: readonly (keyof L & string)[] };

/** Seconds: of answers and calls, and of work that takes as long as somebody speaks. */
const SHORT = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LONG = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

export const TIMED: { readonly [T in keyof Timed]: Spec<Timed[T]> & { readonly buckets: readonly number[] } } = {
  http_request: {
    name: "oquv_http_request_duration_seconds",
    help: "Answers by method, declared route and status; - is any other route. Of a stream, its beginning.",
    labels: ["method", "route", "status"],
    buckets: SHORT,
  },
  job: {
    name: "oquv_job_duration_seconds",
    help: "Background jobs that ended, from the call that asked for them to their end.",
    labels: ["outcome"],
    buckets: LONG,
  },
  job_attempt: {
    name: "oquv_job_attempt_duration_seconds",
    help: "The work on background jobs, each beginning by itself.",
    labels: ["outcome"],
    buckets: LONG,
  },
  recognition: {
    name: "oquv_recognition_duration_seconds",
    help: "Time that speech recognition took, waiting for its turn included.",
    labels: ["engine", "outcome"],
    buckets: LONG,
  },
  recognition_audio: {
    name: "oquv_recognition_audio_seconds",
    help: "Length of the recordings that were recognised.",
    labels: ["engine", "outcome"],
    buckets: LONG,
  },
  vendor_call: {
    name: "oquv_vendor_call_duration_seconds",
    help: "Calls to what helps us: child processes, the file store.",
    labels: ["vendor", "operation", "outcome"],
    buckets: SHORT,
  },
};

export const GAUGES: { readonly [G in keyof Gauges]: Spec<Gauges[G]> } = {
  info: { name: "oquv_info", help: "Always 1; the version that runs.", labels: ["version"] },
  uptime_seconds: { name: "oquv_uptime_seconds", help: "Since this process began.", labels: [] },
  requests: { name: "oquv_requests", help: "Answers of this process since it began.", labels: [] },
  error_ratio: { name: "oquv_error_ratio", help: "Share of them that were 5xx, 0 to 1.", labels: [] },
  jobs_waiting: { name: "oquv_jobs_waiting", help: "Jobs that wait in the queue.", labels: [] },
  up: { name: "oquv_up", help: "1 where the part answers, else 0.", labels: ["part"] },
  queue_jobs: { name: "oquv_queue_jobs", help: "Jobs in the queue by state.", labels: ["state"] },
  outbox_jobs: { name: "oquv_outbox_jobs", help: "Open jobs in the database by state.", labels: ["state"] },
  outbox_oldest_age_seconds: {
    name: "oquv_outbox_oldest_age_seconds",
    help: "Age of the oldest open job; 0 where none is open.",
    labels: [],
  },
  database_connections: {
    name: "oquv_database_connections",
    help: "The pool of this process: connections in total and idle, and callers waiting for one.",
    labels: ["state"],
  },
  event_streams: { name: "oquv_event_streams", help: "Open event streams of this process.", labels: [] },
};
