/** The answer to a request with an `Idempotency-Key`, kept for 24 h so that a repetition gets it again. */
export type StoredAnswer = {
  readonly id: number;
  readonly user_id: number;
  readonly key: string;
  /** SHA-256 of method, path, fields and files' contents. */
  readonly fingerprint: string;
  /** Null while the first request runs. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Until then a request without an answer counts as running; after it its process is taken for dead. */
  readonly lease_until: string;
  readonly created_at: string;
};
