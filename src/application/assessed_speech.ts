import { assess, kept } from "../domain/assessment.ts";
import { AppError } from "../domain/errors.ts";
import type { Assessment, PronunciationAttempt } from "../domain/pronunciation.ts";
import { centred } from "../domain/sound.ts";
import type { Samples } from "../domain/speech.ts";
import { whyUnusable } from "../domain/usable_sound.ts";
import { wordsOf } from "../domain/words.ts";
import type { Ports, Stores } from "./ports/mod.ts";
import type { PronunciationScorer } from "./ports/pronunciation.ts";

/** What is read aloud, in a language (ISO 639-1). */
export type ReadText = { readonly text: string; readonly language: string };

/** The scorer for a text, or the refusal that comes before any work: `scoring_unavailable`, `nothing_to_say`, `language_not_scored`. */
export function scorerFor(
  { pronunciation }: Pick<Ports, "pronunciation">,
  { text, language }: ReadText,
): PronunciationScorer {
  if (!pronunciation) throw new AppError("scoring_unavailable");
  if (wordsOf(text).length === 0) throw new AppError("nothing_to_say");
  const { languages } = pronunciation;
  if (!languages.includes(language)) throw new AppError("language_not_scored", { language, languages });
  return pronunciation;
}

/** Refuses what nobody could judge with `audio_unusable` and its reason. */
export function checkSound(samples: Samples, text: string): void {
  const reason = whyUnusable(samples, text);
  if (reason !== null) throw new AppError("audio_unusable", { reason });
}

/** The assessment of a reading whose sound was checked; refuses with `wrong_text` where something else was read. Spends no quota. */
export async function assessSpeech(
  scorer: PronunciationScorer,
  samples: Samples,
  read: ReadText,
  options?: Parameters<PronunciationScorer["score"]>[2],
): Promise<Assessment> {
  const pronounced = await scorer.score(centred(samples), read, options);
  if (pronounced.wrong_text) throw new AppError("wrong_text");
  return assess(pronounced, read.text, samples);
}

/** Keeps an analysis, in the transaction that has its effect. */
export const keepAttempt = (
  { pronunciationAttempts }: Pick<Stores, "pronunciationAttempts">,
  draft: Pick<PronunciationAttempt, "user_id" | "source" | "phrase_id" | "session_id" | "language" | "created_at">,
  assessment: Assessment,
): Promise<PronunciationAttempt> => pronunciationAttempts.add({ ...draft, ...kept(assessment) });
