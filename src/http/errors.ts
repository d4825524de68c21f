import { z } from "@hono/zod-openapi";
import type { Context, ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Log } from "../application/ports/system.ts";
import { AppError, type ErrorCode, rootOf } from "../domain/errors.ts";
import { type Env, InvalidInput } from "./env.ts";
import { say, sayIssue } from "./messages/mod.ts";

export const STATUS = {
  malformed_body: 400,
  unauthenticated: 401,
  bad_credentials: 401,
  account_inactive: 401,
  bad_refresh_token: 401,
  forbidden: 403,
  quota_exceeded: 403,
  signup_closed: 403,
  bad_signature: 403,
  not_found: 404,
  file_missing: 404,
  method_not_allowed: 405,
  idempotency_in_progress: 409,
  stale_version: 409,
  email_taken: 409,
  avatar_taken: 409,
  last_superadmin: 409,
  course_has_students: 409,
  homework_has_submissions: 409,
  attempts_exhausted: 409,
  closed: 409,
  not_failed: 409,
  session_completed: 409,
  too_large: 413,
  unsupported_media_type: 415,
  unsupported_audio: 415,
  unsupported_file: 415,
  invalid_input: 422,
  idempotency_key_reused: 422,
  wrong_password: 422,
  weak_password: 422,
  lesson_of_other_course: 422,
  unknown_users: 422,
  wrong_kind: 422,
  nothing_to_submit: 422,
  score_out_of_range: 422,
  voice_unavailable: 422,
  nothing_to_say: 422,
  audio_empty: 422,
  audio_unreadable: 422,
  audio_too_short: 422,
  audio_too_long: 422,
  audio_silent: 422,
  audio_unusable: 422,
  wrong_text: 422,
  language_not_scored: 422,
  rate_limited: 429,
  too_many_failures: 429,
  internal: 500,
  decoding_failed: 502,
  recognition_failed: 502,
  speech_failed: 502,
  scoring_failed: 502,
  ai_failed: 502,
  ai_blocked: 502,
  busy: 503,
  starting: 503,
  not_ready: 503,
  database_in_use: 503,
  recognition_unavailable: 503,
  scoring_unavailable: 503,
  ai_not_configured: 503,
  ai_unavailable: 503,
  ai_overloaded: 503,
  ai_timeout: 504,
  storage_full: 507,
} as const satisfies Record<ErrorCode, number>;

const Problem = z
  .object({
    type: z.string().openapi({ example: "/docs/errors#not_found", description: "The page that explains the code" }),
    title: z.string().openapi({ example: "not found" }),
    status: z.number().int().openapi({ example: 404 }),
    detail: z.string().openapi({ description: "One sentence, in the language of `Accept-Language` (uz or en)" }),
    code: z.string().openapi({ description: "Never changes with the language" }),
    request_id: z.string(),
    errors: z
      .array(z.object({ loc: z.array(z.string()), msg: z.string(), type: z.string() }))
      .optional()
      .openapi({ description: "On 422: what is wrong with each field" }),
  })
  .openapi("Problem");

const TYPE = "application/problem+json";

/** The documented refusals of a route: for each status, which codes it comes with. */
export function problems(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => STATUS[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, among]) => [
      status,
      {
        description: among.map((code) => `\`${code}\``).join(", "),
        content: { [TYPE]: { schema: Problem, example: exampleOf(among[0] ?? "internal") } },
      },
    ]),
  );
}

const exampleOf = (code: ErrorCode) => ({
  type: `/docs/errors#${code}`,
  title: code.replaceAll("_", " "),
  status: STATUS[code],
  detail: say(new AppError(code), "en"),
  code,
  request_id: "0f8c2f1e",
});

/** Whatever was thrown, as a refusal: libraries throw their own 400 and 415, and drivers their own errors. */
function toAppError(error: Error): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status === 415) return new AppError("unsupported_media_type");
  if (error instanceof HTTPException && error.status === 413) return new AppError("too_large");
  if (error instanceof HTTPException && error.status === 400) return new AppError("malformed_body");
  const { code } = error as Error & { code?: unknown };
  // What the row was to refer to has gone meanwhile, e.g. the caller's own account.
  if (code === "23503") return new AppError("not_found", {}, { cause: error });
  if (code === "53100") return new AppError("storage_full", {}, { cause: error });
  return new AppError("internal", {}, { cause: error });
}

/** What is said of whatever was thrown. */
export function problemOf(c: Context<Env>, thrown: Error) {
  const error = toAppError(thrown);
  const language = c.get("language") ?? "uz";
  const errors = error instanceof InvalidInput && {
    errors: error.issues.map((issue) => ({
      loc: [error.target, ...issue.path.map(String)],
      msg: sayIssue(issue, language),
      type: issue.code ?? "custom",
    })),
  };
  const told = errors ? new AppError(error.code, { ...error.params, msg: errors.errors[0]?.msg ?? "" }) : error;
  return {
    ...error.params,
    type: `/docs/errors#${error.code}`,
    title: error.code.replaceAll("_", " "),
    status: STATUS[error.code],
    detail: say(told, language),
    code: error.code,
    request_id: c.get("requestId") ?? "",
    ...errors,
  };
}

/** The refusal as it goes out. */
export function problem(c: Context<Env>, error: AppError, headers: Record<string, string> = {}): Response {
  const status = STATUS[error.code];
  if (status === 401) c.header("WWW-Authenticate", "Bearer");
  const retryAfter = error.params.retry_after;
  if (retryAfter !== undefined) c.header("Retry-After", String(retryAfter));
  const language = c.get("language") ?? "uz";
  const body = JSON.stringify(problemOf(c, error));
  return c.body(body, status, { ...headers, "content-type": TYPE, "content-language": language });
}

/** Refusals that say: later. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "busy",
  "not_ready",
  "starting",
  "ai_not_configured",
  "ai_unavailable",
  "ai_overloaded",
]);

export const onError =
  (log: Log): ErrorHandler<Env> =>
  (thrown, c) => {
    const error = toAppError(thrown);
    const isOurs = STATUS[error.code] >= 500;
    // What is away is away for every call: a line each is enough, and where it broke off says nothing.
    if (PASSING.has(error.code))
      log.warn("request turned away", { request_id: c.get("requestId"), code: error.code, message: rootOf(error) });
    else if (isOurs || error.cause)
      log.error("request failed", { request_id: c.get("requestId"), code: error.code }, error.cause ?? error);
    return problem(c, error);
  };
