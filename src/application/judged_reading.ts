import { AppError } from "../domain/errors.ts";
import type { Unassessed } from "../domain/homework.ts";
import type { Assessment } from "../domain/pronunciation.ts";
import type { Samples, Transcript } from "../domain/speech.ts";
import { whyUnusable } from "../domain/usable_sound.ts";
import { assessSpeech, type ReadText } from "./assessed_speech.ts";
import type { Ports } from "./ports/mod.ts";
import type { PronunciationScorer } from "./ports/pronunciation.ts";

// The pronunciation of a text whose recording was recognised already, for work that goes on without it where it cannot be judged.

/** The scorer, where there is one for the text's language. */
export const readingScorer = (
  { pronunciation }: Pick<Ports, "pronunciation">,
  { language }: ReadText,
): PronunciationScorer | null => (pronunciation?.languages.includes(language) ? pronunciation : null);

type Heard = { readonly samples: Samples; readonly transcript: Transcript; readonly signal: AbortSignal };

/** The assessment of a reading, or why there is none; what broke is logged. Never throws. */
export async function judgeReading(
  { log }: Pick<Ports, "log">,
  scorer: PronunciationScorer | null,
  read: ReadText,
  { samples, transcript, signal }: Heard,
): Promise<Assessment | Unassessed> {
  if (!scorer) return "pronunciation_unavailable";
  // By what was said, not by the text: who stops early is judged all the same.
  if (whyUnusable(samples, transcript.text) !== null) return "audio_unusable";
  try {
    return await assessSpeech(scorer, samples, read, { signal, heard: transcript });
  } catch (error) {
    const code = error instanceof AppError ? error.code : "internal";
    if (code === "audio_unusable" || code === "wrong_text") return code;
    log.warn("a reading was not judged by its sound", { engine: scorer.engine, code });
    return "pronunciation_unavailable";
  }
}
