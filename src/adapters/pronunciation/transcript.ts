import type { PronunciationScorer } from "../../application/ports/pronunciation.ts";
import type { SpeechToText } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { comparedLanguages, scoreTranscript } from "../../domain/transcript_scoring.ts";
import { wordsOf } from "../../domain/words.ts";

/**
 * Compares what a recogniser writes down with the text, in every language that it knows: `confidence` is always low, since a
 * recogniser hears what should have been said. The recogniser is its giver's, who stops it.
 */
export function transcriptScorer(speechToText: SpeechToText): PronunciationScorer {
  const languages = comparedLanguages(speechToText.languages);
  return {
    engine: speechToText.engine,
    languages,
    score: async (samples, reference, { signal, heard } = {}) => {
      const { text, language } = reference;
      if (!languages.includes(language)) throw new AppError("language_not_scored", { language, languages });
      if (wordsOf(text).length === 0) throw new AppError("nothing_to_say");
      const transcript =
        heard ??
        (await speechToText.transcribe(samples, { language, signal }).catch((error) => {
          throw signal?.aborted ? new AppError("scoring_failed", {}, { cause: signal.reason }) : error;
        }));
      if (signal?.aborted) throw new AppError("scoring_failed", {}, { cause: signal.reason });
      return scoreTranscript(samples, transcript, reference);
    },
    stop: async () => {},
  };
}
