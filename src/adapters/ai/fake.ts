import type { SpeechToText } from "../../application/ports/speech.ts";

/** Placeholder until the recogniser's author writes the deterministic fake. */
export function fakeSpeechToText(): SpeechToText {
  return {
    engine: "fake",
    transcribe: async (_samples, { language = "en" } = {}) => ({
      text: "I get up at seven",
      language,
      words: [],
      engine: "fake",
    }),
    stop: async () => {},
  };
}
