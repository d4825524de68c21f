import { describe, expect, test } from "bun:test";
import { align, MAX_WORDS } from "../../src/domain/alignment.ts";

/** Repeatable random numbers from 0 to 1 (mulberry32). */
function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const JFK =
  "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.";
const AUSTEN = "had he married a more amiable woman he might have been made still more respectable than he was";

const shown = (reference: string, heard: string) =>
  align(reference, heard).differences.map(({ kind, expected, heard: said }) => [kind, expected, said]);

/** The textbook's word error count, to compare with. */
function levenshtein(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, j) => j + 1);
  a.forEach((word, i) => {
    let [diagonal, left] = [i, i + 1];
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, diagonal + (word === b[j] ? 0 : 1));
      diagonal = above;
      return left;
    });
  });
  return row.at(-1) ?? a.length;
}

describe("align() tells what was said from what should have been", () => {
  test("a missing, an added and a replaced word", () => {
    expect(shown("He has three sisters.", "He have tree big sisters")).toEqual([
      ["same", "He", "He"],
      ["replaced", "has", "have"],
      ["replaced", "three", "tree"],
      ["added", null, "big"],
      ["same", "sisters", "sisters"],
    ]);
    expect(shown("had he married a more amiable woman", "had he married a more a amiable woman")[5]).toEqual([
      "added",
      null,
      "a",
    ]);
  });

  test("similar words are paired", () => {
    expect(shown("the little house", "the big houses here")).toContainEqual(["replaced", "house", "houses"]);
  });

  test("numbers and contractions count as they are said and show as they are written", () => {
    const { differences, word_error_rate } = align("It's 10 o'clock.", "it is ten o’clock");
    expect(word_error_rate).toBe(0);
    expect(differences.map(({ expected }) => expected)).toEqual(["it", "is", "10", "o'clock"]);
  });

  test("the counts and shares fit each other", () => {
    const { same, missing, added, replaced, word_error_rate, completeness, accuracy } = align(
      "one two three four",
      "one too four five",
    );
    expect({ same, missing, added, replaced }).toEqual({ same: 2, missing: 1, added: 1, replaced: 1 });
    expect(word_error_rate).toBeCloseTo(0.75);
    expect(accuracy).toBeCloseTo(0.25);
    expect(completeness).toBeCloseTo(0.5);
  });

  test("nothing heard, nothing expected", () => {
    expect(align(JFK, "")).toMatchObject({ same: 0, missing: 22, word_error_rate: 1, completeness: 0, accuracy: 0 });
    expect(align("", "")).toMatchObject({ word_error_rate: 0, completeness: 1, accuracy: 1, differences: [] });
    expect(align("", "a b")).toMatchObject({ added: 2, word_error_rate: 1, accuracy: 0 });
  });

  test("words with times give differences with times and places", () => {
    const heard = [
      { text: " He", start_ms: 100, end_ms: 250, confidence: 0.9 },
      { text: " has,", start_ms: 250, end_ms: 600, confidence: 0.9 },
    ];
    const { differences } = align("He had it", heard);
    expect(differences[1]).toEqual({
      kind: "replaced",
      expected: "had",
      heard: "has",
      start: 3,
      end: 6,
      start_ms: 250,
      end_ms: 600,
    });
    expect(differences[2]).toMatchObject({ kind: "missing", start: 7, end: 9, start_ms: null, end_ms: null });
  });
});

describe("align() on random readings", () => {
  const random = seeded(7);
  const words = "a b c d e f goes going went house".split(" ");
  const some = (most: number) =>
    Array.from({ length: Math.floor(random() * most) }, () => words[Math.floor(random() * words.length)] ?? "a");

  test("makes as few edits as any alignment can, and its parts add up", () => {
    for (let round = 0; round < 400; round++) {
      const [wanted, said] = [some(12), some(12)];
      const { same, missing, added, replaced, differences, completeness } = align(wanted.join(" "), said.join(" "));
      expect(missing + added + replaced).toBe(levenshtein(wanted, said));
      expect(same + missing + replaced).toBe(wanted.length);
      expect(same + added + replaced).toBe(said.length);
      expect(differences.flatMap(({ expected }) => expected ?? [])).toEqual(wanted);
      expect(differences.flatMap(({ heard }) => heard ?? [])).toEqual(said);
      if (wanted.length > 0) expect(completeness * wanted.length).toBeGreaterThanOrEqual(same - 1e-9);
    }
  });

  test("one more wrong word never helps", () => {
    for (let round = 0; round < 400; round++) {
      const wanted = some(12).join(" ");
      const said = [...some(12), "a"];
      const at = Math.floor(random() * said.length);
      const [before, replaced] = [align(wanted, said.join(" ")), align(wanted, said.with(at, "zzz").join(" "))];
      const added = align(wanted, said.toSpliced(at, 0, "zzz").join(" "));
      for (const after of [replaced, added]) {
        expect(after.word_error_rate).toBeGreaterThanOrEqual(before.word_error_rate);
        expect(after.completeness).toBeLessThanOrEqual(before.completeness);
      }
    }
  });

  test("is the same each time", () => expect(align(JFK, AUSTEN)).toEqual(align(JFK, AUSTEN)));
});

describe("align() has bounds", () => {
  const long = (count: number, random: () => number) =>
    Array.from(
      { length: count },
      () => `w${String.fromCharCode(97 + Math.floor(random() * 20), 97 + Math.floor(random() * 20))}`,
    ).join(" ");

  test("what lies beyond the most words is not compared, and it says so", () => {
    const much = long(MAX_WORDS + 10, seeded(3));
    const { truncated, same, missing } = align(much, "one");
    expect({ truncated, words: same + missing }).toMatchObject({ truncated: true });
    expect(same + missing).toBeLessThanOrEqual(MAX_WORDS);
    expect(align("one", "one").truncated).toBe(false);
  });
});
