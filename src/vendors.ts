import { espeak } from "./adapters/ai/espeak.ts";
import { fakeLanguageModel } from "./adapters/ai/fake_model.ts";
import { fakeSpeechToText } from "./adapters/ai/fake_speech.ts";
import { fakeTextToSpeech } from "./adapters/ai/fake_voice.ts";
import { type GeminiOptions, geminiModel } from "./adapters/ai/gemini.ts";
import { geminiSpeechToText } from "./adapters/ai/gemini_speech.ts";
import { geminiVoice } from "./adapters/ai/gemini_voice.ts";
import { gtts } from "./adapters/ai/gtts.ts";
import { localLanguageModel } from "./adapters/ai/local.ts";
import { childMp3 } from "./adapters/ai/mp3.ts";
import { isOpenAi, type OpenAiOptions, openAiModel } from "./adapters/ai/openai.ts";
import { openAiSpeechToText } from "./adapters/ai/openai_speech.ts";
import { chainedVoices } from "./adapters/ai/voice_chain.ts";
import { whisper } from "./adapters/ai/whisper.ts";
import { recogniser } from "./adapters/ai/whisper_ready.ts";
import { chainedScorers } from "./adapters/pronunciation/chain.ts";
import { fakePronunciation } from "./adapters/pronunciation/fake.ts";
import { moonshineScorer } from "./adapters/pronunciation/scorer.ts";
import { scorerReady } from "./adapters/pronunciation/scorer_ready.ts";
import { transcriptScorer } from "./adapters/pronunciation/transcript.ts";
import type { LanguageModel } from "./application/ports/language_model.ts";
import type { PronunciationScorer } from "./application/ports/pronunciation.ts";
import type { SpeechToText, TextToSpeech } from "./application/ports/speech.ts";
import type { Config } from "./config.ts";

// Who answers, listens and speaks: a new vendor is one file in `adapters/ai` and one line here.

/** Null without a key: Gemini answers nothing then. */
export function geminiOf(config: Config, model = config.GEMINI_MODEL): GeminiOptions | null {
  const apiKey = config.GOOGLE_API_KEY ?? config.AI_API_KEY;
  return apiKey === undefined ? null : { apiKey: apiKey.trim(), model, baseUrl: config.GEMINI_BASE_URL };
}

/** Null without a key for OpenAI itself; a server of one's own may want none. */
export function openAiOf({ OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY }: Config, model: string): OpenAiOptions | null {
  const options = { baseUrl, apiKey: OPENAI_API_KEY?.trim(), model };
  return isOpenAi(options) && !options.apiKey ? null : options;
}

/** Null where it is not configured. */
export function chooseLanguageModel(config: Config): LanguageModel | null {
  if (config.DISABLE_GEMINI) return fakeLanguageModel();
  const [gemini, openAi] = [geminiOf(config), openAiOf(config, config.OPENAI_MODEL)];
  return {
    gemini: () => gemini && geminiModel(gemini),
    openai: () => openAi && openAiModel(openAi),
    local: () => localLanguageModel({ model: config.LLM_MODEL }),
    fake: fakeLanguageModel,
  }[config.LLM_PROVIDER]();
}

/** Null where this machine cannot recognise speech, or the vendor is not configured. */
export function chooseSpeechToText(config: Config): SpeechToText | null {
  const fake = () => fakeSpeechToText(config.FAKE_RECOGNITION_MS);
  if (config.DISABLE_WHISPER) return fake();
  const local = () => {
    const found = recogniser(config.WHISPER_MODEL);
    return found.ok ? whisper({ model: found.model }) : null;
  };
  const [gemini, openAi] = [geminiOf(config), openAiOf(config, config.OPENAI_STT_MODEL)];
  return {
    whisper: local,
    openai: () => openAi && openAiSpeechToText(openAi),
    gemini: () => gemini && geminiSpeechToText(gemini),
    fake,
  }[config.STT_PROVIDER]();
}

/** A voice that has no Uzbek, or is away, hands over to espeak, which needs nobody. */
export function chooseTextToSpeech(config: Config): TextToSpeech {
  if (config.DISABLE_TTS) return fakeTextToSpeech();
  const gemini = geminiOf(config, config.GEMINI_TTS_MODEL);
  return {
    gtts: () => chainedVoices([gtts({ baseUrl: config.GTTS_BASE_URL }), espeak()]),
    espeak: () => chainedVoices([espeak()]),
    gemini: () => chainedVoices([...(gemini ? [geminiVoice({ ...gemini, encoder: childMp3() })] : []), espeak()]),
    fake: fakeTextToSpeech,
  }[config.TTS_PROVIDER]();
}

/** A made-up transcript may be an answer, but nothing to judge by. */
const real = (speechToText: SpeechToText | null) => (speechToText?.engine === "fake" ? null : speechToText);

/**
 * Who listens to the sounds of English, and who compares words where nobody does; null where this machine can judge it in no way.
 * The recogniser stays its giver's. `onBroken` is told where words are compared because the better scorer broke.
 */
export function choosePronunciation(
  config: Config,
  speechToText: SpeechToText | null,
  onBroken?: (engine: string, error: unknown) => void,
): PronunciationScorer | null {
  if (config.DISABLE_PRONUNCIATION) return fakePronunciation();
  const recogniser = real(speechToText);
  const scorers = [
    ...(scorerReady().ok ? [moonshineScorer()] : []),
    ...(recogniser ? [transcriptScorer(recogniser)] : []),
  ];
  return scorers.length === 0 ? null : chainedScorers(scorers, onBroken);
}
