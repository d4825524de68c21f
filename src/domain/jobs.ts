import { AppError, type ErrorCode } from "./errors.ts";

export const JOB_STATES = ["waiting", "queued", "done", "failed"] as const;

/**
 * Work that must not be lost: the row is written in the transaction that asks for the work, and this table, not the
 * queue, keeps the record of it. `waiting` rows are on their way to the queue.
 */
export type Job = {
  readonly id: number;
  /** What the queue knows it by, e.g. `submission-55-grade-1`: the last number counts explicit retries. */
  readonly key: string;
  readonly kind: "grade_submission";
  readonly subject_id: number;
  readonly state: (typeof JOB_STATES)[number];
  /** How often it was begun. */
  readonly attempts: number;
  readonly error: string | null;
  readonly request_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

/** A reason of its own: nothing is broken, but only a person can read what was handed in. */
export const FILES_ONLY = "files_only";

/** More beginnings than any run of crashes explains: the work itself brings the process down. */
export const MAX_BEGINNINGS = 20;

const AWAY: readonly ErrorCode[] = ["busy", "storage_full", "not_ready", "ai_overloaded", "ai_unavailable"];

/** True for what a job waits out, however long: what it needs is not there now, which is no fault of the job. */
export const mayWait = (error: unknown): boolean => error instanceof AppError && AWAY.includes(error.code);

export const gradeJobKey = (submissionId: number, run: number): string => `submission-${submissionId}-grade-${run}`;

/** The same work under the next number, since a queue ignores an id that it still holds. */
export const nextKey = (key: string): string => key.replace(/\d+$/, (run) => String(Number(run) + 1));

/** Grading work that waits for its way to the queue. */
export const gradingJob = (key: string, submissionId: number, requestId: string, at: string): Omit<Job, "id"> => ({
  key,
  kind: "grade_submission",
  subject_id: submissionId,
  state: "waiting",
  attempts: 0,
  error: null,
  request_id: requestId,
  created_at: at,
  updated_at: at,
});
