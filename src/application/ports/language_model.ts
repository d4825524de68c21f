import type { z } from "zod";

export type Message = { readonly role: "user" | "assistant"; readonly text: string };

export type Prompt = {
  /** What the model is and has to do. Ours alone: what a learner wrote is data, and goes into `messages`. */
  readonly instructions: string;
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly Message[];
  /** The longest answer, in the model's own tokens. */
  readonly max_tokens: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Answers in words. Fails with `ai_overloaded` or `ai_unavailable` (both with `retry_after`, seconds), `ai_timeout`, `ai_failed`
 * (it broke, or its answer is empty or unreadable) and `ai_blocked` (its owner's rules forbid an answer), and with nothing else.
 * What is safe to repeat has been repeated by then. An aborted signal ends it at once with `ai_failed`.
 */
export interface LanguageModel {
  /** Shown in answers and logs, e.g. `gemini gemini-2.5-flash`. */
  readonly engine: string;
  /** What instructions, messages and answer may have together, in tokens. */
  readonly context_tokens: number;
  /** The answer, piece by piece as it comes. Nothing is repeated once a piece was given; leaving the loop ends the call. */
  stream(prompt: Prompt): AsyncIterable<string>;
  /** An answer of the given shape, and the text it was read from. One that does not fit the shape is `ai_failed`. */
  answer<T>(prompt: Prompt, shape: z.ZodType<T>): Promise<{ readonly value: T; readonly raw: string }>;
  stop(): Promise<void>;
}
