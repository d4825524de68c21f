import type { PronunciationScorer } from "../../application/ports/pronunciation.ts";
import { AppError } from "../../domain/errors.ts";

/** What another scorer may still manage; any other refusal is about the recording, the text, or how busy it is. */
const BROKEN: ReadonlySet<string> = new Set(["scoring_failed", "scoring_unavailable"]);

/**
 * One scorer out of several, the better ones first: the first that knows the language answers, and where it is broken, the next one
 * does. `onBroken` is told, since the answer alone does not show why it is the poorer one.
 */
export function chainedScorers(
  scorers: readonly PronunciationScorer[],
  onBroken: (engine: string, error: unknown) => void = () => {},
): PronunciationScorer {
  const languages = [...new Set(scorers.flatMap((scorer) => scorer.languages))];
  return {
    engine: scorers[0]?.engine ?? "none",
    languages,
    score: async (samples, reference, options) => {
      const { language } = reference;
      const able = scorers.filter((scorer) => scorer.languages.includes(language));
      let failure = new AppError("language_not_scored", { language, languages });
      for (const scorer of able) {
        try {
          return await scorer.score(samples, reference, options);
        } catch (error) {
          if (!(error instanceof AppError && BROKEN.has(error.code)) || options?.signal?.aborted) throw error;
          onBroken(scorer.engine, error);
          failure = error;
        }
      }
      throw failure;
    },
    stop: async () => {
      await Promise.all(scorers.map((scorer) => scorer.stop()));
    },
  };
}
