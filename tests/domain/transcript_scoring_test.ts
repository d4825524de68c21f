import { describe, expect, test } from "bun:test";
import type { HeardWord } from "../../src/domain/speech.ts";
import { scoreTranscript } from "../../src/domain/transcript_scoring.ts";

const RATE = 16_000;
/** Sound from the first to the last of so many seconds. */
const sound = (seconds: number) => new Float32Array(seconds * RATE).map((_, i) => 0.2 * Math.sin(i / 5));

const heard = (text: string, confidence = 0.9): HeardWord[] =>
  text.split(" ").map((word, i) => ({ text: word, start_ms: i * 400, end_ms: i * 400 + 300, confidence }));

function scored(text: string, said: string, { language = "en", confidence = 0.9 } = {}) {
  const words = said === "" ? [] : heard(said, confidence);
  return scoreTranscript(sound(4), { text: said, language, words, engine: "test" }, { text, language });
}
const brief = (text: string, said: string, how?: Parameters<typeof scored>[2]) =>
  scored(text, said, how).words.map((word) => [word.text, word.said, word.replaced, word.score, word.heard]);

const READING = "The children walked slowly through the beautiful garden and watched colourful birds";

describe("a reading by its transcript", () => {
  test("what was heard as it stands has half of its score from the recogniser's confidence", () => {
    const { words, accuracy, method, confidence, engine } = scored(READING, READING);
    expect(words.map(({ score }) => score)).toEqual(Array(12).fill(95));
    expect({ accuracy, method, confidence, engine }).toEqual({
      ...{ accuracy: 95, method: "transcript", confidence: "low", engine: "test" },
    });
    expect(scored(READING, READING, { confidence: 0 }).accuracy).toBe(50);
    expect(scored(READING, READING, { confidence: 1 }).accuracy).toBe(100);
  });

  test("a word that is like the one that was heard is weak, another word is replaced, and what is not there was not said", () => {
    const said = brief("the children walked slowly", "the chicken walked");
    expect(said).toEqual([
      ["the", true, false, 95, "the"],
      ["children", true, false, expect.any(Number), "chicken"],
      ["walked", true, false, 95, "walked"],
      ["slowly", false, false, 0, null],
    ]);
    expect(said[1]?.[3]).toBeWithin(25, 50);
    expect(brief("the garden is big", "the wall is big")[1]).toEqual(["garden", true, true, 0, "wall"]);
  });

  test("times are the recogniser's, and an added word stands after the one before it", () => {
    const { words, added } = scored("the garden is big", "so the garden is very big");
    expect(words.map(({ start_ms }) => start_ms)).toEqual([400, 800, 1200, 2000]);
    expect(added).toEqual([
      { text: "so", after: -1, start_ms: 0, end_ms: 300 },
      { text: "very", after: 2, start_ms: 1600, end_ms: 1900 },
    ]);
  });

  test("contractions, numbers and apostrophes of every kind are what is said", () => {
    for (const [text, said] of [
      ["It’s 25 o'clock", "it is twenty-five o`clock"],
      ["It is twenty five", "it's 25"],
      ["He's been there", "he has been there"],
      ["He has been there", "he's been there"],
      ["We don’t", "we do not"],
    ] as const) {
      const { words, added } = scored(text, said);
      expect(words.map(({ text }) => text).join(" ")).toBe(text);
      expect([...words.filter(({ score }) => score < 95), ...added]).toEqual([]);
    }
  });

  test("a contraction of which half was heard is half right", () => {
    expect(brief("it's", "it")).toEqual([["it's", true, false, 47.5, "it"]]);
    expect(scored("it", "it's").added).toEqual([]);
  });

  test("without words of its own a transcript's text counts, as good as a guess and without times", () => {
    const transcript = { text: "the garden", language: "en", words: [], engine: "test" };
    const { words } = scoreTranscript(sound(2), transcript, { text: "the garden", language: "en" });
    expect(words.map(({ score, start_ms }) => [score, start_ms])).toEqual([
      [75, null],
      [75, null],
    ]);
  });

  test("nothing heard is nothing said: no score, and no word of a wrong text", () => {
    expect(scored(READING, "")).toMatchObject({ accuracy: 0, fluency: 0, total: 0, wrong_text: false });
  });

  test("a text without words is refused", () => {
    expect(() => scored(" … ", "the garden")).toThrow("nothing_to_say");
  });
});

describe("an Uzbek reading", () => {
  const TEXT = "Oʻzbekistonda oʻqituvchilar bogʻda maʼno haqida soʻzladi";

  test.each([
    ["the school's letters", TEXT],
    ["typewriter apostrophes", TEXT.replace(/[ʻʼ]/g, "'")],
    ["typographic ones", TEXT.replace(/[ʻʼ]/g, "’")],
    ["turned ones", TEXT.replace(/[ʻʼ]/g, "‘")],
    ["backquotes", TEXT.replace(/[ʻʼ]/g, "`")],
    ["Cyrillic", "Ўзбекистонда ўқитувчилар боғда маъно ҳақида сўзлади"],
    ["letters of a proposed alphabet", "Õzbekistonda õqituvchilar boğda maʼno haqida sõzladi"],
  ])("may be written down with %s", (_, said) => {
    const { words, added } = scored(TEXT, said, { language: "uz" });
    expect(words.map(({ text, score }) => [text, score])).toEqual(TEXT.split(" ").map((word) => [word, 95]));
    expect(added).toEqual([]);
  });

  test("of a Cyrillic text names the words as they are written there", () => {
    const { words } = scored("Менинг мактабим катта", "mening maktabim kichik", { language: "uz" });
    expect(words.map(({ text, replaced }) => [text, replaced])).toEqual([
      ["Менинг", false],
      ["мактабим", false],
      ["катта", true],
    ]);
  });

  test("says numbers in Uzbek", () => {
    expect(brief("U 25 yoshda", "u yigirma besh yoshda", { language: "uz" }).map(([, , , score]) => score)).toEqual([
      95, 95, 95,
    ]);
  });
});

describe("another text", () => {
  const OTHER = "My father works at a large hospital near our house every single day";

  test("is told where there is enough of both", () => {
    expect(scored(READING, OTHER).wrong_text).toBe(true);
    expect(scored(OTHER, READING).wrong_text).toBe(true);
  });

  test("is not seen in a short one, in the right one's beginning, nor in a bad reading of it", () => {
    expect(scored("Good morning teacher", "we are having fish for dinner tonight").wrong_text).toBe(false);
    expect(scored(READING, "the children walked").wrong_text).toBe(false);
    expect(scored(READING, `the chicken walk slow ${OTHER}`).wrong_text).toBe(false);
  });
});

test("who reads slowly, or with pauses, is less fluent; leaving words out is neither inaccurate nor slow", () => {
  const read = (seconds: number, said = READING) =>
    scoreTranscript(
      sound(seconds),
      { text: said, language: "en", words: heard(said), engine: "test" },
      { text: READING, language: "en" },
    );
  expect(read(5).fluency).toBe(100);
  expect(read(20).fluency).toBeWithin(40, 70);
  const half = READING.split(" ").slice(0, 6).join(" ");
  expect(read(3, half).accuracy).toBe(95);
  expect(read(3, half).fluency).toBe(100);
  expect(read(5).total).toBe(97.5);
});
