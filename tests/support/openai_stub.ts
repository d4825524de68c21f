import { type Protocol, type Schema, type StubCall, type VendorStub, vendorStub } from "./vendor_stub.ts";

type Options = {
  /** `ollama` wants no key, and names itself so in what it refuses. */
  readonly flavour?: "openai" | "ollama";
  /** Older servers refuse an answer by schema. */
  readonly takesSchema?: boolean;
  /** Some recognisers give the text alone. */
  readonly givesWords?: boolean;
};

const KEY = "sk-a-key-of-the-stub";

type Sent = {
  messages?: { role: string; content: string }[];
  max_tokens?: number;
  max_completion_tokens?: number;
  stream?: boolean;
  response_format?: { type: string; json_schema?: { schema: Schema } };
};

/** A server that speaks OpenAI's protocol: OPENAI_BASE_URL=stub.url, OPENAI_API_KEY=stub.key (empty for Ollama). */
export function openAiStub({ flavour = "openai", takesSchema = true, givesWords = true }: Options = {}): VendorStub {
  const wantsKey = flavour === "openai";
  const refusal = (status: number, message: string, wait_s?: number, code = "") =>
    Response.json(
      {
        error: { message, type: status === 429 ? "rate_limit_exceeded" : "invalid_request_error", code: code || null },
      },
      { status, headers: wait_s === undefined ? {} : { "retry-after": `${wait_s}` } },
    );
  const protocol: Protocol = {
    base: "/v1",
    key: wantsKey ? KEY : "",
    read: readCall,
    refuses: (call) => {
      const { headers, path, body } = call;
      if (!/^\/v1\/(chat\/completions|audio\/transcriptions)$/.test(path)) return refusal(404, "not found");
      if (wantsKey && headers.get("authorization") !== `Bearer ${KEY}`)
        return refusal(401, "Incorrect API key provided");
      const format = (body as Sent).response_format;
      if (!takesSchema && typeof format === "object" && format.type === "json_schema")
        return refusal(400, "response_format: json_schema is not supported");
      if (!givesWords && body.response_format === "verbose_json")
        return refusal(400, "response_format 'verbose_json' is not compatible with this model");
      return null;
    },
    whole: (call, text) => {
      if (call.kind === "listen") return heard(call, text);
      const message = { role: "assistant", content: text };
      return { id: "stub", object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }] };
    },
    frames: (pieces) => [
      event({ choices: [{ index: 0, delta: { role: "assistant", content: "" } }] }),
      ...pieces.map((content) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
      event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
      "data: [DONE]\n\n",
    ],
    blocked: ({ kind, streamed }) => {
      if (kind === "listen") return refusal(400, "against the rules", undefined, "content_policy_violation");
      const choice = { index: 0, finish_reason: "content_filter" };
      if (!streamed) return Response.json({ choices: [{ ...choice, message: { role: "assistant", content: "" } }] });
      const body = event({ choices: [{ ...choice, delta: {} }] });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
    problem: (message) => `data: ${JSON.stringify({ error: { message, type: "server_error", code: null } })}\n\n`,
    refusal,
  };
  return vendorStub(protocol);
}

const event = (data: unknown) =>
  `data: ${JSON.stringify({ id: "stub", object: "chat.completion.chunk", ...Object(data) })}\n\n`;

async function readCall(request: Request): Promise<Omit<StubCall, "isOver" | "isLeft">> {
  const { pathname: path } = new URL(request.url);
  const { headers } = request;
  const plain = {
    path,
    headers,
    instructions: "",
    messages: [],
    max_tokens: undefined,
    streamed: false,
    schema: undefined,
  };
  if (headers.get("content-type")?.startsWith("multipart/form-data")) {
    const form = await request.formData();
    const file = form.get("file");
    const sound_s = file instanceof Blob ? (file.size - 44) / 32_000 : 0;
    const language = form.get("language")?.toString();
    return { ...plain, kind: "listen", sound_s, language, body: Object.fromEntries(form) };
  }
  const body: Sent & Record<string, unknown> = await request.json();
  const [system, ...messages] = body.messages ?? [];
  const { response_format: format } = body;
  return {
    ...plain,
    kind: "chat",
    instructions: system?.content ?? "",
    messages: messages.map(({ role, content }) => ({ role, text: content })),
    max_tokens: body.max_completion_tokens ?? body.max_tokens,
    streamed: body.stream ?? false,
    // Without one in the call, it stands in the instructions.
    schema:
      format?.json_schema?.schema ??
      (format?.type === "json_object" ? JSON.parse(system?.content.split("schema:\n")[1] ?? "{}") : undefined),
    sound_s: 0,
    language: undefined,
    body,
  };
}

function heard({ body, sound_s, language }: StubCall, text: string): unknown {
  if (text.startsWith("{")) return JSON.parse(text);
  if (body.response_format !== "verbose_json") return { text };
  const spoken = text.split(/\s+/).filter(Boolean);
  const words = spoken.map((word, i) => ({
    word: word.replace(/\W+$/, ""),
    start: (i / spoken.length) * sound_s,
    end: ((i + 1) / spoken.length) * sound_s,
  }));
  const names: Record<string, string> = { uz: "uzbek", ru: "russian" };
  return { task: "transcribe", language: names[language ?? ""] ?? "english", duration: sound_s, text, words };
}
