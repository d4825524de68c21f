import type { LanguageModel, Prompt } from "../../src/application/ports/language_model.ts";
import type { TextToSpeech } from "../../src/application/ports/speech.ts";
import { AppError, type ErrorCode } from "../../src/domain/errors.ts";

/** A model whose answers are written by the test, and which remembers what it was asked. */
export function scriptedModel(
  answer: (prompt: Prompt) => string | Promise<string>,
  given: Partial<LanguageModel> = {},
) {
  const asked: Prompt[] = [];
  const model: LanguageModel = {
    engine: "scripted",
    context_tokens: 8000,
    stream: async function* (prompt) {
      asked.push(prompt);
      for (const piece of (await answer(prompt)).split(/(?<= )/)) yield piece;
    },
    answer: async (prompt, shape) => {
      asked.push(prompt);
      const raw = await answer(prompt);
      const read = shape.safeParse(JSON.parse(raw));
      if (!read.success) throw new AppError("ai_failed");
      return { value: read.data, raw };
    },
    stop: async () => {},
    ...given,
  };
  return { model, asked };
}

export const brokenModel = (code: ErrorCode, after = ""): LanguageModel =>
  scriptedModel(async () => "", {
    stream: async function* () {
      if (after) yield after;
      throw new AppError(code, { retry_after: 7 });
    },
    answer: () => Promise.reject(new AppError(code, { retry_after: 7 })),
  }).model;

/** A voice that fails before its first sound, or after so many pieces. */
export const brokenVoice = (voice: TextToSpeech, code: ErrorCode, pieces = 0): TextToSpeech => ({
  ...voice,
  speak: async (text, options) => {
    if (pieces === 0) throw new AppError(code);
    const speech = await voice.speak(text, options);
    return { ...speech, sound: breakingOff(speech.sound, pieces, code) };
  },
});

async function* breakingOff(sound: AsyncIterable<Uint8Array>, pieces: number, code: ErrorCode) {
  let left = pieces;
  for await (const piece of sound) {
    if (left-- === 0) throw new AppError(code);
    yield piece;
  }
}
