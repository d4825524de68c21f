import { availableParallelism } from "node:os";
import { AppError } from "../../domain/errors.ts";
import { serve } from "../children/serve.ts";
import { type Grammar, type Loaded, loadLlama } from "./llama.ts";
import type { Asked } from "./local.ts";
import { fittingHistory } from "./local_history.ts";
import { localModel } from "./local_ready.ts";

// The model's own process. A model file that is none takes it down, so the file is looked at first.

type Ready = Loaded & { readonly context_tokens: number };

let loaded: Promise<Ready> | undefined;

async function load(): Promise<Ready> {
  const found = localModel(process.env.LOCAL_MODEL, { most_tokens: Number(process.env.LOCAL_MODEL_TOKENS) });
  const unavailable = (cause: string) => new AppError("ai_unavailable", { retry_after: 60 }, { cause });
  if (!found.ok) throw unavailable(found.detail);
  // One core stays the server's.
  const threads = Math.max(1, availableParallelism() - 1);
  try {
    return { ...(await loadLlama({ ...found, threads })), context_tokens: found.context_tokens };
  } catch (error) {
    throw unavailable(error instanceof Error ? error.message : String(error));
  }
}

function grammarOf({ grammarOf }: Ready, schema: object): Grammar {
  try {
    return grammarOf(schema);
  } catch (cause) {
    throw new AppError("ai_failed", {}, { cause });
  }
}

serve<Asked, string, string>(async (asked, { signal, piece }) => {
  loaded ??= load();
  const ready = await loaded.catch((error: unknown) => {
    // File and package may be mended by the next call.
    loaded = undefined;
    throw error;
  });
  const fitting = fittingHistory(asked, ready);
  if (!fitting) throw new AppError("ai_failed", {}, { cause: "the prompt is longer than the model's context" });
  if (signal.aborted) return "";
  const { response } = await ready.chat.generateResponse(fitting.history, {
    maxTokens: fitting.answer_tokens,
    // A shape wants the likeliest answer, a talk some life.
    temperature: asked.schema ? 0 : 0.7,
    topP: 0.95,
    // Thinking is time in which a learner hears nothing.
    budgets: { thoughtTokens: 0 },
    signal,
    stopOnAbortSignal: true,
    onTextChunk: (text) => text !== "" && piece(text),
    ...(asked.schema ? { grammar: grammarOf(ready, asked.schema) } : {}),
  });
  return response;
});
