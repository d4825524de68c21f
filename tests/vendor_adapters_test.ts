import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { fakeLanguageModel } from "../src/adapters/ai/fake_model.ts";
import { type GeminiOptions, geminiModel, thinkingOf } from "../src/adapters/ai/gemini.ts";
import { geminiSpeechToText } from "../src/adapters/ai/gemini_speech.ts";
import { geminiVoice } from "../src/adapters/ai/gemini_voice.ts";
import { openAiModel } from "../src/adapters/ai/openai.ts";
import { openAiSpeechToText } from "../src/adapters/ai/openai_speech.ts";
import { pulled } from "../src/adapters/ai/pulled.ts";
import { stretches, wavOf } from "../src/adapters/ai/sent_sound.ts";
import { isStrict, schemaOf } from "../src/adapters/ai/shape.ts";
import { type Patience, vendor } from "../src/adapters/ai/vendor.ts";
import { vendorFetch } from "../src/adapters/ai/vendor_fetch.ts";
import { readWav } from "../src/adapters/audio/wav.ts";
import type { LanguageModel, Prompt } from "../src/application/ports/language_model.ts";
import type { SpeechToText } from "../src/application/ports/speech.ts";
import { readConfig } from "../src/config.ts";
import { AppError, type ErrorCode } from "../src/domain/errors.ts";
import { chooseLanguageModel, chooseSpeechToText } from "../src/vendors.ts";
import { languageModelContract } from "./contracts/language_model.ts";
import { speechToTextContract } from "./contracts/speech.ts";
import { geminiStub } from "./support/gemini_stub.ts";
import { openAiStub } from "./support/openai_stub.ts";
import { until } from "./support/processes.ts";
import { clip, joined } from "./support/recordings.ts";
import { FAULT_NAMES, FAULTS, type Fault, lastOf, type VendorStub } from "./support/vendor_stub.ts";

// Vendors on local stand-ins that speak their wire formats. The budget and the waits are short, the rest is as it is used.

const QUICK: Patience = { budgetMs: 5000, backoffMs: 10 };
/** A budget that a hang may use up. */
const SHORT: Patience = { budgetMs: 300, backoffMs: 10 };

type Vendor = {
  stub: VendorStub;
  model: (patience?: Patience) => LanguageModel;
  ears: (patience?: Patience) => SpeechToText;
};

const gemini = geminiStub();
const openAi = openAiStub();
const ollama = openAiStub({ flavour: "ollama", takesSchema: false, givesWords: false });
const ofGemini = (patience: Patience = QUICK, model = "gemini-2.5-flash"): GeminiOptions => ({
  apiKey: gemini.key,
  model,
  baseUrl: gemini.url,
  patience,
});
const ofOpenAi = (stub: VendorStub, patience: Patience = QUICK) => ({
  apiKey: stub.key,
  model: "a-model",
  baseUrl: stub.url,
  patience,
});
const opened: { stop(): Promise<void> }[] = [];
const kept = <T extends { stop(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const VENDORS: Record<string, Vendor> = {
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

beforeEach(() => {
  for (const stub of STUBS) Object.assign(stub, { fault: null, first_token_ms: 0, every_ms: 0, retry_after_s: 1 });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.stop()));
});
afterAll(() => Promise.all(STUBS.map((stub) => stub.stop())));

languageModelContract("fake", fakeLanguageModel);
for (const [name, { stub, model, ears }] of Object.entries(VENDORS)) {
  languageModelContract(name, () => model(), {
    slow: () => Object.assign(stub, { every_ms: 300 }),
    fast: () => Object.assign(stub, { every_ms: 0 }),
    underWay: () => stub.calls.filter(({ isOver }) => !isOver).length,
    maxTokens: () => stub.calls.at(-1)?.max_tokens,
  });
  speechToTextContract(name, () => ears());
}

const Grade = z.object({ score: z.number().int().min(0).max(100), comment: z.string() });
const PROMPT: Prompt = {
  instructions: "Answer in one sentence.",
  messages: [{ role: "user", text: "What is the past tense of go, please" }],
  max_tokens: 100,
};
const spoken = clip("librivox-0880.wav");

const whole = async (model: LanguageModel, prompt = PROMPT) => (await Array.fromAsync(model.stream(prompt))).join("");
const failureOf = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    (value) => Promise.reject(new Error(`it gave ${JSON.stringify(value)}`)),
    (error) => error,
  );
