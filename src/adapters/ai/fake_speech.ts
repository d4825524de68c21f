import { setTimeout } from "node:timers/promises";
import type { SpeechToText } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";

const SENTENCES = [
  "I get up at seven and have breakfast with my family",
  "My brother works in a small shop near the station",
  "We went to Samarkand last summer by train",
  "She is reading a book about the history of tea",
  "They have lived in this house for five years",
  "I would like a cup of green tea please",
  "The weather is warm today so we can walk to school",
  "He wants to become a doctor and help people",
] as const;

/**
 * Stands in for the recogniser (DISABLE_WHISPER=1, tests): the same samples always say the same sentence, after so many
 * milliseconds or as soon as the signal ends it.
 */
export function fakeSpeechToText(ms = 0): SpeechToText {
  const engine = "fake";
  return {
    engine,
    languages: ["en", "uz", "ru"],
    transcribe: async (samples, { language = "en", signal } = {}) => {
      if (ms > 0) await setTimeout(ms, undefined, signal && { signal }).catch(() => {});
      if (signal?.aborted) throw new AppError("recognition_failed", {}, { cause: signal.reason });
      const text = sentenceFor(samples);
      const spoken = text.split(" ").filter(Boolean);
      const each = ((samples.length / SAMPLE_RATE) * 1000) / Math.max(1, spoken.length);
      const words = spoken.map((word, i) => ({
        text: word,
        start_ms: Math.floor(i * each),
        end_ms: Math.floor((i + 1) * each),
        confidence: 0.9,
      }));
      return { text, language, words, engine };
    },
    stop: async () => {},
  };
}

function sentenceFor(samples: Samples): string {
  if (samples.every((sample) => sample === 0)) return "";
  const hash = Bun.hash(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  return SENTENCES[Number(BigInt(hash) % BigInt(SENTENCES.length))] ?? SENTENCES[0];
}
