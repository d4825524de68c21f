import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeSpeechToText } from "../src/adapters/ai/fake_speech.ts";
import { speechParts } from "../src/adapters/ai/speech_parts.ts";
import { audioContext, believable, fold, whisper } from "../src/adapters/ai/whisper.ts";
import { recogniser, SHIPPED_MODEL, sha256 } from "../src/adapters/ai/whisper_ready.ts";
import { type Child, supervise } from "../src/adapters/children/supervisor.ts";
import { speechToTextContract } from "./contracts/speech.ts";
import type { Fault } from "./support/faulty_child.ts";
import { isRunning, until } from "./support/processes.ts";
import { clip, joined } from "./support/recordings.ts";
import { seemingModel } from "./support/seeming_model.ts";

speechToTextContract("fake", fakeSpeechToText);

const RATE = 16_000;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "speech-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

test("fake: one that takes its time ends with its signal, as when a server stops", async () => {
  const abort = new AbortController();
  const call = fakeSpeechToText(60_000).transcribe(new Float32Array(RATE).fill(0.1), { signal: abort.signal });
  abort.abort();
  await expect(call).rejects.toMatchObject({ code: "recognition_failed" });
});

test("fake: different recordings say different things", async () => {
  const { transcribe } = fakeSpeechToText();
  const texts = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => transcribe(new Float32Array(RATE).fill(n / 10))));
  expect(new Set(texts.map(({ text }) => text)).size).toBeGreaterThan(2);
});

describe("speechParts()", () => {
  const noise = (seconds: number, loud: number) =>
    new Float32Array(seconds * RATE).map((_, i) => loud * Math.sin(i * i * 0.37));
  const seconds = (samples: Float32Array) =>
    speechParts(samples)?.map(({ from, to }) => [from, to].map((at) => Math.round((at / RATE) * 10) / 10));

  test.each([
    ["nothing", new Float32Array(0)],
    ["silence", new Float32Array(5 * RATE)],
    ["faint noise", noise(5, 0.0005)],
    ["steady noise", noise(5, 0.1)],
    ["clicks", new Float32Array(5 * RATE).map((_, i) => (i % 8000 < 40 ? 0.5 : 0))],
  ])("%s is not speech", (_, samples) => {
    expect(speechParts(samples)).toEqual([]);
  });

  test("samples that are not numbers are told apart", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(speechParts(clip("cards-001.wav").fill(bad, 5000, 5001))).toBeNull();
    }
  });

  test("silence around speech is left out, soft speech is not", () => {
    const spoken = clip("goforward.wav");
    const around = joined([new Float32Array(5 * RATE), spoken, new Float32Array(5 * RATE)]);
    const [[from = 0, to = 0] = [], ...others] = seconds(around.map((sample) => sample / 20)) ?? [];
    expect(others).toEqual([]);
    expect(from).toBeWithin(4.8, 5.6);
    expect(to).toBeWithin(7.4, 8.1);
  });

  test("long speech is cut at its pauses into parts that the recogniser can take, and nothing of it is lost", () => {
    const long = joined(
      Array.from({ length: 12 }, () => clip("librivox-0870.wav")),
      0.5,
    );
    const parts = speechParts(long) ?? [];
    expect(parts.length).toBeGreaterThan(3);
    for (const { from, to } of parts) expect(to - from).toBeLessThan(28 * RATE);
    const covered = parts.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(covered / long.length).toBeGreaterThan(0.9);
  });

  test("speech without any pause is cut all the same", () => {
    const chant = new Float32Array(70 * RATE).map(
      (_, i) => Math.sin(i / 9) * (0.05 + 0.2 * Math.abs(Math.sin(i / 3000))),
    );
    const parts = speechParts(chant) ?? [];
    expect(parts.length).toBeGreaterThan(2);
    for (const { from, to } of parts) expect(to - from).toBeLessThan(28 * RATE);
  });
});

