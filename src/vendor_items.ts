import { espeakReady } from "./adapters/ai/espeak_ready.ts";
import { localModel } from "./adapters/ai/local_ready.ts";
import { recogniser } from "./adapters/ai/whisper_ready.ts";
import { scorerReady } from "./adapters/pronunciation/scorer_ready.ts";
import type { Config } from "./config.ts";
import type { Item } from "./item.ts";
import { geminiOf, openAiOf } from "./vendors.ts";

// Who answers, listens and speaks, told by the settings alone: nobody is asked whether they are there.

const NO_KEY = "no key: set GOOGLE_API_KEY";

/** The language model. */
export function tutor(config: Config): Item {
  const name = "Tutor";
  if (config.DISABLE_GEMINI) return { name, state: "fake", note: "made-up answers (DISABLE_GEMINI=1)" };
  const { LLM_PROVIDER, GEMINI_MODEL, OPENAI_MODEL, OPENAI_BASE_URL, LLM_MODEL } = config;
  switch (LLM_PROVIDER) {
    case "fake":
      return { name, state: "fake", note: "made-up answers (LLM_PROVIDER=fake)" };
    case "gemini":
      return geminiOf(config)
        ? { name, state: "on", note: `Gemini, ${GEMINI_MODEL} (GEMINI_MODEL)` }
        : { name, state: "off", note: `${NO_KEY}, or LLM_PROVIDER for Ollama or a file` };
    case "openai":
      return openAiOf(config, OPENAI_MODEL)
        ? { name, state: "on", note: `${OPENAI_MODEL} at ${new URL(OPENAI_BASE_URL).host} (OPENAI_BASE_URL)` }
        : { name, state: "missing", note: "no key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own" };
    case "local": {
      const found = localModel(LLM_MODEL);
      return found.ok
        ? { name, state: "on", note: `${found.engine}, on this machine (LLM_MODEL)` }
        : { name, state: "missing", note: found.detail };
    }
  }
}

export function recognition(config: Config): Item {
  const name = "Recognition";
  const { DISABLE_WHISPER, STT_PROVIDER, WHISPER_MODEL, GEMINI_MODEL, OPENAI_STT_MODEL, OPENAI_BASE_URL } = config;
  if (DISABLE_WHISPER) return { name, state: "fake", note: "made-up transcripts (DISABLE_WHISPER=1)" };
  switch (STT_PROVIDER) {
    case "fake":
      return { name, state: "fake", note: "made-up transcripts (STT_PROVIDER=fake)" };
    case "gemini":
      return geminiOf(config)
        ? { name, state: "on", note: `Gemini, ${GEMINI_MODEL} (STT_PROVIDER)` }
        : { name, state: "missing", note: NO_KEY };
    case "openai":
      return openAiOf(config, OPENAI_STT_MODEL)
        ? { name, state: "on", note: `${OPENAI_STT_MODEL} at ${new URL(OPENAI_BASE_URL).host} (STT_PROVIDER)` }
        : { name, state: "missing", note: "no key: set OPENAI_API_KEY" };
    case "whisper": {
      const found = recogniser(WHISPER_MODEL);
      return found.ok
        ? { name, state: "on", note: `${found.engine} (WHISPER_MODEL)` }
        : { name, state: "missing", note: found.detail };
    }
  }
}

/** Who judges pronunciation: by its sounds in English, by the words of a transcript in any other language. */
export function pronunciation(config: Config): Item {
  const name = "Pronunciation";
  if (config.DISABLE_PRONUNCIATION) return { name, state: "fake", note: "made-up scores (DISABLE_PRONUNCIATION=1)" };
  const ready = scorerReady();
  const words = recognition(config).state === "on";
  if (ready.ok)
    return { name, state: "on", note: `${ready.engine}, English${words ? "; other languages by their words" : ""}` };
  return { name, state: "missing", note: `${ready.detail}${words ? "; until then words are compared" : ""}` };
}

/** Who reads aloud; espeak speaks what the first one does not. */
export function voices(config: Config): Item {
  const name = "Voices";
  const { DISABLE_TTS, TTS_PROVIDER, GEMINI_TTS_MODEL } = config;
  if (DISABLE_TTS || TTS_PROVIDER === "fake")
    return { name, state: "fake", note: "silence (DISABLE_TTS, TTS_PROVIDER)" };
  const espeak = espeakReady();
  if (!espeak.ok) return { name, state: "missing", note: espeak.detail };
  const own = "espeak-ng, on this machine";
  if (TTS_PROVIDER === "espeak") return { name, state: "on", note: `${own} (TTS_PROVIDER)` };
  if (TTS_PROVIDER === "gtts") return { name, state: "on", note: `Google Translate, else ${own} (TTS_PROVIDER)` };
  return geminiOf(config)
    ? { name, state: "on", note: `Gemini, ${GEMINI_TTS_MODEL}, else ${own} (TTS_PROVIDER)` }
    : { name, state: "missing", note: `${NO_KEY}; until then ${own}` };
}

type Question = {
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Whether the answer has the model. */
  knows(answer: unknown): boolean;
  /** Which settings to look at where it has not. */
  readonly mend: string;
};

const GOOGLE = "https://generativelanguage.googleapis.com";

/** Where to ask about the language model; null where none is chosen that is elsewhere. */
export function modelQuestion(config: Config): Question | null {
  if (config.DISABLE_GEMINI) return null;
  const gemini = config.LLM_PROVIDER === "gemini" ? geminiOf(config) : null;
  if (gemini)
    return {
      url: `${gemini.baseUrl ?? GOOGLE}/v1beta/models/${encodeURIComponent(gemini.model)}`,
      headers: { "x-goog-api-key": gemini.apiKey },
      knows: () => true,
      mend: "look at GOOGLE_API_KEY and GEMINI_MODEL",
    };
  const openAi = config.LLM_PROVIDER === "openai" ? openAiOf(config, config.OPENAI_MODEL) : null;
  if (!openAi) return null;
  const { baseUrl, apiKey, model } = openAi;
  return {
    url: `${baseUrl}/models`,
    headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
    // Ollama names them with their kind: llama3.2:latest.
    knows: (answer) => {
      const { data } = Object(answer) as { data?: unknown };
      const ids = Array.isArray(data) ? data.map((one: { id?: unknown }) => String(one.id)) : [];
      return ids.some((id) => id === model || id.startsWith(`${model}:`));
    },
    mend: `look at OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL (of Ollama: ollama pull ${model})`,
  };
}