const outcomeOf = (call: Promise<unknown>): Promise<ErrorCode | null> =>
  call.then(
    () => null,
    (error) => (error instanceof AppError ? error.code : Promise.reject(error)),
  );

/** What each kind of call ends with where it is not what a structured answer ends with. */
const OTHERWISE: Record<"stream" | "listen", Partial<Record<Fault, ErrorCode | null>>> = {
  // Without a shape there is none to break.
  stream: { wrong_shape: null },
  // What cannot be written down has failed.
  listen: { blocked: "ai_failed" },
};

describe.each(Object.entries(VENDORS))("%s misbehaves:", (name, { stub, model, ears }) => {
  const patienceFor = (fault: Fault) => (fault === "hang" ? SHORT : QUICK);

  test.each(FAULT_NAMES)("%s", async (fault) => {
    Object.assign(stub, { fault, retry_after_s: fault === "overloaded" ? 42 : 0.1 });
    const patience = patienceFor(fault);
    const wanted = (kind: "stream" | "listen") => OTHERWISE[kind][fault] ?? FAULTS[fault];
    // A server that wants no key takes every one, and Gemini alone answers a recording with a text of its own.
    expect(await outcomeOf(model(patience).answer(PROMPT, Grade))).toBe(FAULTS[fault]);
    stub.fault = fault;
    const stream = fault in OTHERWISE.stream ? null : wanted("stream");
    expect(await outcomeOf(whole(model(patience)))).toBe(stream);
    stub.fault = fault;
    // An empty text of a recogniser says that nobody speaks.
    const listen = fault === "empty" && name !== "gemini" ? null : wanted("listen");
    expect(await outcomeOf(ears(patience).transcribe(spoken, { language: "en" }))).toBe(listen);
    expect(stub.elsewhere()).toBe(0);
  });

  test("who is told to come back is told when", async () => {
    Object.assign(stub, { fault: "overloaded", retry_after_s: 42 });
    const before = stub.calls.length;
    const failure = await failureOf(whole(model({ budgetMs: 60_000 })));
    expect(failure).toMatchObject({ params: { retry_after: 42 } });
    // It asked for more than anybody waits for.
    expect(stub.calls.length).toBe(before + 1);
  });

  test("a vendor that fails is asked three times, and no more", async () => {
    stub.fault = "broken";
    const before = stub.calls.length;
    await failureOf(whole(model()));
    expect(stub.calls.length).toBe(before + 3);
  });

  test("a short wait that it asks for is kept", async () => {
    Object.assign(stub, { fault: "overloaded_once", retry_after_s: 0.4 });
    const start = performance.now();
    expect(await whole(model())).toContain("past tense");
    expect(performance.now() - start).toBeGreaterThan(395);
  });

  test("a web page is told from an answer in the log", async () => {
    stub.fault = "html";
    expect(`${(await failureOf(whole(model()))).cause}`).toContain("a web page in place of an answer");
  });

  test.each(["cut", "cut_short", "broken_late"] as const)(
    "nothing is repeated after %s, once a piece has been given",
    async (fault) => {
      stub.fault = fault;
      const before = stub.calls.length;
      const pieces: string[] = [];
      const call = (async () => {
        for await (const piece of model().stream(PROMPT)) pieces.push(piece);
      })();
      expect(await outcomeOf(call)).toBe("ai_failed");
      expect(pieces.length).toBeGreaterThan(0);
      expect(`You asked: ${lastOf({ messages: PROMPT.messages })}`).toStartWith(pieces.join(""));
      expect(stub.calls.length).toBe(before + 1);
    },
  );

  test("giving up ends a recognition under way, and the work behind it", async () => {
    stub.first_token_ms = 2000;
    const one = ears();
    const abort = new AbortController();
    const call = outcomeOf(one.transcribe(spoken, { signal: abort.signal }));
    const before = stub.calls.length;
    expect(await until(() => stub.calls.length > before, 2000)).toBe(true);
    abort.abort();
    expect(await call).toBe("recognition_failed");
    expect(await until(() => stub.calls.at(-1)?.isLeft === true, 1000)).toBe(true);
  });

  test("an answer that trickles is over when the time is", async () => {
    stub.every_ms = 100;
    const pieces: string[] = [];
    const start = performance.now();
    const call = (async () => {
      for await (const piece of model(SHORT).stream(PROMPT)) pieces.push(piece);
    })();
    expect(await outcomeOf(call)).toBe("ai_timeout");
    expect(performance.now() - start).toBeWithin(290, 2000);
    expect(pieces.length).toBeGreaterThan(0);
    expect(await until(() => stub.calls.at(-1)?.isLeft === true, 2000)).toBe(true);
  });

  test("the time that a hang may take is kept, waits and tries included", async () => {
    for (const fault of ["hang", "overloaded", "broken"] as const) {
      Object.assign(stub, { fault, retry_after_s: 0.2 });
      const start = performance.now();
      await failureOf(whole(model({ budgetMs: 300, backoffMs: 100 })));
      expect(performance.now() - start).toBeLessThan(1500);
    }
  });

  test("the first word is passed on within 50 ms", async () => {
    Object.assign(stub, { first_token_ms: 100, every_ms: 50 });
    const one = model();
    await whole(one);
    const late: number[] = [];
    for (let i = 0; i < 3; i++) {
      stub.wrote.length = 0;
      for await (const _ of one.stream(PROMPT)) {
        const [first = 0, second = 0] = stub.wrote;
        // OpenAI's first event has no words.
        late.push(performance.now() - (name === "gemini" ? first : second || first));
        break;
      }
    }
    // The best of three: this machine may be busy with something else.
    expect(Math.min(...late)).toBeLessThan(50);
  });

  test("a listener who takes his time costs the vendor none", async () => {
    const pieces: string[] = [];
    for await (const piece of model(SHORT).stream(PROMPT)) {
      if (pieces.push(piece) === 1) await Bun.sleep(500);
    }
    expect(pieces.join("")).toBe("You asked: What is the past tense of go, please");
  });

  test("no key and no learner's word stands in what is logged", async () => {
    const key = "a-secret-key";
    const told: string[] = [];
    for (const fault of FAULT_NAMES) {
      stub.fault = fault;
      const one = model(SHORT);
      for (const call of [() => one.answer(PROMPT, Grade), () => whole(one)])
        await call().catch((error) => told.push(`${Bun.inspect(error)} ${error.message} ${error.cause}`));
    }
    stub.fault = null;
    const wrong =
      name === "gemini"
        ? geminiModel({ ...ofGemini(), apiKey: key })
        : openAiModel({ ...ofOpenAi(stub), baseUrl: "http://127.0.0.1:1", apiKey: key });
    told.push(Bun.inspect(await failureOf(whole(kept(wrong)))));
    expect(told.length).toBeGreaterThan(15);
    for (const text of told) {
      expect(text).not.toContain(key);
      if (stub.key) expect(text).not.toContain(stub.key);
      expect(text).not.toContain("past tense");
    }
  });
});

