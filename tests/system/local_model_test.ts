import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { installLocalModel } from "../../scripts/local_model.ts";
import { DOCUMENT, localModelInventory, updated } from "../../scripts/third_party.ts";
import { localLanguageModel } from "../../src/adapters/ai/local.ts";
import { localModel } from "../../src/adapters/ai/local_ready.ts";
import type { LanguageModel, Message, Prompt } from "../../src/application/ports/language_model.ts";
import { languageModelContract } from "../contracts/language_model.ts";
import { childrenOf, until } from "../support/processes.ts";
import { figure } from "../support/prove.ts";
import { smallModel } from "../support/small_model.ts";

// A real language model in its child process. It answers badly: what is proved is the way, not the words.

const ROOT = resolve(import.meta.dir, "../..");

if (!(await installLocalModel())) throw new Error("the local model's package cannot be installed");
const file = await smallModel();

languageModelContract("local", () => localLanguageModel({ model: file }));

const open = () => localLanguageModel({ model: file });
const said = (text: string, more: Partial<Prompt> = {}): Prompt => ({
  instructions: "You are a kind teacher of English. You answer in short sentences.",
  messages: [{ role: "user", text }],
  max_tokens: 40,
  ...more,
});
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "answered",
    (error: { code?: string }) => error.code ?? String(error),
  );

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

/** The model's processes that were not there before. */
function newChildren() {
  const before = childrenOf(process.pid);
  return () => childrenOf(process.pid).filter((pid) => !before.includes(pid));
}

/** In megabytes, as the system counts it. */
const memoryOf = async (pid: number) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(await Bun.file(`/proc/${pid}/status`).text())?.[1]) / 1024;

test("package and model are there", () => {
  expect(localModel(file)).toMatchObject({
    ok: true,
    context_tokens: 4096,
    engine: "local SmolLM2-135M-Instruct.Q4_1",
  });
});

test("THIRD_PARTY.md lists what was installed; to mend it: bun scripts/third_party.ts", async () => {
  const stock = localModelInventory();
  expect(stock.missing).toEqual([]);
  const document = await Bun.file(DOCUMENT).text();
  expect(document).toBe(updated(document, stock, "local_model"));
});