describe("what the recogniser wrote", () => {
  const token = (text: string, from: number, p = 0.5) => ({ text, p, from, to: from + 10 });

  test("fold() joins pieces of words and drops the recogniser's own marks", () => {
    const tokens = [
      token("[_BEG_]", 0),
      token(" ill", 10, 0.4),
      token("-", 20, 0),
      token("dis", 30, 0.8),
      token("posed", 40, 0.9),
      token(".", 50, 0.1),
      token("[_TT_150]", 60),
    ];
    expect(fold(" ill-disposed.", tokens)).toEqual([
      { text: "ill-disposed.", start_ms: 10, end_ms: 50, confidence: expect.closeTo(0.7) },
    ]);
  });

  test("fold() takes letters that two tokens share from the text", () => {
    const tokens = [token(" so", 0), token("\uFFFD", 10), token("\uFFFDz", 20), token(" bor", 30)];
    expect(fold(" soʻz bor", tokens).map(({ text }) => text)).toEqual(["soʻz", "bor"]);
  });

  const words = (text: string) =>
    text.split(" ").map((word) => ({ text: word, start_ms: 0, end_ms: 0, confidence: 1 }));
  const kept = (text: string, seconds: number) =>
    believable(words(text), seconds)
      .map((word) => word.text)
      .join(" ");

  test("believable() leaves speech alone, repeated words too", () => {
    for (const text of ["No, no, no, no!", "I had had enough of it", "again and again and again"]) {
      expect(kept(text, 3)).toBe(text);
    }
  });

  test("believable() ends loops, and text longer than anybody can speak", () => {
    expect(kept(`Look, ${"Menu, ".repeat(40)}please`, 20)).toBe("Look, Menu, please");
    expect(kept(`${"thank you very much ".repeat(9)}all`, 20)).toBe("thank you very much all");
    expect(believable(words(Array.from({ length: 90 }, (_, i) => `w${i}`).join(" ")), 3)).toHaveLength(19);
  });

  test("audioContext() always has room behind the speech, and never more than there is", () => {
    for (const seconds of [1.2, 3, 9.99, 26, 28, 40]) {
      expect(audioContext(seconds)).toBeGreaterThanOrEqual(Math.min(1500, seconds * 50 + 64));
      expect(audioContext(seconds)).toBeLessThanOrEqual(1500);
    }
  });
});

describe("recogniser()", () => {
  const addon = import.meta.path;

  test("a model and the addon make a recogniser", () => {
    const model = fileOf("ggml-test.bin", seemingModel());
    expect(recogniser(model, { addon })).toEqual({ ok: true, model, engine: "whisper ggml-test" });
    expect(recogniser(undefined, { addon })).toMatchObject({ ok: true, model: SHIPPED_MODEL.file });
  });

  test.each([
    ["an empty file", ""],
    ["a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\n"],
    ["a model that is cut short", seemingModel().subarray(0, 700_000)],
    ["a model that ends in its vocabulary", readFileSync(SHIPPED_MODEL.file).subarray(0, 300_000)],
    ["a folder", null],
  ])("%s is no model", (_, content) => {
    const model = content === null ? folder : fileOf("bad.bin", content);
    expect(recogniser(model, { addon })).toMatchObject({ ok: false, why: "bad_model" });
  });

  test("what is missing is named", () => {
    expect(recogniser(join(folder, "none.bin"), { addon })).toMatchObject({ ok: false, why: "no_model" });
    const model = fileOf("ggml-test.bin", seemingModel());
    const missing = { addon: join(folder, "none.node") };
    const record = fileOf("record.json", JSON.stringify({ ok: false, why: "g++ missing", key: "", flags: "" }));
    expect(recogniser(model, { ...missing, record })).toMatchObject({ why: "no_addon", detail: "g++ missing" });
    expect(recogniser(model, { ...missing, record: fileOf("broken.json", "{") })).toMatchObject({ why: "no_addon" });
  });

  test("the shipped model is the one whose checksum is known", async () => {
    expect(await sha256(SHIPPED_MODEL.file)).toBe(SHIPPED_MODEL.sha256);
  });
});

describe("whisper() before any native code", () => {
  test("a file that is no model makes recognition unavailable, and the server lives", async () => {
    const { transcribe, stop } = whisper({ model: fileOf("bad.bin", "not a model") });
    const spoken = clip("cards-001.wav");
    for (let i = 0; i < 2; i++) {
      await expect(transcribe(spoken)).rejects.toMatchObject({ code: "recognition_unavailable" });
    }
    await stop();
  });

  test("samples that are not numbers are refused, no sound at all is silence", async () => {
    const { transcribe, stop } = whisper({ model: join(folder, "never-read.bin") });
    await expect(transcribe(new Float32Array(RATE).fill(Number.NaN))).rejects.toMatchObject({
      code: "recognition_failed",
    });
    expect(await transcribe(new Float32Array(100).fill(0.5), { language: "en" })).toMatchObject({
      text: "",
      words: [],
    });
    await stop();
  });

  test("more recordings than the queue holds are refused", async () => {
    const { transcribe, stop } = whisper({ model: fileOf("bad.bin", ""), queue: 2 });
    const codes = await Promise.all(
      [1, 2, 3].map(() => transcribe(clip("cards-001.wav")).catch((error: { code: string }) => error.code)),
    );
    expect(codes).toEqual(["recognition_unavailable", "recognition_unavailable", "busy"]);
    await stop();
  });
});

