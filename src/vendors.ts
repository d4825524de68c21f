import { fakeSpeechToText } from "./adapters/ai/fake.ts";
import { fakeLanguageModel } from "./adapters/ai/fake_model.ts";
import { fakeTextToSpeech } from "./adapters/ai/fake_voice.ts";
import { localLanguageModel } from "./adapters/ai/local.ts";
import { whisper } from "./adapters/ai/whisper.ts";
import { recogniser } from "./adapters/ai/whisper_ready.ts";
import type { LanguageModel } from "./application/ports/language_model.ts";
import type { SpeechToText, TextToSpeech } from "./application/ports/speech.ts";
import type { Config } from "./config.ts";

// Who answers, listens and speaks: a new vendor is one file in `adapters/ai` and one line here.

/** Null where it is not configured. */
export function chooseLanguageModel(config: Config): LanguageModel | null {
  if (config.DISABLE_GEMINI) return fakeLanguageModel();
  const local = () => localLanguageModel({ model: config.LLM_MODEL });
  return { gemini: () => null, openai: () => null, local, fake: fakeLanguageModel }[config.LLM_PROVIDER]();
}

/** Null where this machine cannot recognise speech, or the vendor is not configured. */
export function chooseSpeechToText(config: Config): SpeechToText | null {
  const fake = () => fakeSpeechToText(config.FAKE_RECOGNITION_MS);
  if (config.DISABLE_WHISPER) return fake();
  const local = () => {
    const found = recogniser(config.WHISPER_MODEL);
    return found.ok ? whisper({ model: found.model }) : null;
  };
  return { whisper: local, openai: () => null, gemini: () => null, fake }[config.STT_PROVIDER]();
}

export function chooseTextToSpeech(config: Config): TextToSpeech {
  if (config.DISABLE_TTS) return fakeTextToSpeech();
  return {
    gtts: fakeTextToSpeech,
    espeak: fakeTextToSpeech,
    gemini: fakeTextToSpeech,
    fake: fakeTextToSpeech,
  }[config.TTS_PROVIDER]();
}