describe("an answer that is longer than any may be", () => {
  const serving = (fetch: () => Response) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  const endless = () =>
    new ReadableStream({
      pull: async (controller) => {
        await Bun.sleep(1);
        controller.enqueue(new Uint8Array(1_000_000).fill(0x3a));
      },
    });

  // Read to its end it would take all the time there is.
  test.each([
    ["an answer", 200],
    ["a refusal", 500],
  ])("has failed, not filled the memory: %s without end", async (_, status) => {
    const headers = { "content-type": "text/event-stream" };
    await using server = serving(() => new Response(endless(), { status, headers }));
    const baseUrl = `http://127.0.0.1:${server.port}`;
    const patience = { budgetMs: 20_000, backoffMs: 10 };
    for (const model of [
      openAiModel({ baseUrl, model: "m", patience }),
      geminiModel({ baseUrl, apiKey: "k", model: "m", patience }),
    ]) {
      expect(await outcomeOf(model.answer(PROMPT, Grade))).toBe("ai_failed");
      expect(await outcomeOf(whole(model))).toBe("ai_failed");
    }
    await server.stop(true);
  });

  test("is not unpacked to its end", async () => {
    const packed = Bun.gzipSync(Buffer.alloc(50_000_000, "a"));
    await using server = serving(() => new Response(packed, { headers: { "content-encoding": "gzip" } }));
    const answer = await vendorFetch(`http://127.0.0.1:${server.port}`);
    expect(await failureOf(answer.text())).toMatchObject({
      kind: "garbled",
      message: "the answer is longer than 8000000 bytes",
    });
  });
});

