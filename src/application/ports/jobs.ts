/** What the queue carries: enough to find the work, nothing that the database keeps already. */
export type QueuedJob = { readonly key: string; readonly request_id: string | null };

export type Handler = {
  /**
   * Does the work; a failure is tried again, a few times in all, later each time. `busy`, `storage_full`
   * and `not_ready` are tried again without being counted. The same job may come twice.
   */
  run(job: QueuedJob, signal: AbortSignal): Promise<void>;
  /** Called once, after the last attempt failed. */
  gaveUp(job: QueuedJob, error: unknown): Promise<void>;
};

/** The queue of background work: delivers each job at least once while its process or another lives. */
export interface Jobs {
  /** A key that is waiting or running is left alone; one that ended or failed is taken again. Throws when it cannot be taken now. */
  add(job: QueuedJob): Promise<void>;
  /** Starts to take work. */
  work(handler: Handler): void;
  /** Throws when the queue does not answer. */
  depth(): Promise<{ waiting: number; active: number }>;
  /** Takes no more work, lets what runs finish for so many milliseconds, then aborts it. */
  stop(graceMs: number): Promise<void>;
}
