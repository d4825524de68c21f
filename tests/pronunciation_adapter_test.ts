import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { moonshineScorer } from "../src/adapters/pronunciation/scorer.ts";
import { ENGINE, SHIPPED, scorerReady } from "../src/adapters/pronunciation/scorer_ready.ts";
import type { PronunciationScorer } from "../src/application/ports/pronunciation.ts";
import { noise } from "./support/noise.ts";
import { childrenOf } from "./support/processes.ts";
import { clip, joined, recordings } from "./support/recordings.ts";

const RATE = 16_000;
const spoken = (file: string) => recordings.find((recording) => recording.file === file)?.transcript ?? "";
const reading = (file: string) => ({ text: spoken(file), language: "en" });

function hiss(seconds: number): Float32Array {
  const random = noise();
  return Float32Array.from({ length: seconds * RATE }, () => 0.4 * random());
}

describe("the scorer", () => {
  let scorer: PronunciationScorer;
  let before: number[];
  beforeAll(async () => {
    before = childrenOf(process.pid);
    scorer = moonshineScorer({ queue: 2 });
    // Loads the models, so that no test is charged for it.
    await scorer.score(clip("cards-001.wav"), reading("cards-001.wav"));
  });
  afterAll(() => scorer.stop());
  const ownChild = () => childrenOf(process.pid).filter((pid) => !before.includes(pid))[0] ?? 0;

  test("every word of the text has its place in it, its time, its sounds and a score", async () => {
    const text = "Unless to be rather cold hearted, and rather selfish, is to be ill disposed.";
    const heard = await scorer.score(clip("librivox-0890.wav"), { text, language: "en" });
    let at = 0;
    for (const word of heard.words) {
      expect(text.slice(word.start, word.end)).toBe(word.text);
      expect(word.start_ms).toBeGreaterThanOrEqual(at);
      expect(word.end_ms).toBeGreaterThan(word.start_ms ?? 0);
      at = word.end_ms ?? 0;
      expect(word.score).toBeWithin(heard.weak_below, 100.01);
      expect(word.sounds.length).toBeGreaterThan(0);
      for (const { score } of word.sounds) expect(score).toBeWithin(0, 100.01);
    }
    expect(at).toBeLessThanOrEqual(5300);
    expect(heard.words.map(({ text }) => text).join(" ")).toStartWith("Unless to be rather");
    expect(heard.transcript.toLowerCase()).toContain("and rather selfish");
    expect(heard).toMatchObject({ engine: ENGINE, method: "acoustic", wrong_text: false, added: [] });
    for (const score of [heard.accuracy, heard.fluency, heard.total]) expect(score).toBeWithin(70, 100.01);
  });

  test("the same recording and text have the same answer", async () => {
    const answers = await Promise.all([1, 2].map(() => scorer.score(clip("cards-005.wav"), reading("cards-005.wav"))));
    expect(answers[0]).toEqual(answers[1]);
  });

  test.each([
    ["librivox-0880.wav", "he was not an ill disposed young man", "young", "purple"],
    ["goforward.wav", "go forward ten meters", "ten", "wish"],
    ["cards-005.wav", "eight of spades four of clubs seven of hearts", "clubs", "milk"],
  ])("%s: a word that was not said scores lowest", async (file, text, said, other) => {
    const { words, weak_below } = await scorer.score(clip(file), { text: text.replace(said, other), language: "en" });
    const [lowest] = words.toSorted((a, b) => a.score - b.score);
    expect(lowest?.text).toBe(other);
    expect(lowest?.score).toBeLessThan(weak_below);
  });

  test("a long reading is heard in chunks, and every word is where it was said", async () => {
    const files = ["librivox-0870.wav", "librivox-0880.wav", "librivox-0890.wav", "librivox-0920.wav"];
    const clips = files.map(clip);
    const text = files.map(spoken).join(". ");
    const { words } = await scorer.score(joined(clips, 0.5), { text, language: "en" });
    expect(words.length).toBe(text.split(" ").length);
    let [from, first] = [0, 0];
    files.forEach((file, i) => {
      const count = spoken(file).split(" ").length;
      const own = words.slice(first, first + count);
      const length = ((clips[i]?.length ?? 0) / RATE) * 1000;
      expect(own[0]?.start_ms).toBeWithin(from - 100, from + 500);
      expect(own.at(-1)?.end_ms).toBeWithin(from + length - 700, from + length + 300);
      // The transcript of one has an "a" that its reader does not say.
      expect(own.filter(({ score, text }) => score < 60 && text !== "a")).toEqual([]);
      first += count;
      from += length + 500;
    });
  });

  test.each([
    ["no sound at all", new Float32Array(0), "hello world"],
    ["a twentieth of a second", hiss(0.05), "hello world"],
    ["a long text in a second", hiss(1), "hello there my friend ".repeat(228)],
    ["a word of 5,000 letters", hiss(3), "a".repeat(5000)],
  ])("%s is answered, and nothing breaks", async (_, samples, text) => {
    const child = ownChild();
    const { words, accuracy } = await scorer.score(samples, { text, language: "en" });
    expect(words.length).toBeGreaterThan(0);
    expect(accuracy).toBeWithin(0, 100.01);
    expect(ownChild()).toBe(child);
  });

  test("what cannot be scored is refused in words", async () => {
    const sound = clip("cards-001.wav");
    const refused = (samples: Float32Array, text: string, language = "en") =>
      scorer.score(samples, { text, language }).catch((error: { code: string }) => error.code);
    expect(
      await refused(
        sound.map((value, i) => (i === 100 ? Number.NaN : value)),
        "ten of clubs",
      ),
    ).toBe("scoring_failed");
    expect(await refused(sound, "... ?!")).toBe("nothing_to_say");
    expect(await refused(sound, "o'nta karta", "uz")).toBe("language_not_scored");
  });

  test("a child that ends takes one call with it; the next has a new one", async () => {
    const lost = scorer.score(clip("librivox-0870.wav"), reading("librivox-0870.wav"));
    process.kill(ownChild(), "SIGKILL");
    await expect(lost).rejects.toMatchObject({ code: "scoring_failed" });
    expect((await scorer.score(clip("cards-001.wav"), reading("cards-001.wav"))).words.length).toBe(3);
  });

  test("more recordings than the queue holds are refused, and so is one that nobody waits for", async () => {
    const outcome = (signal?: AbortSignal) =>
      scorer.score(clip("cards-001.wav"), reading("cards-001.wav"), { signal }).then(
        () => "scored",
        (error: { code: string }) => error.code,
      );
    const all = [outcome(), outcome(), outcome(), outcome()];
    expect(await Promise.all(all)).toEqual(["scored", "scored", "scored", "busy"]);
    expect(await outcome(AbortSignal.abort())).toBe("scoring_failed");
  });
});

describe("scorerReady()", () => {
  test("names what is missing", () => {
    expect(scorerReady()).toEqual({ ok: true, engine: ENGINE });
    const probe = join(import.meta.dir, "no-such-probe.f32");
    expect(scorerReady({ files: { ...SHIPPED, probe } })).toEqual({ ok: false, detail: `${probe} does not exist` });
    expect(scorerReady({ runtime: import.meta.dir })).toMatchObject({
      ok: false,
      detail: expect.stringContaining("onnx"),
    });
  });
});
