import { afterEach, beforeEach } from "bun:test";
import { z } from "zod";
import { type GeminiOptions, geminiModel } from "../../src/adapters/ai/gemini.ts";
import { geminiSpeechToText } from "../../src/adapters/ai/gemini_speech.ts";
import { openAiModel } from "../../src/adapters/ai/openai.ts";
import { openAiSpeechToText } from "../../src/adapters/ai/openai_speech.ts";
import type { Patience } from "../../src/adapters/ai/vendor.ts";
import type { LanguageModel, Prompt } from "../../src/application/ports/language_model.ts";
import type { SpeechToText } from "../../src/application/ports/speech.ts";
import { AppError, type ErrorCode } from "../../src/domain/errors.ts";
import { geminiStub } from "./gemini_stub.ts";
import { openAiStub } from "./openai_stub.ts";
import { clip } from "./recordings.ts";
import type { VendorStub } from "./vendor_stub.ts";

// Vendors on local stand-ins that speak their wire formats. The budget and the waits are short, the rest is as it is used.

export const QUICK: Patience = { budgetMs: 5000, backoffMs: 10 };
/** A budget that a hang may use up. */
export const SHORT: Patience = { budgetMs: 300, backoffMs: 10 };

type Vendor = {
  stub: VendorStub;
  model: (patience?: Patience) => LanguageModel;
  ears: (patience?: Patience) => SpeechToText;
};

export const gemini = geminiStub();
export const openAi = openAiStub();
export const ollama = openAiStub({ flavour: "ollama", takesSchema: false, givesWords: false });
export const ofGemini = (patience: Patience = QUICK, model = "gemini-2.5-flash"): GeminiOptions => ({
  apiKey: gemini.key,
  model,
  baseUrl: gemini.url,
  patience,
});
export const ofOpenAi = (stub: VendorStub, patience: Patience = QUICK) => ({
  apiKey: stub.key,
  model: "a-model",
  baseUrl: stub.url,
  patience,
});
const opened: { stop(): Promise<void> }[] = [];
export const kept = <T extends { stop(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
export const VENDORS: Record<string, Vendor> = {
  gemini: {
    stub: gemini,
    model: (patience) => kept(geminiModel(ofGemini(patience))),
    ears: (patience) => kept(geminiSpeechToText(ofGemini(patience))),
  },
  openai: {
    stub: openAi,
    model: (patience) => kept(openAiModel(ofOpenAi(openAi, patience))),
    ears: (patience) => kept(openAiSpeechToText(ofOpenAi(openAi, patience))),
  },
  ollama: {
    stub: ollama,
    model: (patience) => kept(openAiModel(ofOpenAi(ollama, patience))),
    ears: (patience) => kept(openAiSpeechToText(ofOpenAi(ollama, patience))),
  },
};

const STUBS = Object.values(VENDORS).map(({ stub }) => stub);

/** For each page of tests that use them: each test finds the stand-ins well, and what it opened is closed behind it. */
export function useVendors(): void {
  beforeEach(() => {
    for (const stub of STUBS) Object.assign(stub, { fault: null, first_token_ms: 0, every_ms: 0, retry_after_s: 1 });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.stop()));
  });
}
export const Grade = z.object({ score: z.number().int().min(0).max(100), comment: z.string() });
export const PROMPT: Prompt = {
  instructions: "Answer in one sentence.",
  messages: [{ role: "user", text: "What is the past tense of go, please" }],
  max_tokens: 100,
};
export const spoken = clip("librivox-0880.wav");

export const whole = async (model: LanguageModel, prompt = PROMPT) =>
  (await Array.fromAsync(model.stream(prompt))).join("");
export const failureOf = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    (value) => Promise.reject(new Error(`it gave ${JSON.stringify(value)}`)),
    (error) => error,
  );
export const outcomeOf = (call: Promise<unknown>): Promise<ErrorCode | null> =>
  call.then(
    () => null,
    (error) => (error instanceof AppError ? error.code : Promise.reject(error)),
  );
