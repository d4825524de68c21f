/** Every way a request can be refused. The HTTP layer owns the status and the words. */
export type ErrorCode =
  // the request itself
  | "malformed_body"
  | "invalid_input"
  | "unsupported_media_type"
  | "too_large"
  | "not_found"
  | "method_not_allowed"
  | "idempotency_key_reused"
  | "idempotency_in_progress"
  | "stale_version"
  | "rate_limited"
  // who is calling
  | "unauthenticated"
  | "bad_credentials"
  | "account_inactive"
  | "too_many_failures"
  | "bad_refresh_token"
  | "forbidden"
  | "signup_closed"
  | "wrong_password"
  | "weak_password"
  | "email_taken"
  | "last_superadmin"
  // the school
  | "course_has_students"
  | "lesson_of_other_course"
  | "unknown_users"
  | "homework_has_submissions"
  | "wrong_kind"
  | "nothing_to_submit"
  | "attempts_exhausted"
  | "closed"
  | "score_out_of_range"
  | "not_failed"
  // the tutor
  | "ai_not_configured"
  | "ai_unavailable"
  | "ai_overloaded"
  | "ai_timeout"
  | "ai_failed"
  | "ai_blocked"
  | "voice_unavailable"
  | "speech_failed"
  | "nothing_to_say"
  | "quota_exceeded"
  | "avatar_taken"
  // pronunciation
  | "audio_unusable"
  | "wrong_text"
  | "language_not_scored"
  | "scoring_unavailable"
  | "scoring_failed"
  | "session_completed"
  // recordings and files
  | "unsupported_audio"
  | "unsupported_file"
  | "audio_empty"
  | "audio_unreadable"
  | "audio_too_short"
  | "audio_too_long"
  | "audio_silent"
  | "file_missing"
  | "storage_full"
  | "bad_signature"
  // what helps us
  | "busy"
  | "starting"
  | "recognition_unavailable"
  | "recognition_failed"
  | "decoding_failed"
  | "not_ready"
  | "database_in_use"
  | "internal";

export type ErrorParams = Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>;

/** A refusal with its code; `params` go out beside it and fill the placeholders of its sentence. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.params = params;
  }
}

/** What lies below an error, in its own words: for the log. */
export const rootOf = (error: unknown): string =>
  error instanceof Error ? (error.cause ? rootOf(error.cause) : error.message) : String(error);
