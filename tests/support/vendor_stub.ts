import type { ErrorCode } from "../../src/domain/errors.ts";

// A vendor on this machine: it speaks the vendor's wire format, answers as a test tells it to, and misbehaves on demand.

/** Every way to misbehave, and what a language model that is asked for a shape fails with: null where it is made up for. */
export const FAULTS = {
  /** 429, as long as it lasts; it asks to wait `retry_after_s`. */
  overloaded: "ai_overloaded",
  /** 429 to the next call alone. */
  overloaded_once: null,
  broken: "ai_failed",
  /** As `broken`, but in the middle of a stream. */
  broken_late: "ai_failed",
  /** A web page in place of an answer. */
  html: "ai_failed",
  hang: "ai_timeout",
  /** The connection breaks in the middle of an answer. */
  cut: "ai_failed",
  /** The answer ends in the middle as if that were all. */
  cut_short: "ai_failed",
  /** The vendor's rules forbid an answer. */
  blocked: "ai_blocked",
  wrong_shape: "ai_failed",
  empty: "ai_failed",
  /** To another host, which counts its callers in `elsewhere`. */
  redirect: "ai_failed",
  wrong_key: "ai_failed",
} as const satisfies Record<string, ErrorCode | null>;

export type Fault = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as Fault[];

const AT_ONCE: ReadonlySet<Fault> = new Set(["overloaded", "broken", "html", "blocked", "redirect", "wrong_key"]);

export type Schema = Record<string, unknown>;

export type StubCall = {
  readonly path: string;
  readonly headers: Headers;
  /** Chat, in words; a recording to write down; a text to read aloud. */
  readonly kind: "chat" | "listen" | "speak";
  readonly instructions: string;
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  readonly max_tokens: number | undefined;
  readonly streamed: boolean;
  /** Of the answer that is asked for. */
  readonly schema: Schema | undefined;
  /** Seconds of the recording, and the language that is forced. */
  readonly sound_s: number;
  readonly language: string | undefined;
  /** As it was sent. */
  readonly body: Record<string, unknown>;
  /** It has its answer, or whoever called is gone. */
  isOver: boolean;
  /** Whoever called closed the connection before the end. */
  isLeft: boolean;
};

export type VendorStub = {
  readonly url: string;
  readonly key: string;
  readonly calls: StubCall[];
  /** When each piece of a stream was written, by `performance.now()`. */
  readonly wrote: number[];
  /** Requests that came to where a redirect leads. */
  readonly elsewhere: () => number;
  fault: Fault | null;
  retry_after_s: number;
  first_token_ms: number;
  /** Between the pieces of a stream. */
  every_ms: number;
  answers: (call: StubCall) => string;
  /** What a structured answer holds; a string is sent as it is. */
  values: (call: StubCall) => unknown;
  hears: (call: StubCall) => string;
  stop(): Promise<void>;
};

/** How a vendor writes what it says. */
export type Protocol = {
  /** What stands between the server's address and `url`, e.g. `/v1`. */
  readonly base: string;
  readonly key: string;
  read(request: Request): Promise<Omit<StubCall, "isOver" | "isLeft">>;
  /** Refuses what a call of this vendor may not hold, before any fault. */
  refuses?(call: StubCall): Response | null;
  whole(call: StubCall, text: string): unknown;
  /** Events of a stream; the last ones end it. */
  frames(pieces: readonly string[], call: StubCall): string[];
  blocked(call: StubCall): Response;
  /** What a stream ends with that cannot go on. */
  problem(words: string): string;
  refusal(status: number, words: string, wait_s?: number): Response;
};

export const lastOf = ({ messages }: Pick<StubCall, "messages">): string => messages.at(-1)?.text ?? "";

