// What the routes of the tutor refuse with because of whoever helps them.

/** What the failure of a vendor that listens or speaks becomes. */
export const SPEECH_ERRORS = ["ai_failed", "ai_overloaded", "ai_unavailable", "ai_timeout"] as const;

/** Of one that answers: its owner's rules may forbid that too. */
export const MODEL_ERRORS = [...SPEECH_ERRORS, "ai_blocked"] as const;

/** What a recording may be refused with, and its recogniser. */
export const RECORDING_ERRORS = [
  "unsupported_audio",
  "audio_empty",
  "audio_unreadable",
  "audio_too_short",
  "audio_too_long",
  "decoding_failed",
  "recognition_failed",
  "recognition_unavailable",
  "busy",
] as const;
