import { z } from "zod";
import type { LanguageModel, Message, Prompt } from "../../application/ports/language_model.ts";
import { AppError } from "../../domain/errors.ts";
import { supervise } from "../children/supervisor.ts";
import { CONTEXT_TOKENS, localModel } from "./local_ready.ts";
import { grammarSchema } from "./local_schema.ts";
import { pulled } from "./pulled.ts";

/** What the child is asked; its pieces are the answer as it comes, and its answer is the whole. */
export type Asked = {
  readonly instructions: string;
  readonly messages: readonly Message[];
  readonly max_tokens: number;
  /** Of an answer in JSON, in the words of its grammar. */
  readonly schema?: Record<string, unknown>;
};

type Options = {
  /** LLM_MODEL: a GGUF file's path. */
  readonly model: string | undefined;
  /** The most that prompt and answer may have together, in tokens; less where the model was trained for less. */
  readonly most_tokens?: number;
  /** Calls that may wait for the one that is answered; one more is `ai_overloaded`. */
  readonly queue?: number;
  /** Milliseconds without a new token, loading the model and reading a long prompt included, after which it is given up. */
  readonly silentMs?: number;
  /** Milliseconds that a call may take in all, its wait included. */
  readonly wholeMs?: number;
  /** Milliseconds without work after which the model's memory is given back. */
  readonly idleMs?: number;
};

/** A language model on this machine: llama.cpp in a polite child process, one answer at a time. */
export function localLanguageModel({
  model,
  most_tokens = CONTEXT_TOKENS,
  queue = 4,
  silentMs = 120_000,
  wholeMs = 300_000,
  idleMs = 10 * 60_000,
}: Options): LanguageModel {
  const found = localModel(model, { most_tokens });
  const child = supervise<Asked, string, string>({
    script: `${import.meta.dir}/local_child.ts`,
    env: { LOCAL_MODEL: model ?? "", LOCAL_MODEL_TOKENS: String(most_tokens) },
    timeoutMs: silentMs,
    queue,
    nice: 10,
    broken: "ai_failed",
    idleMs,
    cancelMs: 5000,
  });

  const ask = async (asked: Asked, signal: AbortSignal | undefined, onPiece: (piece: string) => void) => {
    const late = AbortSignal.timeout(wholeMs);
    const either = signal ? AbortSignal.any([signal, late]) : late;
    try {
      const text = await child.call(asked, { signal: either, late: "ai_timeout", onPiece });
      // Not an answer: white space alone.
      if (text.trim() === "") throw new AppError("ai_failed", {}, { cause: new Error("an empty answer") });
      return text;
    } catch (error) {
      if (signal?.aborted) throw new AppError("ai_failed", {}, { cause: signal.reason });
      if (late.aborted) throw new AppError("ai_timeout", {}, { cause: error });
      if (error instanceof AppError && error.code === "busy") throw new AppError("ai_overloaded", { retry_after: 10 });
      throw error;
    }
  };

  return {
    engine: found.engine,
    context_tokens: found.ok ? found.context_tokens : most_tokens,
    stream: ({ signal, ...prompt }) => pulled((push, either) => ask(plain(prompt), either, push), signal),
    answer: async (prompt, shape) => {
      const schema = z.toJSONSchema(shape, { io: "input", unrepresentable: "any" });
      const { $schema: _, "~standard": __, ...told } = { ...schema };
      const instructions = `${prompt.instructions}\n\nAnswer with JSON of this schema alone:\n${JSON.stringify(told)}`;
      const asked = { ...plain(prompt), instructions, schema: grammarSchema(schema, prompt.max_tokens) };
      const raw = await ask(asked, prompt.signal, () => {});
      return { value: read(raw, shape), raw };
    },
    stop: () => child.stop(),
  };
}

/** A signal cannot be sent to another process. */
const plain = ({ instructions, messages, max_tokens }: Prompt): Asked => ({ instructions, messages, max_tokens });

function read<T>(raw: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(raw));
  } catch (cause) {
    // Cut at its longest, or a value that a grammar cannot hold to.
    throw new AppError("ai_failed", {}, { cause });
  }
}
