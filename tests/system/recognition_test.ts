import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whisper } from "../../src/adapters/ai/whisper.ts";
import { recogniser, SHIPPED_MODEL } from "../../src/adapters/ai/whisper_ready.ts";
import { transcriptScorer } from "../../src/adapters/pronunciation/transcript.ts";
import type { SpeechToText } from "../../src/application/ports/speech.ts";
import { pronunciationContract } from "../contracts/pronunciation.ts";
import { speechToTextContract } from "../contracts/speech.ts";
import { childrenOf, isRunning, until } from "../support/processes.ts";
import { clip, joined, recordings } from "../support/recordings.ts";

// The real recogniser on real speech. Without the built addon these tests fail, and say why.

const NUMBERS: Record<string, string> = { "4": "four", "7": "seven", "8": "eight", "10": "ten", mr: "mister" };

const normalised = (text: string) =>
  (text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).map((word) => NUMBERS[word] ?? word);

/** How many words must be put in, left out or changed to make one of the other. */
function wrongWords(wanted: readonly string[], heard: readonly string[]): number {
  let row = [...heard.keys(), heard.length];
  wanted.forEach((word, i) => {
    const next = [i + 1];
    heard.forEach((other, j) => {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (word === other ? 0 : 1)));
    });
    row = next;
  });
  return row.at(-1) ?? 0;
}

test("the recogniser is built and its model is there", () => {
  expect(recogniser(undefined)).toMatchObject({ ok: true });
});

const open = () => whisper({ model: SHIPPED_MODEL.file });
speechToTextContract("whisper", open);

/** The contract of recognisers has shown that the same samples have the same words: here they need be heard only once. */
function remembering(port: SpeechToText): SpeechToText {
  const heard = new Map<string, ReturnType<SpeechToText["transcribe"]>>();
  return {
    ...port,
    transcribe: (samples, options = {}) => {
      if (options.signal?.aborted) return port.transcribe(samples, options);
      const key = `${Bun.hash(samples)} ${options.language}`;
      const found = heard.get(key) ?? port.transcribe(samples, { language: options.language });
      heard.set(key, found);
      found.catch(() => heard.delete(key));
      return found;
    },
  };
}

const remembered = remembering(open());
afterAll(() => remembered.stop());
pronunciationContract("what whisper writes down", () => transcriptScorer(remembered));

describe("whisper on real speech", () => {
  const { transcribe, stop } = open();
  afterAll(stop);
  const wanted = recordings.map(({ transcript }) => normalised(transcript));

  test("at most 6 of the nine clips' 91 words are wrong", async () => {
    expect(wanted.flat()).toHaveLength(91);
    let wrong = 0;
    for (const [i, { file }] of recordings.entries()) {
      const { text } = await remembered.transcribe(clip(file), { language: "en" });
      wrong += wrongWords(wanted[i] ?? [], normalised(text));
    }
    expect(wrong).toBeLessThanOrEqual(6);
  }, 180_000);

  test("what it writes down is the text that was read, and hardly ever another one", async () => {
    const { score } = transcriptScorer(remembered);
    const long = recordings.filter(({ transcript }) => transcript.split(" ").length >= 8);
    expect(long.length).toBeGreaterThan(3);
    let others = 0;
    for (const [i, { file, transcript }] of long.entries()) {
      const own = await score(clip(file), { text: transcript, language: "en" });
      expect(own).toMatchObject({ wrong_text: false, confidence: "low" });
      expect(own.accuracy).toBeGreaterThan(70);
      // Neighbours of the same book may share half of their words.
      const other = long.at(i === 0 ? -1 : 0)?.transcript ?? "";
      others += (await score(clip(file), { text: other, language: "en" })).wrong_text ? 1 : 0;
    }
    expect(others).toBeGreaterThanOrEqual(long.length - 1);
  }, 60_000);

  test.each([0, 2.5])(
    "a long recording loses nothing, with pauses of %d s",
    async (gap) => {
      const long = joined(
        recordings.concat(recordings).map(({ file }) => clip(file)),
        gap,
      );
      const { text, words } = await transcribe(long, { language: "en" });
      const all = wanted.flat();
      expect(wrongWords([...all, ...all], normalised(text))).toBeLessThanOrEqual(14);
      expect(words.at(-1)?.start_ms).toBeGreaterThan((long.length / 16) * 0.9 - gap * 1000);
    },
    180_000,
  );

  test("without a language the speech decides", async () => {
    expect((await transcribe(clip("librivox-0870.wav"))).language).toBe("en");
    expect((await transcribe(clip("librivox-0870.wav"), { language: "xx" })).language).toBe("en");
  }, 120_000);

  test("a silence behind the words is not filled with others", async () => {
    const { text } = await transcribe(joined([clip("goforward.wav")], 8), { language: "en" });
    expect(normalised(text)).toEqual(["go", "forward", "ten", "meters"]);
  }, 60_000);
});

describe("a recogniser that breaks", () => {
  const folder = mkdtempSync(join(tmpdir(), "recognition-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const long = joined(recordings.concat(recordings).map(({ file }) => clip(file)));

  test("a child killed in the middle fails its call, and the next one works", async () => {
    const { transcribe, stop } = open();
    const others = childrenOf(process.pid);
    const cut = transcribe(long, { language: "en" }).catch((error: { code: string }) => error.code);
    const own = () => childrenOf(process.pid).filter((pid) => !others.includes(pid));
    expect(await until(() => own().length > 0, 5000)).toBe(true);
    await Bun.sleep(1500);
    for (const pid of own()) process.kill(pid, "SIGKILL");
    expect(await cut).toBe("recognition_failed");
    expect((await transcribe(clip("cards-001.wav"), { language: "en" })).text).not.toBe("");
    await stop();
  }, 60_000);

  test("aborting in the middle fails that call alone", async () => {
    const { transcribe, stop } = open();
    const abort = new AbortController();
    const cut = transcribe(long, { language: "en", signal: abort.signal }).catch(
      (error: { code: string }) => error.code,
    );
    const other = transcribe(clip("cards-001.wav"), { language: "en" });
    setTimeout(() => abort.abort(), 1000);
    expect(await cut).toBe("recognition_failed");
    expect((await other).text).not.toBe("");
    await stop();
  }, 60_000);

  test("a model that is damaged makes recognition unavailable", async () => {
    const model = join(folder, "ggml-cut.bin");
    writeFileSync(model, readFileSync(SHIPPED_MODEL.file).subarray(0, 30_000_000));
    const { transcribe, stop } = whisper({ model });
    await expect(transcribe(clip("cards-001.wav"))).rejects.toMatchObject({ code: "recognition_unavailable" });
    await stop();
  }, 60_000);

  test("the child ends with a server that is killed", async () => {
    const server = Bun.spawn([process.execPath, join(import.meta.dir, "../support/recogniser_host.ts")]);
    expect(await until(() => childrenOf(server.pid).length > 0, 10_000)).toBe(true);
    const [child = 0] = childrenOf(server.pid);
    // Long enough to be in the middle of the native code.
    await Bun.sleep(2500);
    expect(isRunning(child)).toBe(true);
    server.kill("SIGKILL");
    expect(await until(() => !isRunning(child), 2000)).toBe(true);
  }, 60_000);
});
