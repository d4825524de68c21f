import type { PronunciationScorer } from "../../application/ports/pronunciation.ts";
import { AppError } from "../../domain/errors.ts";
import { writtenWords } from "../../domain/words.ts";

/** Stands in for the scorer (DISABLE_PRONUNCIATION=1, tests): the same samples and text always have the same scores. */
export function fakePronunciation(): PronunciationScorer {
  const engine = "fake";
  return {
    engine,
    languages: ["en"],
    score: async (samples, { text, language }, { signal } = {}) => {
      if (signal?.aborted) throw new AppError("scoring_failed", {}, { cause: signal.reason });
      if (language !== "en") throw new AppError("language_not_scored", { language, languages: ["en"] });
      const words = writtenWords(text).map(({ text, start, end }, i) => {
        const score = 40 + Number(Bun.hash(`${samples.length} ${i} ${text}`) % 61n);
        return {
          text,
          start,
          end,
          said: true,
          score,
          replaced: false,
          heard: null,
          start_ms: null,
          end_ms: null,
          sounds: [],
        };
      });
      if (words.length === 0) throw new AppError("nothing_to_say");
      const mean = words.reduce((sum, { score }) => sum + score, 0) / words.length;
      return {
        words,
        added: [],
        transcript: words.map(({ text }) => text).join(" "),
        accuracy: mean,
        fluency: mean,
        total: mean,
        wrong_text: false,
        weak_below: 60,
        confidence: "low",
        engine,
        method: "made_up",
        scoring_version: 1,
      };
    },
    stop: async () => {},
  };
}
