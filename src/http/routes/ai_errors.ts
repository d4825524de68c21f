// What the routes of the tutor refuse with because of whoever helps them.

/** What the failure of a vendor that listens or speaks becomes. */
export const SPEECH_ERRORS = ["ai_failed", "ai_overloaded", "ai_unavailable", "ai_timeout"] as const;

/** Of one that answers: its owner's rules may forbid that too. */
export const MODEL_ERRORS = [...SPEECH_ERRORS, "ai_blocked"] as const;

/** What a recording may be refused with. */
const SOUND_ERRORS = [
  "unsupported_audio",
  "audio_empty",
  "audio_unreadable",
  "audio_too_short",
  "audio_too_long",
  "decoding_failed",
  "busy",
] as const;

/** The same, and what its recogniser fails with. */
export const RECORDING_ERRORS = [...SOUND_ERRORS, "recognition_failed", "recognition_unavailable"] as const;

/** What an assessment of pronunciation may be refused with; one that compares words needs a recogniser, who may be a vendor's. */
export const SCORING_ERRORS = [
  ...RECORDING_ERRORS,
  ...SPEECH_ERRORS,
  "audio_unusable",
  "wrong_text",
  "nothing_to_say",
  "language_not_scored",
  "scoring_unavailable",
  "scoring_failed",
  "quota_exceeded",
] as const;
