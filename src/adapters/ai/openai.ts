import type { LanguageModel, Prompt } from "../../application/ports/language_model.ts";
import { type AnswerPiece, answerText } from "./answer_text.ts";
import { isStrict, readShaped, schemaOf } from "./shape.ts";
import { eventsOf } from "./sse.ts";
import { type Patience, vendor } from "./vendor.ts";
import { failure, isFailure } from "./vendor_failure.ts";
import { isBlock, problemOf, vendorFetch } from "./vendor_fetch.ts";

export type OpenAiOptions = {
  /** Up to and without the last slash, e.g. `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  /** A server of one's own may want none. */
  readonly apiKey?: string | undefined;
  readonly model: string;
  readonly patience?: Patience;
};

export const headersOf = ({ apiKey }: OpenAiOptions): Record<string, string> =>
  apiKey ? { authorization: `Bearer ${apiKey}` } : {};

/** OpenAI itself is stricter than the servers that speak its protocol, and has more room. */
export const isOpenAi = ({ baseUrl }: OpenAiOptions): boolean => URL.parse(baseUrl)?.hostname === "api.openai.com";

/** What Ollama gives a model unless it is told otherwise; what is longer it cuts without a word. */
const OLLAMA_TOKENS = 4096;

/** Answers by any server that speaks OpenAI's protocol: OpenAI, Ollama, vLLM. */
export function openAiModel(options: OpenAiOptions): LanguageModel {
  const { baseUrl, apiKey = "", model, patience } = options;
  const engine = `openai ${model}`;
  const { call, pieces, stop } = vendor(engine, [apiKey], patience);
  // Older servers refuse a schema: it is in the instructions then, from the first refusal on.
  let takesSchema = true;

  const ask = (
    prompt: Prompt,
    signal: AbortSignal,
    more: Record<string, unknown>,
    instructions = prompt.instructions,
  ) =>
    vendorFetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headersOf(options) },
      body: JSON.stringify({
        model,
        messages: [
          { role: "system", content: instructions },
          ...prompt.messages.map(({ role, text }) => ({ role, content: text })),
        ],
        // OpenAI's newer models refuse the old name, most other servers know no other.
        [isOpenAi(options) ? "max_completion_tokens" : "max_tokens"]: prompt.max_tokens,
        ...more,
      }),
      signal,
    });

  const askShaped = async (prompt: Prompt, schema: Record<string, unknown>, signal: AbortSignal): Promise<Response> => {
    const refused = takesSchema
      ? await ask(prompt, signal, {
          response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: isStrict(schema) } },
        }).catch((error) => {
          if (!isFailure(error) || (error.status !== 400 && error.status !== 422)) throw error;
          if (error.kind !== "refused") throw error;
          return error;
        })
      : null;
    if (refused instanceof Response) return refused;
    const told = `${prompt.instructions}\n\nAnswer with JSON alone, of this JSON schema:\n${JSON.stringify(schema)}`;
    const answer = await ask(prompt, signal, { response_format: { type: "json_object" } }, told).catch((error) => {
      // Refused again, it is not the schema that the server dislikes.
      throw isFailure(error) && error.kind === "refused" && refused ? refused : error;
    });
    takesSchema = false;
    return answer;
  };

  return {
    engine,
    context_tokens: isOpenAi(options) ? 128_000 : OLLAMA_TOKENS,
    stream: (prompt) =>
      pieces(async function* (signal) {
        const { body } = await ask(prompt, signal, { stream: true });
        if (!body) throw failure("garbled", "the answer has no body");
        yield* answerText(piecesOf(body));
      }, prompt),
    answer: (prompt, shape) =>
      call(async (signal) => {
        const answer = await askShaped(prompt, schemaOf(shape), signal);
        const { text, finish } = readChoice(await answer.text());
        if (finish === "length") throw failure("unfit", `the answer is longer than ${prompt.max_tokens} tokens`);
        return readShaped(text, shape);
      }, prompt),
    stop,
  };
}

async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<AnswerPiece> {
  for await (const event of eventsOf(body)) {
    // Some servers end with this alone.
    if (event === "[DONE]") return yield { text: "", finish: event };
    yield readChoice(event);
  }
}

/** The text of an answer, or of a piece of one. */
function readChoice(json: string): AnswerPiece {
  const { error, choices } = JSON.parse(json);
  // In the middle of a stream it is too late for a status.
  if (error) {
    const { code, message } = problemOf(json);
    throw failure(isBlock(code) ? "blocked" : "broken", [code, message].join(" ").trim());
  }
  const [choice] = choices ?? [];
  const { content, refusal } = choice?.delta ?? choice?.message ?? {};
  const finish = choice?.finish_reason ?? "";
  if (refusal || finish === "content_filter") throw failure("blocked", `blocked: ${finish || "refusal"}`);
  return { text: typeof content === "string" ? content : "", finish };
}
