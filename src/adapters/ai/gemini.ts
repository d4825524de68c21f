import type { GenerateContentConfig, GenerateContentResponse, GoogleGenAI } from "@google/genai";
import type { LanguageModel, Prompt } from "../../application/ports/language_model.ts";
import { answerText } from "./answer_text.ts";
import { readShaped, schemaOf } from "./shape.ts";
import { type Patience, vendor } from "./vendor.ts";
import { failure } from "./vendor_failure.ts";
import { vendorFetch } from "./vendor_fetch.ts";

export type GeminiOptions = {
  readonly apiKey: string;
  /** E.g. `gemini-2.5-flash`. */
  readonly model: string;
  /** Another place that speaks its protocol, e.g. a gateway of one's own. */
  readonly baseUrl?: string | undefined;
  readonly patience?: Patience;
};

/**
 * Google's client, with nothing left to what stands in the environment. Loaded with the first call: it is a fifth of a second
 * that a server without it never spends.
 */
export function geminiClient({ apiKey, baseUrl = "https://generativelanguage.googleapis.com" }: GeminiOptions) {
  let opened: Promise<GoogleGenAI> | undefined;
  const open = async () => {
    const { GoogleGenAI } = await import("@google/genai");
    // The client only calls it; the rest of Bun's `fetch` it does not know.
    const httpOptions = { baseUrl, apiVersion: "v1beta", fetch: vendorFetch as typeof fetch };
    return new GoogleGenAI({ apiKey, vertexai: false, httpOptions });
  };
  return () => {
    opened ??= open();
    return opened;
  };
}

/** Answers by Gemini. */
export function geminiModel(options: GeminiOptions): LanguageModel {
  const { apiKey, model, patience } = options;
  const engine = `gemini ${model}`;
  const client = geminiClient(options);
  const { call, pieces, stop } = vendor(engine, [apiKey], patience);
  return {
    engine,
    context_tokens: 1_048_576,
    stream: (prompt) =>
      pieces(async function* (signal) {
        const { models } = await client();
        const chunks = await models.generateContentStream(requestOf(model, prompt, signal));
        yield* answerText(piecesOf(chunks));
      }, prompt),
    answer: (prompt, shape) =>
      call(async (signal) => {
        const { models } = await client();
        const shaped = { responseMimeType: "application/json", responseJsonSchema: schemaOf(shape) };
        const { text, finish } = readGemini(await models.generateContent(requestOf(model, prompt, signal, shaped)));
        if (finish === "MAX_TOKENS") throw failure("unfit", `the answer is longer than ${prompt.max_tokens} tokens`);
        return readShaped(text, shape);
      }, prompt),
    stop,
  };
}

async function* piecesOf(chunks: AsyncIterable<GenerateContentResponse>) {
  for await (const chunk of chunks) yield readGemini(chunk);
}

function requestOf(model: string, prompt: Prompt, abortSignal: AbortSignal, shaped: GenerateContentConfig = {}) {
  const { thinkingConfig, thoughts } = thinkingOf(model);
  return {
    model,
    contents: prompt.messages.map(({ role, text }) => ({
      role: role === "assistant" ? "model" : "user",
      parts: [{ text }],
    })),
    config: {
      systemInstruction: prompt.instructions,
      maxOutputTokens: prompt.max_tokens + thoughts,
      safetySettings: SAFETY,
      ...(thinkingConfig && { thinkingConfig }),
      ...shaped,
      abortSignal,
    },
  };
}

type Thinking = { thinkingConfig?: GenerateContentConfig["thinkingConfig"]; thoughts: number };

/**
 * Thoughts are counted as output: unbounded, they leave nothing of a short answer. So there are none, or as few as the model
 * can do with, and room for them.
 */
export function thinkingOf(model: string): Thinking {
  if (/^gemini-2\.5-flash/.test(model)) return { thinkingConfig: { thinkingBudget: 0 }, thoughts: 0 };
  if (/^gemini-2\.5-pro/.test(model)) return { thinkingConfig: { thinkingBudget: 128 }, thoughts: 128 };
  // Not the client's enum, which would load it.
  const low = "LOW" as NonNullable<GenerateContentConfig["thinkingConfig"]>["thinkingLevel"] & string;
  if (/^gemini-([3-9]|\d\d)/.test(model)) return { thinkingConfig: { thinkingLevel: low }, thoughts: 1024 };
  return { thoughts: 0 };
}

type Safety = NonNullable<GenerateContentConfig["safetySettings"]>;

/** Learners are minors too. A lesson may speak of war or illness, so only the first is as strict as it can be. */
export const SAFETY = [
  { category: "HARM_CATEGORY_SEXUALLY_EXPLICIT", threshold: "BLOCK_LOW_AND_ABOVE" },
  { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_MEDIUM_AND_ABOVE" },
  { category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_MEDIUM_AND_ABOVE" },
  { category: "HARM_CATEGORY_DANGEROUS_CONTENT", threshold: "BLOCK_MEDIUM_AND_ABOVE" },
] as Safety;

const BLOCKED = /SAFETY|PROHIBITED|BLOCKLIST|RECITATION|SPII|MODEL_ARMOR/;

/** A block is no error of Google's client, but an answer without text that says why. */
export function readGemini({ promptFeedback, candidates }: GenerateContentResponse) {
  const [candidate] = candidates ?? [];
  const finish = candidate?.finishReason ?? "";
  const blocked = promptFeedback?.blockReason ?? (BLOCKED.test(finish) ? finish : undefined);
  if (blocked) throw failure("blocked", `blocked: ${blocked}`);
  const parts = (candidate?.content?.parts ?? []).filter(({ thought }) => !thought);
  return {
    text: parts.map(({ text = "" }) => text).join(""),
    sound: parts.find((part) => part.inlineData)?.inlineData,
    finish,
  };
}
