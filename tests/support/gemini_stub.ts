import { type Protocol, type Schema, type StubCall, type VendorStub, vendorStub } from "./vendor_stub.ts";

type Part = { text?: string; inlineData?: { mimeType: string; data: string } };
type Content = { role?: string; parts: Part[] };
type Sent = {
  contents: Content[];
  systemInstruction?: Content;
  generationConfig?: { maxOutputTokens?: number; responseJsonSchema?: Schema; responseModalities?: string[] };
};

const RATE = 24_000;

/** Gemini as `@google/genai` meets it: GEMINI_BASE_URL=stub.url, GOOGLE_API_KEY=stub.key. */
export function geminiStub(): VendorStub {
  const stub = vendorStub(PROTOCOL);
  const { values } = stub;
  stub.values = (call) => (call.kind === "listen" ? { language: "en", text: stub.hears(call) } : values(call));
  return stub;
}

const textOf = (content: Content | undefined) => content?.parts.map(({ text = "" }) => text).join("") ?? "";

const candidate = (parts: readonly Part[], finishReason?: string) => ({
  candidates: [{ content: { role: "model", parts }, index: 0, ...(finishReason && { finishReason }) }],
  usageMetadata: { promptTokenCount: 1, totalTokenCount: 2 },
  modelVersion: "stub",
});

const event = (data: unknown) => `data: ${JSON.stringify(data)}\r\n\r\n`;

const PROTOCOL: Protocol = {
  base: "",
  key: "AIza-a-key-of-the-stub",
  read: async (request) => {
    const { pathname } = new URL(request.url);
    const body: Sent & Record<string, unknown> = await request.json();
    const { contents, systemInstruction, generationConfig = {} } = body;
    const sound = contents.at(-1)?.parts.find((part) => part.inlineData)?.inlineData;
    const speaks = generationConfig.responseModalities?.includes("AUDIO") ?? false;
    return {
      path: pathname,
      headers: request.headers,
      kind: sound ? "listen" : speaks ? "speak" : "chat",
      instructions: textOf(systemInstruction),
      messages: contents.map((content) => ({
        role: content.role === "model" ? "assistant" : "user",
        text: textOf(content),
      })),
      max_tokens: generationConfig.maxOutputTokens,
      streamed: pathname.endsWith(":streamGenerateContent"),
      schema: generationConfig.responseJsonSchema,
      sound_s: sound ? (Uint8Array.fromBase64(sound.data).length - 44) / 32_000 : 0,
      language: /The language is (\w+)/.exec(textOf(systemInstruction))?.[1],
      body,
    };
  },
  refuses: ({ headers, path }) => {
    if (!/^\/v1(beta)?\/models\/[\w.-]+:(streamG|g)enerateContent$/.test(path))
      return PROTOCOL.refusal(404, "not found");
    if (headers.get("x-goog-api-key") === PROTOCOL.key) return null;
    return PROTOCOL.refusal(400, "API key not valid. Please pass a valid API key.");
  },
  whole: (call, text) => {
    if (call.kind !== "speak") return candidate(text ? [{ text }] : [], "STOP");
    return candidate(
      text ? [{ inlineData: { mimeType: `audio/L16;codec=pcm;rate=${RATE}`, data: tone(call) } }] : [],
      "STOP",
    );
  },
  frames: (pieces) => [...pieces.map((text) => candidate([{ text }])), candidate([], "STOP")].map(event),
  blocked: ({ streamed }) => {
    const data = { promptFeedback: { blockReason: "SAFETY" }, modelVersion: "stub" };
    return streamed
      ? new Response(event(data), { headers: { "content-type": "text/event-stream" } })
      : Response.json(data);
  },
  problem: (message) => event({ error: { code: 500, message, status: "INTERNAL" } }),
  refusal: (status, message, wait_s) => {
    const detail = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${wait_s}s` };
    const name = { 400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED" }[status] ?? "INTERNAL";
    const error = { code: status, message, status: name, ...(wait_s !== undefined && { details: [detail] }) };
    return Response.json({ error }, { status });
  },
};

/** A tone as long as the text would take to read: 16-bit samples in base64. */
function tone({ messages }: StubCall): string {
  const text = messages.at(-1)?.text ?? "";
  const samples = Int16Array.from({ length: (text.length / 15) * RATE }, (_, i) => 8000 * Math.sin(i / 10));
  return new Uint8Array(samples.buffer).toBase64();
}