describe("a watched child", () => {
  const opened: Child<Fault, { pid: number }, number>[] = [];
  const open = (queue = 8, timeoutMs = 5000, idleMs?: number, cancelMs?: number) => {
    const child = supervise<Fault, { pid: number }, number>({
      script: join(import.meta.dir, "support/faulty_child.ts"),
      timeoutMs,
      queue,
      nice: 5,
      broken: "recognition_failed",
      ...(idleMs ? { idleMs } : {}),
      ...(cancelMs ? { cancelMs } : {}),
    });
    opened.push(child);
    return child;
  };
  afterAll(() => Promise.all(opened.map((child) => child.stop())));

  test.each(["crash", "throw", "hang", "busy_loop"] as const)("%s fails its own call and no other", async (fault) => {
    const child = open();
    const [first, second, third] = await Promise.allSettled([
      child.call("none"),
      child.call(fault, { timeoutMs: 400 }),
      child.call("none"),
    ]);
    expect(first.status).toBe("fulfilled");
    expect(second).toMatchObject({ status: "rejected", reason: { code: "recognition_failed" } });
    expect(third.status).toBe("fulfilled");
  });

  test("a refusal keeps its code and the child", async () => {
    const child = open();
    const { pid } = await child.call("none");
    await expect(child.call("refuse")).rejects.toMatchObject({ code: "recognition_unavailable" });
    expect((await child.call("none")).pid).toBe(pid);
  });

  test("a flood of output holds nothing up", async () => {
    expect((await open().call("flood")).pid).toBeNumber();
  });

  test("aborting ends the call under way and leaves the others", async () => {
    const child = open();
    const abort = new AbortController();
    const cut = child.call("hang", { signal: abort.signal });
    const other = child.call("none");
    setTimeout(() => abort.abort(), 100);
    await expect(cut).rejects.toMatchObject({ code: "recognition_failed" });
    expect((await other).pid).toBeNumber();
  });

  test("aborting a call that waits gives its place away at once", async () => {
    const child = open(1);
    const under = child.call("hang", { timeoutMs: 600 }).catch(() => "timed out");
    const abort = new AbortController();
    const waits = child.call("none", { signal: abort.signal });
    await expect(child.call("none")).rejects.toMatchObject({ code: "busy" });
    abort.abort();
    await expect(waits).rejects.toMatchObject({ code: "recognition_failed" });
    expect(child.depth).toBe(1);
    expect((await child.call("none")).pid).toBeNumber();
    expect(await under).toBe("timed out");
  });

  test("stop() answers the call under way and those that wait", async () => {
    const child = open();
    const calls = [child.call("hang"), child.call("none")].map((call) =>
      call.catch((error: { code: string }) => error.code),
    );
    await Bun.sleep(100);
    await child.stop();
    expect(await Promise.all(calls)).toEqual(["recognition_failed", "busy"]);
    await expect(child.call("none")).rejects.toMatchObject({ code: "busy" });
  });

  test("an idle child ends, and the next call has a new one", async () => {
    const child = open(8, 5000, 100);
    const { pid } = await child.call("none");
    expect(await until(() => !isRunning(pid), 2000)).toBe(true);
    expect((await child.call("none")).pid).not.toBe(pid);
  });

  test("pieces come in order, before the answer, and to their own call alone", async () => {
    const child = open();
    const heard: unknown[] = [];
    const first = child.call("pieces", { onPiece: (piece) => heard.push(piece) }).then(() => heard.push("answer"));
    const second = child.call("pieces", { onPiece: (piece) => heard.push(piece * 10) });
    await Promise.all([first, second]);
    expect(heard).toEqual([1, 2, 3, "answer", 10, 20, 30]);
  });

  test("the time-out counts from the last piece", async () => {
    const child = open();
    await child.call("none");
    const abort = new AbortController();
    let pieces = 0;
    // Twelve times 50 ms are more than 400 ms.
    const talks = child.call("endless", {
      timeoutMs: 400,
      signal: abort.signal,
      onPiece: () => ++pieces === 12 && abort.abort(),
    });
    await expect(talks).rejects.toMatchObject({ cause: new Error("cancelled") });
    await expect(child.call("stalled", { timeoutMs: 400, late: "ai_timeout" })).rejects.toMatchObject({
      code: "ai_timeout",
    });
  });

  test.each([
    ["that listens keeps its child", "endless", true],
    ["that is deaf loses it", "stalled", false],
  ] as const)("a cancelled call %s, is answered at once and lets the next one in", async (_, fault, kept) => {
    const child = open(8, 5000, undefined, 300);
    const { pid } = await child.call("none");
    const abort = new AbortController();
    let after = 0;
    const cut = child.call(fault, {
      signal: abort.signal,
      onPiece: () => (abort.signal.aborted ? after++ : abort.abort()),
    });
    const next = child.call("none");
    await expect(cut).rejects.toMatchObject({ code: "recognition_failed" });
    expect(child.depth).toBe(2);
    expect((await next).pid === pid).toBe(kept);
    expect(after).toBe(0);
  });
});