export function vendorStub(protocol: Protocol): VendorStub {
  let fault: Fault | null = null;
  let faulted = 0;
  let strays = 0;
  const other = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      strays++;
      return Response.json(protocol.whole({ kind: "chat" } as StubCall, "from elsewhere"));
    },
  });

  const textOf = (call: StubCall): string => {
    if (fault === "empty") return "";
    if (fault === "wrong_shape" && (call.schema || call.kind === "listen")) return '{"another":["shape"]}';
    if (call.kind === "listen" && !call.schema) return stub.hears(call);
    if (!call.schema) return stub.answers(call);
    const value = stub.values(call);
    return typeof value === "string" ? value : JSON.stringify(value);
  };

  const answer = (call: StubCall): Response => {
    const once = faulted++ === 0;
    switch (fault) {
      case "overloaded":
        return protocol.refusal(429, "too many requests", stub.retry_after_s);
      case "overloaded_once":
        if (!once) break;
        call.isOver = true;
        return protocol.refusal(429, "too many requests", stub.retry_after_s);
      case "broken_late":
        if (call.streamed) break;
        call.isOver = true;
        return protocol.refusal(500, "something broke");
      case "broken":
        return protocol.refusal(500, "something broke");
      case "html":
        return new Response("<html><body>Welcome to our network</body></html>", {
          headers: { "content-type": "text/html; charset=utf-8" },
        });
      case "blocked":
        return protocol.blocked(call);
      case "redirect":
        return new Response(null, { status: 307, headers: { location: `http://localhost:${other.port}/` } });
      case "wrong_key":
        return protocol.refusal(401, `the key ${protocol.key} is not valid`);
      case "hang":
        return new Response(new ReadableStream());
    }
    const text = textOf(call);
    if (call.streamed) return stream(call, protocol.frames(text.match(/\S+\s*/g) ?? [], call), "text/event-stream");
    return stream(call, [JSON.stringify(protocol.whole(call, text))], "application/json");
  };

  const stream = (call: StubCall, frames: readonly string[], type: string): Response => {
    const isRude = fault === "cut";
    const middle = Math.floor((frames.length - 1) / 2);
    const half = (frame = "") => frame.slice(0, frame.length / 2);
    const sent = frames.slice(0, middle);
    if (isRude || (fault === "cut_short" && !call.streamed)) sent.push(half(frames[middle]));
    else if (fault === "broken_late") sent.push(protocol.problem("something broke"));
    else if (fault !== "cut_short") sent.push(...frames.slice(middle));
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        if (stub.first_token_ms > 0) await Bun.sleep(stub.first_token_ms);
        for (const frame of sent) {
          if (call.isLeft) return;
          stub.wrote.push(performance.now());
          controller.enqueue(new TextEncoder().encode(frame));
          if (stub.every_ms > 0) await Bun.sleep(stub.every_ms);
        }
        // Whatever was written so far goes out before the connection breaks.
        if (isRude) await Bun.sleep(20);
        call.isOver = true;
        if (isRude) controller.error();
        else if (!call.isLeft) controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": type } });
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    maxRequestBodySize: 32 * 1024 * 1024,
    fetch: async (request) => {
      const call: StubCall = { ...(await protocol.read(request)), isOver: false, isLeft: false };
      stub.calls.push(call);
      request.signal.addEventListener("abort", () => {
        call.isLeft = !call.isOver;
        call.isOver = true;
      });
      const refused = protocol.refuses?.(call);
      const reply = refused ?? answer(call);
      // A page, a refusal or a block is written at once.
      if (refused || (fault && AT_ONCE.has(fault))) call.isOver = true;
      return reply;
    },
  });

  const stub: VendorStub = {
    url: `http://127.0.0.1:${server.port}${protocol.base}`,
    key: protocol.key,
    calls: [],
    wrote: [],
    elsewhere: () => strays,
    get fault() {
      return fault;
    },
    set fault(next) {
      fault = next;
      faulted = 0;
    },
    retry_after_s: 1,
    first_token_ms: 0,
    every_ms: 0,
    answers: (call) => `You asked: ${lastOf(call)}`,
    values: (call) => sampleOf(call.schema ?? {}, lastOf(call)),
    hears: () => "I get up at seven and have breakfast with my family.",
    stop: async () => {
      await Promise.all([server.stop(true), other.stop(true)]);
    },
  };
  return stub;
}

/** The plainest value of a schema: the question in each text, the least numbers and lists. */
function sampleOf(schema: Schema, text: string): unknown {
  const either = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (either?.[0]) return sampleOf(either[0], text);
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch ([schema.type].flat()[0]) {
    case "object": {
      const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
      return Object.fromEntries(properties.map(([name, part]) => [name, sampleOf(part, text)]));
    }
    case "array":
      return Array.from({ length: Number(schema.minItems ?? 0) }, () => sampleOf((schema.items ?? {}) as Schema, text));
    case "string":
      return text.slice(0, 100) || "…";
    case "number":
    case "integer":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return null;
  }
}
