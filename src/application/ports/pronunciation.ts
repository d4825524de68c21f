import type { Pronounced } from "../../domain/pronunciation.ts";
import type { Samples, Transcript } from "../../domain/speech.ts";

/**
 * Listens to somebody who reads a text, and says of each word how it came out. The same samples and text give the same answer.
 * Fails with `nothing_to_say` where the text has no word that can be said in the language, `busy` when its queue is full,
 * `scoring_failed` when the scorer broke or timed out (worth another try), and with what a recogniser fails with where it needs
 * one. An aborted signal ends it with `scoring_failed`.
 */
export interface PronunciationScorer {
  /** Shown in answers and logs. */
  readonly engine: string;
  /** The languages it can score (ISO 639-1); others are refused with `language_not_scored`. */
  readonly languages: readonly string[];
  score(
    samples: Samples,
    reference: { readonly text: string; readonly language: string },
    /** `heard` is what a recogniser has made of these samples already, in this language: it need not listen again. */
    options?: { signal?: AbortSignal | undefined; heard?: Transcript | undefined },
  ): Promise<Pronounced>;
  stop(): Promise<void>;
}
