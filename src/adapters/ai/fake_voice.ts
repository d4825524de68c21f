import type { TextToSpeech } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { isSpeakable } from "../../domain/reading.ts";
import { chosenVoice } from "../../domain/voices.ts";

// One silent MPEG frame: 32 kbit/s, 44 100 Hz, mono, 1152 samples.
const FRAME = Uint8Array.from({ length: 104 }, (_, i) => [0xff, 0xfb, 0x10, 0xc4][i] ?? 0);
const FRAMES_PER_SECOND = 44_100 / 1152;
const CHARACTERS_PER_SECOND = 15;

const VOICES = ["en", "uz", "ru"].map((language) => ({
  id: `fake-${language}`,
  language,
  name: "silence",
  engine: "fake",
}));

/** Stands in for a voice (DISABLE_TTS=1, tests): silence, as long as the text would take to read. */
export function fakeTextToSpeech(): TextToSpeech {
  return {
    voices: VOICES,
    speak: async (text, { signal, ...wanted }) => {
      const voice = chosenVoice(VOICES, wanted);
      const gone = () => new AppError("speech_failed", {}, { cause: signal?.reason });
      if (signal?.aborted) throw gone();
      if (!isSpeakable(text)) throw new AppError("speech_failed");
      const frames = Math.ceil((text.length / CHARACTERS_PER_SECOND) * FRAMES_PER_SECOND);
      return { voice, sound: silence(frames, signal, gone) };
    },
    stop: async () => {},
  };
}

async function* silence(frames: number, signal: AbortSignal | undefined, gone: () => AppError) {
  for (let i = 0; i < frames; i++) {
    if (signal?.aborted) throw gone();
    yield FRAME;
  }
}
