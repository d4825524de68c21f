import { describe, expect, test } from "bun:test";
import {
  absoluteError,
  auc,
  interval,
  median,
  pearson,
  quantile,
  seeded,
  spread,
} from "../scripts/pronunciation/agreement.ts";
import { paired, placesOf } from "../scripts/pronunciation/labelled.ts";
import { naming } from "../scripts/pronunciation/misreadings.ts";
import type { Pronounced, ScoredWord } from "../src/domain/pronunciation.ts";

// The figures of `bun run bench:pronunciation`: what they are computed with, on numbers that were worked out by hand.

describe("agreement", () => {
  test("Pearson's r is 1 on a line, -1 on a falling one, and known between them", () => {
    expect(pearson([1, 2, 3].map((x) => [x, 10 * x + 5]))).toBeCloseTo(1, 12);
    expect(pearson([1, 2, 3].map((x) => [x, -x]))).toBeCloseTo(-1, 12);
    // Anscombe's first set: 0.81642.
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    expect(pearson(x.map((a, i) => [a, y[i] ?? 0]))).toBeCloseTo(0.81642, 5);
    expect(pearson([1, 2, 3].map((a) => [a, 7]))).toBeNaN();
  });

  test("the area under the curve is the share of pairs in the right order, ties counted as half", () => {
    expect(auc([5, 6], [1, 2])).toBe(1);
    expect(auc([1, 2], [5, 6])).toBe(0);
    expect(auc([3, 3], [3, 3, 3])).toBe(0.5);
    // Of the six pairs three are right, two tie: (3 + 2 / 2) / 6.
    expect(auc([2, 4], [2, 3, 4])).toBeCloseTo(3 / 6, 12);
    const [good, bad] = [
      [7, 7, 8, 9, 3, 5],
      [2, 5, 7, 4],
    ];
    const pairs = good.flatMap((g) => bad.map((b): number => (b < g ? 1 : b === g ? 0.5 : 0)));
    expect(auc(good, bad)).toBeCloseTo(pairs.reduce((sum, one) => sum + one, 0) / pairs.length, 12);
    expect(auc([1], [])).toBeNaN();
  });

  test("quantiles lie between the values", () => {
    expect(median([4, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5, 12);
    expect(quantile([], 0.5)).toBeNaN();
    expect(absoluteError([[1, 3] as const, [5, 4] as const])).toBe(1.5);
  });

  test("an interval draws whole speakers, the same for the same seed", () => {
    // Ten speakers whose clips are all alike: a hundred clips tell no more than ten.
    const clips = Array.from({ length: 100 }, (_, i) => ({ speaker: String(i % 10), score: i % 10 }));
    const average = (some: typeof clips) => some.reduce((sum, { score }) => sum + score, 0) / some.length;
    const [low, high] = interval(
      clips,
      ({ speaker }) => speaker,
      (some) => average([...some]),
    );
    // 1.96 standard errors of a mean of ten of 0 to 9: 1.78 on each side of 4.5.
    expect(low).toBeWithin(2.5, 3.1);
    expect(high).toBeWithin(5.9, 6.5);
    expect(
      interval(
        clips,
        ({ speaker }) => speaker,
        (some) => average([...some]),
      ),
    ).toEqual([low, high]);
    const alone = interval(
      clips,
      (clip) => `${clips.indexOf(clip)}`,
      (some) => average([...some]),
    );
    expect(alone[1] - alone[0]).toBeLessThan((high - low) / 2);
  });

  test("a few are taken from the whole list", () => {
    const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(spread(ten, 5)).toEqual([0, 2, 4, 6, 8]);
    expect(spread(ten, 3)).toEqual([0, 4, 7]);
    expect(spread(ten, 10)).toEqual(ten);
    expect(spread(ten, 20)).toEqual(ten);
  });

  test("seeded numbers spread evenly and repeat", () => {
    const [one, two] = [seeded(7), seeded(7)];
    const numbers = Array.from({ length: 10_000 }, () => one());
    expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => two()));
    const tenths = Map.groupBy(numbers, (number) => Math.floor(number * 10));
    expect([...tenths.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const some of tenths.values()) expect(some.length).toBeWithin(850, 1150);
  });
});

const word = (text: string, start: number, score: number): ScoredWord => ({
  ...{ text, start, end: start + text.length, score, said: true, replaced: false, heard: null },
  ...{ start_ms: null, end_ms: null, sounds: [] },
});

describe("the experts' words and the scorer's", () => {
  const clip = {
    text: "it's the the end",
    words: ["it's", "the", "the", "end"].map((text, i) => ({ text, accuracy: i })),
  };

  test("meet by their place in the text, the second of two alike too", () => {
    expect(placesOf(clip)?.map(({ start }) => start)).toEqual([0, 5, 9, 13]);
    const scored = [word("it's", 0, 50), word("it's", 0, 40), word("the", 5, 1), word("the", 9, 2), word("end", 13, 3)];
    expect(paired(clip, scored)?.map(({ label, scored }) => [label.accuracy, scored.score])).toEqual([
      [0, 40],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test("do not meet where the text splits otherwise", () => {
    const short = [word("it's", 0, 50), word("the", 5, 1), word("the", 9, 2)];
    expect(paired(clip, short)).toBeNull();
    expect(paired(clip, [...short, word("the end", 9, 3)])).toBeNull();
    expect(paired({ ...clip, text: "it's the other end" }, short)).toBeNull();
  });
});

describe("naming the word that was exchanged", () => {
  const heard = (words: readonly ScoredWord[], wrong_text = false): Pronounced => ({
    ...{ words, added: [], transcript: "", accuracy: 0, fluency: 0, total: 0, wrong_text, weak_below: 60 },
    ...{ confidence: "low", engine: "test", method: "made_up", scoring_version: 1 },
  });
  const truth = heard([word("a", 0, 90), word("red", 2, 80), word("car", 6, 50)]);
  const swapped = (middle: Partial<ScoredWord>, last = 50) =>
    heard([word("a", 0, 90), { ...word("purple", 2, 20), ...middle }, word("car", 9, last)]);

  test("it is named when it alone is lowest and flagged", () => {
    const outcome = naming(truth, swapped({ replaced: true }), 2);
    expect(outcome).toEqual({ refused: false, lowest: true, named: true, alone: true, others: [false, false] });
    expect(naming(truth, swapped({ score: 70 }, 75), 2)).toMatchObject({ lowest: true, named: false, alone: false });
    expect(naming(truth, swapped({ score: 50 }), 2)).toMatchObject({ lowest: false, named: false });
  });

  test("what becomes of the other words is told by their order, as their places move", () => {
    expect(naming(truth, swapped({}, 70), 2).others).toEqual([false, true]);
    const both = swapped({ said: false, score: 0 });
    const missing = { ...both, words: both.words.map((one, i) => (i === 2 ? { ...one, said: false } : one)) };
    expect(naming(truth, missing, 2).alone).toBe(false);
  });

  test("a refused text names nothing", () => {
    expect(naming(truth, heard(swapped({}).words, true), 2)).toMatchObject({ refused: true, named: false, others: [] });
    expect(naming(truth, null, 2)).toMatchObject({ refused: true, named: false });
  });
});