describe("a vendor that is away", () => {
  test.each(["http://127.0.0.1:1", "http://no-such-host.invalid"])(
    "%s is ai_unavailable, with when to come back",
    async (baseUrl) => {
      const models = [geminiModel({ ...ofGemini(), baseUrl }), openAiModel({ ...ofOpenAi(openAi), baseUrl })];
      const ears = [
        geminiSpeechToText({ ...ofGemini(), baseUrl }),
        openAiSpeechToText({ ...ofOpenAi(openAi), baseUrl }),
      ];
      const away = { code: "ai_unavailable", params: { retry_after: 5 } };
      for (const model of models) expect(await failureOf(whole(kept(model)))).toMatchObject(away);
      for (const one of ears) expect(await failureOf(kept(one).transcribe(spoken))).toMatchObject(away);
    },
  );

  test("is left alone after five failures, and asked again by one call after a while", async () => {
    const model = VENDORS.openai?.model({ ...QUICK, openMs: 400 }) ?? fakeLanguageModel();
    openAi.fault = "html";
    for (let i = 0; i < 5; i++) expect(await outcomeOf(whole(model))).toBe("ai_failed");
    const before = openAi.calls.length;
    const start = performance.now();
    expect(await failureOf(whole(model))).toMatchObject({ code: "ai_unavailable", params: { retry_after: 1 } });
    expect(await outcomeOf(model.answer(PROMPT, Grade))).toBe("ai_unavailable");
    expect(performance.now() - start).toBeLessThan(200);
    expect(openAi.calls.length).toBe(before);
    // It is back; while one call finds that out, others do not wait for it.
    Object.assign(openAi, { fault: null, first_token_ms: 300 });
    await Bun.sleep(450);
    const [first, second] = await Promise.all([outcomeOf(whole(model)), outcomeOf(whole(model))]);
    expect([first, second]).toEqual([null, "ai_unavailable"]);
    expect(openAi.calls.length).toBe(before + 1);
    expect(await outcomeOf(whole(model))).toBeNull();
  });

  test.each<Fault>(["blocked", "wrong_shape", "empty", "wrong_key", "overloaded"])(
    "is not one that answers %s: what one learner brings about closes nothing for the others",
    async (fault) => {
      const model = VENDORS.gemini?.model() ?? fakeLanguageModel();
      Object.assign(gemini, { fault, retry_after_s: 60 });
      for (let i = 0; i < 7; i++) await failureOf(model.answer(PROMPT, Grade));
      gemini.fault = null;
      expect(await outcomeOf(model.answer(PROMPT, Grade))).toBeNull();
    },
  );

  test("is not one whom callers leave", async () => {
    const model = VENDORS.gemini?.model() ?? fakeLanguageModel();
    gemini.every_ms = 100;
    for (let i = 0; i < 7; i++) for await (const _ of model.stream(PROMPT)) break;
    for (let i = 0; i < 7; i++) await failureOf(model.answer({ ...PROMPT, signal: AbortSignal.timeout(20) }, Grade));
    gemini.every_ms = 0;
    expect(await outcomeOf(whole(model))).toBeNull();
  });
});

test("a call whose work ignores its signal ends in time all the same", async () => {
  const { call, pieces } = vendor("deaf", [], { budgetMs: 50 });
  expect(await outcomeOf(call(() => new Promise(() => {})))).toBe("ai_timeout");
  const deaf = async function* () {
    yield "a";
    await new Promise(() => {});
  };
  const given: string[] = [];
  const loop = (async () => {
    for await (const piece of pieces(deaf)) given.push(piece);
  })();
  expect(await outcomeOf(loop)).toBe("ai_timeout");
  expect(given).toEqual(["a"]);
});

test("what had come, but was not given when the caller gave up, is not taken for the whole", async () => {
  const abort = new AbortController();
  const pieces = pulled(async (push) => ["a", "b", "c"].forEach(push), abort.signal);
  const loop = (async () => {
    for await (const _ of pieces) abort.abort();
  })();
  expect(await outcomeOf(loop)).toBe("ai_failed");
});

