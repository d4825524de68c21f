import type { ErrorCode } from "../../domain/errors.ts";

/** What becomes of each way in which a vendor lets us down. Only what costs nothing to repeat, or was never begun, is repeated. */
const KINDS = {
  /** 429: it has too many callers, or we asked too often. */
  overloaded: { code: "ai_overloaded", repeat: true, counts: false },
  /** Nobody listens there, the name is unknown, or it is left alone after failing. */
  away: { code: "ai_unavailable", repeat: true, counts: true },
  late: { code: "ai_timeout", repeat: false, counts: true },
  /** Its owner's rules forbid an answer. */
  blocked: { code: "ai_blocked", repeat: false, counts: false },
  /** 5xx, or the connection broke before an answer began. */
  broken: { code: "ai_failed", repeat: true, counts: true },
  /** A web page, half an answer, a way to another host: it is not what we call that answers. */
  garbled: { code: "ai_failed", repeat: false, counts: true },
  /** Nothing, or not the shape asked for. A learner's text can bring that about, so it closes the way for nobody else. */
  unfit: { code: "ai_failed", repeat: false, counts: false },
  /** A wrong key, an unknown model, too long a text: ours to mend. */
  refused: { code: "ai_failed", repeat: false, counts: false },
  aborted: { code: "ai_failed", repeat: false, counts: false },
} as const satisfies Record<string, { code: ErrorCode; repeat: boolean; counts: boolean }>;

export type Kind = keyof typeof KINDS;

/** Its message is for the log: neither a key nor what a learner wrote stands in it. */
export type Failure = Error & { readonly kind: Kind; readonly wait_s: number | undefined; readonly status: number };

type Details = { wait_s?: number | undefined; status?: number };

/** `wait_s` is what the vendor asks us to wait; `status` is HTTP's, 0 where there was no answer. */
export function failure(kind: Kind, words: string, { wait_s, status = 0 }: Details = {}): Failure {
  return Object.assign(new Error(words), { kind, wait_s, status });
}

export const isFailure = (error: unknown): error is Failure =>
  error instanceof Error && "kind" in error && typeof error.kind === "string" && error.kind in KINDS;

export const fateOf = ({ kind }: Failure) => KINDS[kind];

/** The operating system's and Bun's names for a connection that was never made. */
const NEVER_MADE = /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)/;

/** What `fetch` throws before an answer begins. Not its words, which may hold the address. */
export function connectionFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  const name = nameOf(error);
  return failure(NEVER_MADE.test(name) ? "away" : "broken", `no connection: ${name}`);
}

/** Whatever else is thrown, once an answer has begun: it was cut or cannot be read. Its words may hold the answer. */
export const failureOf = (error: unknown): Failure =>
  isFailure(error) ? error : failure("garbled", `the answer cannot be read: ${nameOf(error)}`);

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
