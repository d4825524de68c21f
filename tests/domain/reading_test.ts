import { describe, expect, test } from "bun:test";
import { charactersIn, firstSentences, isSpeakable, pieces, readable, saidText } from "../../src/domain/reading.ts";

describe("readable()", () => {
  test.each([
    ["**Bold** and _soft_, a `word`", "Bold and soft , a word"],
    ["# Title\n- one\n- two", "Title\n- one\n- two"],
    ["See [the page](https://x.example/a_b) now", "See the page now"],
    ["Well done 👍🏽! 🇺🇿", "Well done !"],
    ["a\u200Bb\u202Ec\0d\ud83d", "a b c d"],
    ["o`zbek", "o`zbek"],
    ["می‌خواهم", "می‌خواهم"],
    ["<break/> [[h@loU]] 5 < 6", "break/ h@loU 5 6"],
  ])("%j is read as %j", (text, read) => {
    expect(readable(text)).toBe(read);
  });

  test("only what has a letter or a digit can be said", () => {
    expect(["a", "7", "ў", "字"].every(isSpeakable)).toBe(true);
    expect(["", " ", "?!…", "—"].some(isSpeakable)).toBe(false);
  });
});

describe("pieces()", () => {
  const TEXTS = {
    sentences: "She walks to school. He stays at home! Do they know? Nobody does. ".repeat(20),
    "one sentence without end": "she walks and he walks and ".repeat(60),
    "a sentence with commas": `${"she walks, he runs, they stay and we go home, ".repeat(20)}.`,
    Thai: "ฉันไปโรงเรียนทุกวันและฉันชอบมันมาก".repeat(12),
    Chinese: "我每天去学校，我很喜欢它。".repeat(40),
    "a word without end": "a".repeat(1000),
    "family emoji and letters": "👨‍👩‍👧‍👦a".repeat(120),
    "half pairs": "\ud83dab".repeat(200),
    accents: "a\u0301".repeat(400),
  };

  test.each(Object.entries(TEXTS))("%s: none is too long, nothing is lost, and no character is cut", (_, text) => {
    const parts = pieces(text, 100);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(100);
      if (text.isWellFormed()) expect(part.isWellFormed()).toBe(true);
      expect(part).not.toMatch(/^[\p{M}\u200D]/u);
    }
    const bare = (value: string) => value.replace(/\s/g, "");
    expect(bare(parts.join(""))).toBe(bare(text));
  });

  test("sentences stay whole, commas come before words, and words are never cut", () => {
    expect(pieces(TEXTS.sentences, 100).every((part) => /[.!?]$/.test(part))).toBe(true);
    expect(
      pieces(TEXTS["a sentence with commas"], 100)
        .slice(0, -1)
        .every((part) => part.endsWith(",")),
    ).toBe(true);
    const words = pieces(TEXTS["one sentence without end"], 100).flatMap((part) => part.split(" "));
    expect(new Set(words)).toEqual(new Set(["she", "he", "walks", "and"]));
  });

  test("the first piece is short, since somebody waits for it", () => {
    const [first = "", second = ""] = pieces(TEXTS.sentences, 200);
    expect(first.length).toBeLessThanOrEqual(80);
    expect(second.length).toBeGreaterThan(120);
  });

  test("what cannot be said is no piece", () => {
    expect(pieces("", 100)).toEqual([]);
    expect(pieces("... ?! —", 100)).toEqual([]);
    expect(pieces("Hello.", 100)).toEqual(["Hello."]);
  });
});

test("what a model wrote is said without code, addresses and the marks of lists", () => {
  const text = "# Verbs\n- **go**, went\n2) see https://x.example/a_b\n> a quote\n```js\nlet a = 1;\n```\nGood!";
  const said = saidText(text);
  for (const word of ["Verbs", "go", "went", "see", "a quote", "Good!"]) expect(said).toContain(word);
  expect(said).not.toMatch(/[#*>`]|https|let a|^- |2\)/m);
});

test.each([
  ["", 0],
  ["salom", 5],
  ["oʻzbek", 6],
  ["👋🏽", 1],
  ["👨‍👩‍👧‍👦a", 2],
  ["e\u0301", 1],
])("%j has %d characters", (text, count) => expect(charactersIn(text)).toBe(count));

describe("firstSentences()", () => {
  test.each([
    ["One two. Three four. Five six.", 100, "One two. Three four. Five six."],
    ["One two. Three four. Five six.", 20, "One two. Three four."],
    ["One two. Three four. Five six.", 19, "One two."],
    ["one two three four five", 13, "one two three"],
    ["one two three four five", 12, "one two"],
    ["abcdefghij", 4, "abcd"],
    ["👋🏽👋🏽👋🏽", 2, "👋🏽👋🏽"],
    ["", 5, ""],
    ["  Salom.  ", 20, "Salom."],
  ])("of %j, with room for %d characters: %j", (text, most, kept) => {
    expect(firstSentences(text, most)).toBe(kept);
  });
});
