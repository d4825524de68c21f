/** Sound as every part of the platform handles it: one channel, 16 000 samples a second, each from -1 to 1. */
export type Samples = Float32Array;
export const SAMPLE_RATE = 16_000;

/** A word as it was heard; times are milliseconds from the start of the recording, `confidence` is 0 to 1. */
export type HeardWord = {
  readonly text: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly confidence: number;
};

/** What a recogniser made of a recording. Silence is an empty text without words. */
export type Transcript = {
  readonly text: string;
  /** ISO 639-1. */
  readonly language: string;
  readonly words: readonly HeardWord[];
  /** Who listened, e.g. `whisper ggml-base-q5_1`. */
  readonly engine: string;
};
