import type { TextToSpeech } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { isSpeakable } from "../../domain/reading.ts";
import { chosenVoice, type Voice } from "../../domain/voices.ts";

/**
 * One voice out of several, the better ones first: the first that has the language speaks, and where it fails before the first
 * sound, the next one does. Later failures are the listener's, who has heard half of it.
 */
export function chainedVoices(ports: readonly TextToSpeech[]): TextToSpeech {
  const voices: Voice[] = ports.flatMap((port) => port.voices);
  return {
    voices,
    speak: async (text, options) => {
      if (!isSpeakable(text)) throw new AppError("speech_failed");
      const { language, engine } = chosenVoice(voices, options);
      // Who asked for a voice by name has it first; another voice is better than none.
      const able = ports.filter((port) => port.voices.some((voice) => voice.language === language));
      const named = (port: TextToSpeech) => port.voices.some(({ id }) => id === options.voice);
      const inOrder = options.voice ? [...able.filter(named), ...able.filter((port) => !named(port))] : able;
      let failure: unknown = new AppError("speech_failed", {}, { cause: new Error(`${engine} is gone`) });
      for (const port of inOrder) {
        const voice = named(port) ? options.voice : undefined;
        try {
          return await port.speak(text, { ...options, voice });
        } catch (error) {
          failure = error;
          if (options.signal?.aborted) break;
        }
      }
      throw failure;
    },
    stop: async () => {
      await Promise.all(ports.map((port) => port.stop()));
    },
  };
}
