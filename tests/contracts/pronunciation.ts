import { afterAll, describe, expect, test } from "bun:test";
import type { PronunciationScorer } from "../../src/application/ports/pronunciation.ts";
import type { Pronounced } from "../../src/domain/pronunciation.ts";
import { SAMPLE_RATE } from "../../src/domain/speech.ts";
import { clip } from "../support/recordings.ts";

const READING = "He was not an ill disposed young man.";
const ODD = `Don’t worry, Mr. O'Brien: it's 25 well-known cafés, isn't it?`;

/** The code that a call is refused with. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "no refusal",
    (error) => String(error.code ?? error),
  );

/** What holds of every answer about a text and a recording. */
function wellFormed(heard: Pronounced, text: string, duration_ms: number): void {
  let at = 0;
  let covered = "";
  for (const word of heard.words) {
    expect(text.slice(word.start, word.end)).toBe(word.text);
    expect(word.start).toBeGreaterThanOrEqual(at);
    expect(word.end).toBeGreaterThan(word.start);
    at = word.end;
    covered += word.text;
  }
  const bare = (words: string) => words.replace(/[^\p{L}\p{N}]/gu, "");
  expect(bare(covered)).toBe(bare(text));

  const scores = [heard.accuracy, heard.fluency, heard.total, heard.weak_below];
  scores.push(...heard.words.flatMap(({ score, sounds }) => [score, ...sounds.map((sound) => sound.score)]));
  for (const score of scores) expect(score).toBeWithin(0, 100.000001);
  for (const { said, score, start_ms, sounds } of heard.words)
    if (!said)
      expect({ score, start_ms, sounds: sounds.filter(({ heard }) => heard) }).toEqual({
        score: 0,
        start_ms: null,
        sounds: [],
      });

  let last = 0;
  for (const { start_ms, end_ms } of heard.words) {
    if (start_ms === null || end_ms === null) continue;
    expect(start_ms).toBeGreaterThanOrEqual(last);
    expect(end_ms).toBeGreaterThanOrEqual(start_ms);
    last = start_ms;
  }
  const ends = [...heard.words, ...heard.added].flatMap(({ end_ms }) => end_ms ?? []);
  for (const end of ends) expect(end).toBeLessThanOrEqual(duration_ms + 1);
  for (const { after } of heard.added) expect(after).toBeWithin(-1, heard.words.length);
}

/** What every PronunciationScorer that knows English must do. A slow one may take up to a minute for a test. */
export function pronunciationContract(name: string, open: () => PronunciationScorer) {
  describe(`${name} keeps the PronunciationScorer contract`, () => {
    const scorer = open();
    afterAll(() => scorer.stop());
    const spoken = clip("librivox-0880.wav");
    const duration_ms = (spoken.length / SAMPLE_RATE) * 1000;
    const score = (text = READING, signal?: AbortSignal) => scorer.score(spoken, { text, language: "en" }, { signal });

    test("the same samples and text have the same scores, in an answer that says where they come from", async () => {
      const first = await score();
      expect(await scorer.score(spoken.slice(), { text: READING, language: "en" })).toEqual(first);
      expect(first.engine).not.toBe("");
      expect(first.scoring_version).toBeGreaterThanOrEqual(1);
      expect(first.method).toBeOneOf(["acoustic", "transcript", "made_up"]);
      expect(first.confidence).toBeOneOf(["low", "medium", "high"]);
    }, 60_000);

    test("every word of the text is there once, in its place, with scores and times that can be", async () => {
      for (const text of [READING, ODD, `${READING} ${READING}`]) wellFormed(await score(text), text, duration_ms);
    }, 60_000);

    test("silence is an answer: nothing of the text was said, or a refusal that says so", async () => {
      const silence = new Float32Array(SAMPLE_RATE);
      const heard = await scorer.score(silence, { text: READING, language: "en" }).catch((error) => error.code);
      if (typeof heard === "string") expect(heard).toBe("audio_unusable");
      else wellFormed(heard, READING, 1000);
    }, 60_000);

    test("a text without words is refused, and so is a language that it does not know", async () => {
      for (const text of ["", " … !?", "–"]) expect(await codeOf(score(text))).toBe("nothing_to_say");
      expect(scorer.languages).toContain("en");
      for (const code of scorer.languages) expect(code).toMatch(/^[a-z]{2,3}$/);
      expect(await codeOf(scorer.score(spoken, { text: READING, language: "tlh" }))).toBe("language_not_scored");
    }, 60_000);

    test("score() rejects when it is aborted, and goes on after that", async () => {
      expect(await codeOf(score(READING, AbortSignal.abort()))).toBe("scoring_failed");
      expect((await score()).words).toHaveLength(8);
    }, 60_000);

    test("giving up under way ends it at once, unless it was done by then", async () => {
      const abort = new AbortController();
      const call = codeOf(score(`${READING} `.repeat(5), abort.signal));
      await Bun.sleep(5);
      const start = performance.now();
      abort.abort();
      expect(await call).toBeOneOf(["scoring_failed", "no refusal"]);
      expect(performance.now() - start).toBeLessThan(1000);
    }, 60_000);

    test("ten calls at once are all answered, each with its own text", async () => {
      const texts = READING.split(" ").concat("Hello there", "Good morning");
      const all = await Promise.all(texts.map((text) => score(text)));
      expect(all.map(({ words }) => words.map(({ text }) => text).join(" "))).toEqual(
        texts.map((text) => text.replace(".", "")),
      );
    }, 60_000);
  });
}
