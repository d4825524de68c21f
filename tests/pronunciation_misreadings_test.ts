import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutLoop } from "../src/adapters/pronunciation/listener.ts";
import { openMisreadings, runs } from "../src/adapters/pronunciation/misreadings.ts";
import { PHONE_COUNT, type Phone, phonesOf, SILENCE } from "../src/adapters/pronunciation/phones.ts";
import { moonshineScorer } from "../src/adapters/pronunciation/scorer.ts";
import { SHIPPED } from "../src/adapters/pronunciation/scorer_ready.ts";
import type { Costs } from "../src/adapters/pronunciation/skip_paths.ts";
import { readWithSkips } from "../src/adapters/pronunciation/skips.ts";
import type { SpokenWord } from "../src/adapters/pronunciation/spoken_words.ts";
import type { PronunciationScorer } from "../src/application/ports/pronunciation.ts";
import type { Pronounced } from "../src/domain/pronunciation.ts";
import { clip, joined, recordings } from "./support/recordings.ts";

const folder = mkdtempSync(join(tmpdir(), "misreadings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Words that are said as their phones are written. */
const words = (...written: string[]): SpokenWord[] =>
  written.map((phones) => ({
    ...{ text: phones, said: phones, start: 0, end: 0, keys: [phones] },
    pronunciations: [phonesOf(phones)],
  }));

/** Each phone clearly for four frames. */
function said(...phones: string[]) {
  const heard: Phone[] = phones
    .flatMap((one) => (one === "-" ? [SILENCE] : phonesOf(one)))
    .flatMap((phone) => [phone, phone, phone, phone]);
  const logs = Float32Array.from({ length: heard.length * PHONE_COUNT }, (_, i) =>
    heard[Math.floor(i / PHONE_COUNT)] === i % PHONE_COUNT ? -0.1 : -6,
  );
  return { frames: heard.length, logs };
}

const PRIORS = new Float32Array(PHONE_COUNT);
const SKIPS: Costs = { skip: 5, skipWord: 1, skipPhone: 0.5, other: Number.POSITIVE_INFINITY, otherFrame: 0 };
const ANYTHING: Costs = { ...SKIPS, other: 3, otherFrame: 1 };

describe("readWithSkips()", () => {
  const text = words("K AE T", "S IH T", "D AO G");

  test("words that are said are where they are said", () => {
    const { spans, others, margins } = readWithSkips(text, said("-", "K AE T", "S IH T", "-", "D AO G"), PRIORS, SKIPS);
    expect(spans).toEqual([
      { from: 4, to: 16 },
      { from: 16, to: 28 },
      { from: 32, to: 44 },
    ]);
    expect(others).toEqual([]);
    expect(Math.min(...margins)).toBeGreaterThan(20);
  });

  test.each([
    [0, ["S IH T", "D AO G"]],
    [1, ["K AE T", "D AO G"]],
    [2, ["K AE T", "S IH T"]],
  ])("word %d that is left out has no place, and a negative margin", (gone, heard) => {
    const { spans, margins } = readWithSkips(text, said(...heard), PRIORS, SKIPS);
    expect(spans.map((span) => span === null)).toEqual([0, 1, 2].map((i) => i === gone));
    expect([...margins].map((margin) => margin < 0)).toEqual([0, 1, 2].map((i) => i === gone));
  });

  test("what is said between the words lies there, where it may be said", () => {
    const heard = said("K AE T", "M UW N", "S IH T", "D AO G");
    expect(readWithSkips(text, heard, PRIORS, ANYTHING)).toMatchObject({
      spans: [
        { from: 0, to: 12 },
        { from: 24, to: 36 },
        { from: 36, to: 48 },
      ],
      others: [{ from: 12, to: 24, before: 1 }],
    });
    expect(readWithSkips(text, heard, PRIORS, SKIPS).others).toEqual([]);
  });

  test("nothing said, and nothing to say", () => {
    expect(readWithSkips(text, said("-"), PRIORS, SKIPS).spans).toEqual([null, null, null]);
    expect(readWithSkips([], said("-", "M UW N", "-"), PRIORS, ANYTHING).others).toEqual([
      { from: 4, to: 16, before: 0 },
    ]);
  });

  test("is the same where only some frames' steps are held at once", () => {
    const long = words(..."K AE T|S IH T|D AO G|M UW N|L AY T|HH AW S".split("|"));
    const heard = said("-", "K AE T", "M AE P", "D AO G", "-", "M UW N", "HH AW S", "B IY");
    const whole = readWithSkips(long, heard, PRIORS, ANYTHING);
    for (const room of [1, 500, 2000]) expect(readWithSkips(long, heard, PRIORS, ANYTHING, room)).toEqual(whole);
  });
});

describe("runs()", () => {
  test("a word that is hardly doubted is left out with those around it, but not alone", () => {
    expect(runs([-6, 5, 0.5, -0.5, 5, -6], 2)).toEqual([false, true, true, true, true, false]);
    expect(runs([-6, 1, -6], 2)).toEqual([false, false, false]);
    expect(runs([-6, 9, -6], 2)).toEqual([false, true, false]);
    expect(runs([9, 9], 2)).toEqual([true, true]);
    expect(runs([], 2)).toEqual([]);
  });
});

describe("withoutLoop()", () => {
  test("keeps the first of what is said again and again at the end", () => {
    expect(withoutLoop([1, 2, 3, 2, 3, 2, 3])).toEqual([1, 2, 3]);
    expect(withoutLoop([1, 2, 3, 1, 2, 3, 1])).toEqual([1, 2, 3]);
    expect(withoutLoop([5, 5, 5])).toEqual([5]);
    expect(withoutLoop([1, 2, 3])).toEqual([1, 2, 3]);
    expect(withoutLoop([])).toEqual([]);
  });
});

describe("openMisreadings()", () => {
  test("the shipped weights are as they should be", () => {
    expect(() => openMisreadings(SHIPPED.misreadings)).not.toThrow();
  });

  test.each([
    ["no threshold", (content: Record<string, Record<string, unknown>>) => delete content.added?.above],
    ["no model", (content: Record<string, Record<string, unknown>>) => delete content.left_out?.trees],
    ["a part that is missing", (content: Record<string, Record<string, unknown>>) => delete content.other_text],
  ])("%s is refused", (what, spoil) => {
    const content = JSON.parse(readFileSync(SHIPPED.misreadings, "utf8"));
    spoil(content);
    const file = join(mkdtempSync(join(folder, what.replaceAll(" ", "-"))), "misreadings.json");
    writeFileSync(file, JSON.stringify(content));
    expect(() => openMisreadings(file)).toThrow("misreadings.json");
  });
});

describe("what was read", () => {
  let scorer: PronunciationScorer;
  beforeAll(async () => {
    scorer = moonshineScorer();
    await read("cards-001.wav", "ten of clubs");
  });
  afterAll(() => scorer.stop());

  const spoken = (file: string) => recordings.find((recording) => recording.file === file)?.transcript ?? "";
  const score = (samples: Float32Array, text: string) => scorer.score(samples, { text, language: "en" });
  const read = (file: string, text: string) => score(clip(file), text);
  const leftOut = ({ words }: Pronounced) => words.filter((word) => !word.said).map(({ text }) => text);
  const replaced = ({ words }: Pronounced) => words.filter((word) => word.replaced).map(({ text }) => text);
  const added = (result: Pronounced) => result.added.map(({ text }) => text.toLowerCase());

  const CARDS = "eight of spades four of clubs seven of hearts";
  const FORWARD = "go forward ten meters";
  const YOUNG = "he was not an ill disposed young man";

  test.each([
    ["librivox-0880.wav", YOUNG],
    ["cards-005.wav", CARDS],
    ["goforward.wav", FORWARD],
    ["librivox-0890.wav", "unless to be rather cold hearted and rather selfish is to be ill disposed"],
  ])("%s with its own text has nothing left out, replaced or added", async (file, text) => {
    const result = await read(file, text);
    expect(result).toMatchObject({ wrong_text: false, added: [] });
    expect([leftOut(result), replaced(result)]).toEqual([[], []]);
  });

  test.each([
    ["librivox-0880.wav", YOUNG, "young", "purple"],
    ["goforward.wav", FORWARD, "ten", "wish"],
    ["cards-005.wav", CARDS, "clubs", "milk"],
  ])("%s: of a word that was not said it is told, of no other", async (file, text, own, other) => {
    const result = await read(file, text.replace(own, other));
    expect(result.wrong_text).toBe(false);
    expect([...leftOut(result), ...replaced(result)]).toEqual([other]);
    const [lowest] = result.words.toSorted((a, b) => a.score - b.score);
    expect(lowest?.text).toBe(other);
  });

  test.each([
    ["librivox-0880.wav", FORWARD],
    ["goforward.wav", YOUNG],
    ["cards-005.wav", YOUNG],
    ["librivox-0890.wav", CARDS],
  ])("%s is not the text `%s`", async (file, text) => {
    expect((await read(file, text)).wrong_text).toBe(true);
  });

  test.each([
    ["behind it", `${YOUNG} ${FORWARD}`],
    ["before it", `${FORWARD} ${YOUNG}`],
  ])(
    "of a text with another one %s just the other's words are left out, and the scores are those of what was read",
    async (_, text) => {
      const [result, whole] = await Promise.all([read("librivox-0880.wav", text), read("librivox-0880.wav", YOUNG)]);
      expect(result.wrong_text).toBe(false);
      expect(leftOut(result).join(" ")).toBe(FORWARD);
      expect(result.words.filter((word) => !word.said).map(({ score, start_ms }) => [score, start_ms])).toEqual(
        Array(4).fill([0, null]),
      );
      expect(result.accuracy).toBeCloseTo(whole.accuracy, 0);
    },
  );

  test("of a long text of which the beginning was read the rest is left out", async () => {
    const files = ["librivox-0870.wav", "librivox-0880.wav", "librivox-0890.wav"];
    const unread = ["librivox-0920.wav", "librivox-0930.wav"].map(spoken).join(" ");
    const result = await score(joined(files.map(clip), 0.4), `${files.map(spoken).join(". ")}. ${unread}`);
    expect(result.wrong_text).toBe(false);
    expect(leftOut(result).join(" ")).toBe(unread);
  });

  test("words that were added are told with their place and time, and cost the words of the text nothing", async () => {
    const own = clip("cards-005.wav");
    const [result, alone] = await Promise.all([
      score(joined([own, clip("goforward.wav")], 0.3), CARDS),
      read("cards-005.wav", CARDS),
    ]);
    expect(added(result)).toEqual(FORWARD.split(" "));
    expect(result.added.map(({ after }) => after)).toEqual(Array(4).fill(8));
    const begin = (own.length / 16_000) * 1000;
    for (const { start_ms, end_ms } of result.added) expect(end_ms).toBeGreaterThan(start_ms ?? 0);
    expect(result.added[0]?.start_ms).toBeGreaterThan(begin);
    expect([leftOut(result), replaced(result)]).toEqual([[], []]);
    expect(result.accuracy).toBeWithin(alone.accuracy - 8, alone.accuracy + 8);
  });

  test("words added before the text stand behind no word of it", async () => {
    const result = await score(joined([clip("goforward.wav"), clip("librivox-0880.wav")], 0.3), YOUNG);
    expect(added(result).slice(0, 2)).toEqual(["go", "forward"]);
    expect(new Set(result.added.map(({ after }) => after))).toEqual(new Set([-1]));
  });

  test("somebody who begins again has added nothing", async () => {
    const whole = clip("goforward.wav");
    expect(await score(joined([whole.subarray(0, 16_000), whole], 0.1), FORWARD)).toMatchObject({
      added: [],
      wrong_text: false,
    });
  });
});