describe("by the settings", () => {
  const set = (env: Record<string, string>) => readConfig(env);

  test("Gemini without a key, and OpenAI itself without one, are not there", () => {
    for (const name of ["gemini", "openai"]) {
      const config = set({ LLM_PROVIDER: name, STT_PROVIDER: name });
      expect(chooseLanguageModel(config)).toBeNull();
      expect(chooseSpeechToText(config)).toBeNull();
    }
  });

  test("GOOGLE_API_KEY comes before AI_API_KEY, which does as well", async () => {
    const base = { STT_PROVIDER: "gemini", GEMINI_BASE_URL: gemini.url, GEMINI_MODEL: "gemini-2.5-pro" };
    for (const keys of [{ GOOGLE_API_KEY: ` ${gemini.key}`, AI_API_KEY: "another" }, { AI_API_KEY: gemini.key }]) {
      const config = set({ ...base, ...keys });
      const [model, ears] = [chooseLanguageModel(config), chooseSpeechToText(config)];
      expect(model?.engine).toBe("gemini gemini-2.5-pro");
      expect(model && (await whole(kept(model)))).toContain("past tense");
      expect(ears && (await kept(ears).transcribe(spoken)).text).not.toBe("");
    }
  });

  test("a server of one's own wants no key", async () => {
    const env = {
      LLM_PROVIDER: "openai",
      OPENAI_BASE_URL: `${ollama.url}/`,
      OPENAI_MODEL: "llama3.2",
      STT_PROVIDER: "openai",
    };
    const model = chooseLanguageModel(set(env));
    expect(model?.engine).toBe("openai llama3.2");
    expect(model && (await whole(kept(model)))).toContain("past tense");
    expect(ollama.calls.at(-1)?.body).toMatchObject({ model: "llama3.2", max_tokens: 100 });
    expect(chooseSpeechToText(set(env))?.engine).toBe("openai whisper-1");
  });

  test("Google's client is loaded with the first call, not with the server", () => {
    const loads =
      'import "./src/vendors.ts"; console.log(Object.keys(require.cache).filter((f) => f.includes("@google")).length);';
    const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", loads]);
    expect(`${stdout}${stderr}`.trim()).toBe("0");
  });
});

describe("gemini is asked", () => {
  test("with our instructions apart from what learners write, and with its guard for minors", async () => {
    await whole(VENDORS.gemini?.model() ?? fakeLanguageModel(), {
      ...PROMPT,
      messages: [{ role: "assistant", text: "Hi" }, ...PROMPT.messages],
    });
    const call = gemini.calls.at(-1);
    expect(call).toMatchObject({
      instructions: PROMPT.instructions,
      messages: [{ role: "assistant" }, { role: "user" }],
    });
    expect(call?.body).toMatchObject({
      safetySettings: [
        { category: "HARM_CATEGORY_SEXUALLY_EXPLICIT", threshold: "BLOCK_LOW_AND_ABOVE" },
        { threshold: "BLOCK_MEDIUM_AND_ABOVE" },
        { threshold: "BLOCK_MEDIUM_AND_ABOVE" },
        { threshold: "BLOCK_MEDIUM_AND_ABOVE" },
      ],
      generationConfig: { maxOutputTokens: 100, thinkingConfig: { thinkingBudget: 0 } },
    });
  });

  test("for no thoughts, or for as few as the model can do with and room for them", () => {
    expect(thinkingOf("gemini-2.5-flash-lite")).toEqual({ thinkingConfig: { thinkingBudget: 0 }, thoughts: 0 });
    expect(thinkingOf("gemini-2.5-pro").thoughts).toBe(128);
    expect(thinkingOf("gemini-3.8-flash").thoughts).toBeGreaterThan(0);
    expect(thinkingOf("gemini-2.0-flash")).toEqual({ thoughts: 0 });
  });
});