describe("a language model on this machine", () => {
  const own = newChildren();
  const model = open();
  afterAll(() => model.stop());
  beforeAll(async () => {
    const start = performance.now();
    for await (const _ of model.stream(said("Hello!"))) break;
    figure("local model: from nothing to the first token", `${Math.round(performance.now() - start)} ms`, "below 20 s");
  }, 60_000);

  test("an answer comes piece by piece, the first one long before the last", async () => {
    const start = performance.now();
    const times: number[] = [];
    let text = "";
    for await (const piece of model.stream(said("What did you do yesterday?"))) {
      times.push(performance.now() - start);
      text += piece;
    }
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    expect(times.length).toBeGreaterThan(10);
    expect(text).toMatch(/[a-z]{3}/i);
    expect(first).toBeLessThan(last / 2);
    const rate = (times.length - 1) / ((last - first) / 1000);
    figure("local model: first token, once loaded", `${Math.round(first)} ms`, "long before the last");
    figure("local model: tokens a second (135 M weights)", rate.toFixed(0), "more than is read aloud, 5");
    const [pid = 0] = own();
    figure("local model: memory of its process", `${Math.round(await memoryOf(pid))} MB`, "below 600 MB");
    expect(rate).toBeGreaterThan(5);
    expect(await memoryOf(pid)).toBeLessThan(600);
  }, 60_000);

  test("an answer is never longer than was asked for", async () => {
    let pieces = 0;
    for await (const _ of model.stream(said("Tell me a long story.", { max_tokens: 5 }))) pieces++;
    expect(pieces).toBeWithin(1, 7);
  }, 60_000);

  test("cancelling ends an answer at once, and the next call has the same loaded model", async () => {
    const [pid] = own();
    const abort = new AbortController();
    let cancelled = 0;
    const cut = (async () => {
      for await (const _ of model.stream(said("Tell me a long story.", { max_tokens: 1500, signal: abort.signal }))) {
        cancelled ||= performance.now();
        abort.abort();
      }
    })();
    expect(await codeOf(cut)).toBe("ai_failed");
    expect(performance.now() - cancelled).toBeLessThan(500);
    expect(await whole(model.stream(said("And now?")))).not.toBe("");
    expect(own()).toEqual([pid ?? 0]);
  }, 60_000);

  test("leaving the loop ends the answer, and the next call need not wait for it", async () => {
    for await (const _ of model.stream(said("Tell me a long story.", { max_tokens: 1500 }))) break;
    const start = performance.now();
    for await (const _ of model.stream(said("Hello!"))) break;
    // A thousand tokens would take many times as long.
    expect(performance.now() - start).toBeLessThan(5000);
  }, 60_000);

  test("a call that is cancelled before it starts is not made", async () => {
    expect(await codeOf(whole(model.stream(said("Hello!", { signal: AbortSignal.abort() }))))).toBe("ai_failed");
  });

  const Graded = z.object({
    level: z.enum(["A1", "A2", "B1", "B2"]),
    score: z.int().min(0).max(100),
    confidence: z.number().min(0).max(1),
    mistakes: z
      .array(z.object({ original: z.string().max(20), corrected: z.string().max(20) }))
      .min(1)
      .max(2),
    note: z.string().max(30).nullable(),
  });

  test.each(["She go to school yesterday.", "I has two cat.", "Plov juda mazali!"])(
    "a structured answer fits its shape: %s",
    async (text) => {
      // A letter may take six tokens, as `\\u0000`.
      const { value, raw } = await model.answer(said(`Grade this: ${text}`, { max_tokens: 800 }), Graded);
      expect(Graded.parse(JSON.parse(raw))).toEqual(value);
      expect(["A1", "A2", "B1", "B2"]).toContain(value.level);
    },
    60_000,
  );

  test("a shape with texts of thousands of letters has its answer too", async () => {
    const Essay = z.object({ title: z.string().max(20), essay: z.string().max(5000) });
    const call = model.answer(said("Write about bread.", { max_tokens: 2000 }), Essay);
    expect((await call).value.title.length).toBeLessThanOrEqual(20);
  }, 60_000);

  test("a structured answer that is cut at its longest is refused", async () => {
    expect(await codeOf(model.answer(said("Grade this: I has two cat.", { max_tokens: 8 }), Graded))).toBe("ai_failed");
  }, 60_000);

  test("two calls at once are answered one after the other", async () => {
    const answers = await Promise.all(["One?", "Two?"].map((text) => whole(model.stream(said(text)))));
    for (const answer of answers) expect(answer).not.toBe("");
  }, 60_000);

  test("a child killed in mid-answer fails that call alone", async () => {
    const cut = (async () => {
      for await (const _ of model.stream(said("Tell me a long story.", { max_tokens: 1500 })))
        for (const pid of own()) process.kill(pid, "SIGKILL");
    })();
    const waits = whole(model.stream(said("And you?")));
    expect(await codeOf(cut)).toBe("ai_failed");
    expect(await waits).not.toBe("");
    expect(await whole(model.stream(said("Hello!")))).not.toBe("");
  }, 60_000);
});

describe("a full context", () => {
  // A quarter of what is usual, so that filling it takes seconds.
  const model = localLanguageModel({ model: file, most_tokens: 768 });
  afterAll(() => model.stop());
  const turns = (count: number): Message[] => [
    ...Array.from({ length: count }, (_, i) => ({
      role: i % 2 ? ("assistant" as const) : ("user" as const),
      text: `Turn ${i}. ${"I went to the market and bought bread. ".repeat(4)}`,
    })),
    { role: "user", text: "What did I buy?" },
  ];
  const firstPiece = async (messages: Message[]) => {
    const start = performance.now();
    for await (const _ of model.stream(said("", { messages }))) break;
    return performance.now() - start;
  };

  test("a conversation that is longer is answered from its end, and its length costs next to nothing", async () => {
    expect(model.context_tokens).toBe(768);
    const short = await firstPiece(turns(40));
    // Other words, so that nothing of the first is remembered.
    const long = await firstPiece(turns(2001).slice(1));
    figure("local model: first token of 40 and of 2000 turns", `${Math.round(short)}, ${Math.round(long)} ms`, "alike");
    expect(long).toBeLessThan(short * 2 + 2000);
  }, 120_000);

  test("the same conversation, one turn later, is not read again", async () => {
    const talk: Message[] = [{ role: "user", text: `Listen. ${"I went to the market and bought bread. ".repeat(50)}` }];
    const start = performance.now();
    const text = await whole(model.stream(said("", { messages: talk })));
    const first = performance.now() - start;
    const next = await firstPiece([...talk, { role: "assistant", text }, { role: "user", text: "Why?" }]);
    expect(next).toBeLessThan(first / 2);
  }, 60_000);

  test.each([
    ["a message longer than the context", "word ".repeat(3000)],
    ["a message of two megabytes", "a".repeat(2_000_000)],
  ])(
    "%s is refused, and the next call works",
    async (_, text) => {
      expect(await codeOf(whole(model.stream(said(text))))).toBe("ai_failed");
      expect(await whole(model.stream(said("Hello!")))).not.toBe("");
    },
    60_000,
  );

  test("an answer that may be as long as it likes stays within the context", async () => {
    const Long = z.object({ words: z.array(z.string().max(20)).min(1) });
    const call = model.answer(said("List all English words.", { max_tokens: 1_000_000 }), Long);
    expect(await codeOf(call)).toBeOneOf(["answered", "ai_failed"]);
    expect(await whole(model.stream(said("Hello!")))).not.toBe("");
  }, 60_000);
});

