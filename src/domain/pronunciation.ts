import type { SpeechMeasures } from "./sound.ts";

/** A sound of English as CMUdict writes it, without stress: `TH`, `IY`. */
export type Sound = string;

/** One expected sound of a word, and how it came out. */
export type ScoredSound = {
  readonly sound: Sound;
  /** 0 to 100: the share of listeners who would find nothing to mark in it. */
  readonly score: number;
  /** The likeliest sound in its place: a hint, never compared with what people hear. Null where it is this one, or silence. */
  readonly heard: Sound | null;
};

/** What a scorer makes of one word of the reference text. */
export type ScoredWord = {
  /** As the reference writes it. */
  readonly text: string;
  /** Its place in the reference text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** False where the word is not in the recording. */
  readonly said: boolean;
  /** 0 to 100, on the scale of `Pronounced.weak_below`; 0 where it was not said. */
  readonly score: number;
  /** Another word than this one was said in its place. */
  readonly replaced: boolean;
  /** What a transcript has in its place; null where the scorer hears sounds alone, and no other word was said. */
  readonly heard: string | null;
  /** Milliseconds from the start of the recording; null where it was not said or no time is known. */
  readonly start_ms: number | null;
  readonly end_ms: number | null;
  /** Empty where only words are compared. */
  readonly sounds: readonly ScoredSound[];
};

/** Words in the recording that the reference text has not. */
export type AddedWord = {
  readonly text: string;
  /** Index of the reference word before it, -1 at the beginning. */
  readonly after: number;
  readonly start_ms: number | null;
  readonly end_ms: number | null;
};

/** How far the scores of one recording may be relied on. */
export type Confidence = "low" | "medium" | "high";

/** What a scorer hears in a recording of somebody who reads a text. */
export type Pronounced = {
  /** Every word of the reference that can be said, in order. */
  readonly words: readonly ScoredWord[];
  readonly added: readonly AddedWord[];
  /** What was heard without knowing the text. */
  readonly transcript: string;
  /** 0 to 100, of the words that were said. */
  readonly accuracy: number;
  /** 0 to 100. */
  readonly fluency: number;
  /** 0 to 100: the impression of the whole, as experts give it. */
  readonly total: number;
  /** True where the recording is of another text: no score means anything then. */
  readonly wrong_text: boolean;
  /** Words that score lower are mispronounced. */
  readonly weak_below: number;
  readonly confidence: Confidence;
  /** Who listened, e.g. `moonshine-tiny with phone probe`. */
  readonly engine: string;
  /** `acoustic` listens to the sounds, `transcript` compares words, `made_up` is a fake's. */
  readonly method: "acoustic" | "transcript" | "made_up";
  /** Grows with every change of weights or formulas, so that stored scores say which they came from. */
  readonly scoring_version: number;
};

type WordError = "None" | "Mispronunciation" | "Omission" | "Insertion";

/** One line of an assessment: a word of the reference, or one that was added. Its hint is made when it is shown. */
export type AssessedWord = {
  /** Its place in the reference; of an added word, that of the word before it (-1 at the beginning). */
  readonly index: number;
  readonly word: string;
  /** 0 to 100; of an added word 0. */
  readonly score: number;
  readonly error_type: WordError;
  /** What was heard in its place: words where they are known, else the sounds of a weak word; null where nothing is known. */
  readonly heard: string | null;
  readonly start_ms?: number;
  readonly end_ms?: number;
  readonly expected_phones: readonly Sound[];
  /** Empty where another word was said: they would say nothing of how this one is said. */
  readonly sounds: readonly ScoredSound[];
};

/** An assessment as it is shown and kept: every score is 0 to 100, with the formula in docs/pronunciation.md. */
export type Assessment = {
  readonly accuracy_score: number;
  readonly fluency_score: number;
  /** 100 · words said / words of the reference. */
  readonly completeness_score: number;
  /** Nothing here measures it. */
  readonly prosody_score: null;
  readonly overall_score: number;
  readonly transcribed_text: string;
  readonly reference_text: string;
  readonly words: readonly AssessedWord[];
  readonly metrics: Pick<
    SpeechMeasures,
    "duration_ms" | "speech_ms" | "wpm" | "articulation_rate" | "pause_count" | "pause_ratio"
  > & {
    /** Words of the reference read rightly, a minute from the first to the last sound. */
    readonly wcpm: number;
  };
  readonly engine: string;
  readonly method: Pronounced["method"];
  readonly confidence: Confidence;
  readonly scoring_version: number;
};

/** Where a recording came from. */
export const SOURCES = ["free", "phrase", "voice_loop", "homework"] as const;
type PronunciationSource = (typeof SOURCES)[number];

/** A word that came out weak, with what was weakest in it. */
export type WeakWord = {
  readonly word: string;
  readonly score: number;
  readonly sound: Sound | null;
};

/** How often a sound was said in an analysis, and how it came out. */
export type SoundCount = {
  readonly sound: Sound;
  readonly said: number;
  /** How often it was what made a word weak; never of the vowel of weak syllables, nor of an r that no vowel follows. */
  readonly weak: number;
  /** The mean of its scores, 0 to 100. */
  readonly score: number;
  /** The sound that was likeliest in its place most often; null where none was. */
  readonly heard: Sound | null;
};

/** One analysis as it is kept. Lists leave `words` null: of a long reading they are a third of a megabyte. */
export type PronunciationAttempt = {
  readonly id: number;
  readonly user_id: number;
  readonly source: PronunciationSource;
  readonly phrase_id: number | null;
  readonly session_id: number | null;
  readonly language: string;
  readonly assessment: Omit<Assessment, "words">;
  readonly words: readonly AssessedWord[] | null;
  /** The weakest ones, 20 at most. */
  readonly weak_words: readonly WeakWord[];
  readonly sound_counts: readonly SoundCount[];
  readonly created_at: string;
};