describe("a shape is told", () => {
  const Shape = z.object({
    kind: z.literal("essay"),
    score: z.number().int().min(0).max(9),
    words: z.array(z.string().min(1).max(50)).max(3).describe("what it rests on"),
    // A property may be called as a keyword is.
    pattern: z.string().nullable(),
  });

  test("in what vendors understand", () => {
    expect(schemaOf(Shape)).toEqual({
      type: "object",
      properties: {
        kind: { type: "string", enum: ["essay"] },
        score: { type: "integer", minimum: 0, maximum: 9 },
        words: { type: "array", items: { type: "string" }, maxItems: 3, description: "what it rests on" },
        pattern: { type: ["string", "null"] },
      },
      required: ["kind", "score", "words", "pattern"],
      additionalProperties: false,
    });
    expect(isStrict(schemaOf(Shape))).toBe(true);
    expect(isStrict(schemaOf(z.object({ more: z.object({ note: z.string().optional() }) })))).toBe(false);
  });

  test("in the instructions, where a server takes no schema, from its first refusal on", async () => {
    const model = VENDORS.ollama?.model() ?? fakeLanguageModel();
    const before = ollama.calls.length;
    await model.answer(PROMPT, Grade);
    expect(ollama.calls.length).toBe(before + 2);
    await model.answer(PROMPT, Grade);
    expect(ollama.calls.length).toBe(before + 3);
    expect(ollama.calls.at(-1)?.instructions).toContain('"maximum":100');
    expect(ollama.calls.at(-1)?.headers.has("authorization")).toBe(false);
  });

  test("and is read out of a fence", async () => {
    openAi.values = () => '```json\n{"score": 7, "comment": "Good"}\n```';
    const { value } = (await VENDORS.openai?.model().answer(PROMPT, Grade)) ?? {};
    expect(value).toEqual({ score: 7, comment: "Good" });
  });
});

describe("recordings are sent", () => {
  test("as WAV of 16 bits", () => {
    const { coding, rate, frames, channels } = readWav(wavOf(spoken));
    expect({ coding, rate, frames, channels }).toEqual({
      coding: "i16",
      rate: 16_000,
      frames: spoken.length,
      channels: 1,
    });
    expect(wavOf(new Float32Array([2, -2])).slice(44)).toEqual(new Uint8Array([255, 127, 1, 128]));
  });

  test.each(["gemini", "openai"])(
    "to %s without the silence, and not at all where there is nothing else",
    async (name) => {
      const { stub, ears } = VENDORS[name] ?? { stub: gemini, ears: () => geminiSpeechToText(ofGemini()) };
      const before = stub.calls.length;
      expect(await ears().transcribe(new Float32Array(160_000))).toMatchObject({ text: "", words: [] });
      expect(stub.calls.length).toBe(before);
      const silence = new Float32Array(10 * 16_000);
      const { words } = await ears().transcribe(joined([silence, spoken, silence]));
      expect(stub.calls.at(-1)?.sound_s).toBeWithin(1, spoken.length / 16_000 + 0.6);
      expect(words[0]?.start_ms).toBeGreaterThan(9000);
      expect(words.at(-1)?.end_ms).toBeLessThan(10_500 + spoken.length / 16);
    },
  );

  test("in pieces that fit a request, cut at pauses, ten minutes no slower than four", async () => {
    const count = Math.ceil((10 * 60 * 16_000) / (spoken.length + 8000));
    const long = joined(
      Array.from({ length: count }, () => spoken),
      0.5,
    ).subarray(0, 600 * 16_000);
    const cut = stretches(long);
    expect(cut.length).toBeWithin(3, 5);
    for (const { from, to } of cut) expect(to - from).toBeLessThanOrEqual(240 * 16_000);
    let n = 0;
    gemini.hears = () => `Part ${++n} of it`;
    const { text, words } = await (VENDORS.gemini?.ears() ?? geminiSpeechToText(ofGemini())).transcribe(long);
    expect(text.split(" ").length).toBe(cut.length * 4);
    expect(words.at(-1)?.end_ms).toBeGreaterThan(590_000);
    for (const call of gemini.calls.slice(-cut.length))
      expect(JSON.stringify(call.body).length).toBeLessThan(18_000_000);
  });

  test("with the language that is forced, and with none that the vendor does not know", async () => {
    await VENDORS.gemini?.ears().transcribe(spoken, { language: "uz" });
    expect(gemini.calls.at(-1)?.language).toBe("uz");
    expect((await VENDORS.openai?.ears().transcribe(spoken, { language: "uz" }))?.language).toBe("uz");
    expect(openAi.calls.at(-1)?.language).toBe("uz");
    const known = openAiSpeechToText({ ...ofOpenAi(openAi), baseUrl: "https://api.openai.com/v1" }).languages;
    expect(known).toContain("ru");
    expect(known).not.toContain("uz");
  });

  test("and the words have the vendor's own times where it gives any, else equal shares", async () => {
    const text = "One two, three — four.";
    openAi.hears = () => text;
    ollama.hears = () => text;
    for (const name of ["openai", "ollama"]) {
      const heard = await VENDORS[name]?.ears().transcribe(spoken);
      expect(heard?.text).toBe(text);
      expect(heard?.words.map((word) => word.text)).toEqual(["One", "two", "three", "four"]);
      expect(heard?.language).toBe("en");
      for (const { confidence } of heard?.words ?? []) expect(confidence).toBe(0.5);
    }
  });
});