describe("a local model's limits", () => {
  const models: LanguageModel[] = [];
  const keep = (model: LanguageModel) => {
    models.push(model);
    return model;
  };
  afterAll(() => Promise.all(models.map((model) => model.stop())));

  test("more calls than the queue holds are refused with the time to come back", async () => {
    const model = keep(localLanguageModel({ model: file, queue: 1 }));
    const calls = [1, 2, 3].map(() => whole(model.stream(said("Hello!", { max_tokens: 10 }))));
    const [first, second, third] = await Promise.allSettled(calls);
    expect([first?.status, second?.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(third).toMatchObject({ reason: { code: "ai_overloaded", params: { retry_after: 10 } } });
  }, 60_000);

  test("no answer in time is ai_timeout, whether nothing comes or it never ends", async () => {
    const silent = keep(localLanguageModel({ model: file, silentMs: 50 }));
    expect(await codeOf(whole(silent.stream(said("Hello!"))))).toBe("ai_timeout");
    // Its grammar lets it end only after some two thousand tokens, which keep coming.
    const Endless = z.array(z.string().min(20)).min(200);
    const endless = keep(localLanguageModel({ model: file, wholeMs: 5000 }));
    expect(await codeOf(endless.answer(said("List words.", { max_tokens: 2000 }), Endless))).toBe("ai_timeout");
  }, 60_000);

  test("an idle model gives its memory back, and the next call loads it again", async () => {
    const own = newChildren();
    const model = keep(localLanguageModel({ model: file, idleMs: 100 }));
    expect(await whole(model.stream(said("Hello!")))).not.toBe("");
    expect(await until(() => own().length === 0, 3000)).toBe(true);
    expect(await whole(model.stream(said("Hello!")))).not.toBe("");
  }, 60_000);
});

describe("the step that installs the package", () => {
  test("without a network it says in one line what is missing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "local-model-"));
    try {
      const needed = ["scripts/local_model.ts", "scripts/lock.ts", "src/adapters/ai/local_ready.ts"];
      const files = [
        ...needed,
        "src/adapters/ai/gguf.ts",
        "src/adapters/ai/ggml_blocks.ts",
        ...["package.json", "bun.lock"].map((name) => `optional/local_model/${name}`),
      ];
      for (const name of files) {
        await mkdir(join(folder, name, ".."), { recursive: true });
        await cp(join(ROOT, name), join(folder, name));
      }
      const done = Bun.spawn([process.execPath, join(folder, "scripts/local_model.ts")], {
        env: {
          ...process.env,
          BUN_INSTALL_CACHE_DIR: join(folder, "cache"),
          BUN_CONFIG_REGISTRY: "http://127.0.0.1:9",
        },
        cwd: folder,
        stdout: "pipe",
        stderr: "pipe",
      });
      const lines = (await new Response(done.stdout).text()).trim().split("\n");
      expect(await done.exited).toBe(1);
      expect(lines.at(-1)).toMatch(/^the local model is off: .+ bun scripts\/local_model\.ts$/);
      expect(await new Response(done.stderr).text()).toBe("");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