describe("gemini's voice", () => {
  const encoded: { samples: Int16Array; rate: number }[] = [];
  const encoder = {
    encode: async (samples: Int16Array, rate: number) => {
      encoded.push({ samples, rate });
      return new Uint8Array([1]);
    },
    stop: async () => {},
  };
  const voice = (patience: Patience = QUICK) =>
    kept(geminiVoice({ ...ofGemini(patience, "gemini-2.5-flash-preview-tts"), encoder }));
  const TEXT = "Good morning. ".repeat(40);

  test("reads a long text in portions, each of whole sentences, and loses none", async () => {
    encoded.length = 0;
    const before = gemini.calls.length;
    const { voice: who, sound } = await voice().speak(TEXT, { language: "en-US" });
    expect(who).toMatchObject({ id: "gemini-en", language: "en" });
    const sounds = await Array.fromAsync(sound);
    const parts = gemini.calls.slice(before).map((call) => lastOf(call).replace(/^Read this aloud.*\n\n/, ""));
    expect(sounds).toHaveLength(parts.length);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join(" ")).toBe(TEXT.trim());
    for (const part of parts) expect(part).toEndWith(".");
    expect(encoded.map(({ rate }) => rate)).toEqual(parts.map(() => 24_000));
    expect(encoded[0]?.samples.length).toBeGreaterThan(24_000);
  });

  test("leaving the loop ends what is being made", async () => {
    gemini.first_token_ms = 300;
    const { sound } = await voice().speak(TEXT, { language: "en" });
    for await (const _ of sound) {
      expect(await until(() => gemini.calls.at(-1)?.isOver === false, 200)).toBe(true);
      break;
    }
    expect(await until(() => gemini.calls.at(-1)?.isLeft === true, 2000)).toBe(true);
  });

  test("speaks no Uzbek, and nothing that cannot be said", async () => {
    expect(await outcomeOf(voice().speak("Salom", { language: "uz" }))).toBe("voice_unavailable");
    expect(await outcomeOf(voice().speak("Hello", { language: "en", voice: "espeak-en" }))).toBe("voice_unavailable");
    expect(await outcomeOf(voice().speak("… —", { language: "en" }))).toBe("speech_failed");
    const signal = AbortSignal.abort();
    expect(await outcomeOf(voice().speak("Hello", { language: "en", signal }))).toBe("speech_failed");
  });

  test.each(FAULT_NAMES)("of a vendor that misbehaves (%s) fails as an answer would, or as speech", async (fault) => {
    Object.assign(gemini, { fault, retry_after_s: fault === "overloaded" ? 42 : 0.1 });
    const wanted = { blocked: "ai_failed", wrong_shape: null }[fault as string];
    const speech = voice(fault === "hang" ? SHORT : QUICK).speak("Hello there", { language: "en" });
    expect(await outcomeOf(speech)).toBe(wanted === undefined ? FAULTS[fault] : (wanted as ErrorCode | null));
  });
});

describe("the log says which setting to look at", () => {
  const told = async (model: LanguageModel) => `${(await failureOf(whole(kept(model)))).cause}`;

  test("of a wrong key", async () => {
    expect(await told(openAiModel({ ...ofOpenAi(openAi), apiKey: "sk-wrong" }))).toContain("look at the key");
    expect(await told(geminiModel({ ...ofGemini(), apiKey: "AIza-wrong" }))).toContain("look at the key");
  });

  test("of an address without its /v1", async () => {
    const baseUrl = ollama.url.replace(/\/v1$/, "");
    expect(await told(openAiModel({ ...ofOpenAi(ollama), baseUrl }))).toContain("look at the model and the base URL");
  });
});
