import { describe, expect, test } from "bun:test";
import { kept } from "../../src/domain/assessment.ts";
import type { Phrase } from "../../src/domain/phrases.ts";
import { completed, streak, xpOf } from "../../src/domain/practice.ts";
import { levelsNear, practiseNext, triedOf } from "../../src/domain/practise_next.ts";
import type { ScoredWord } from "../../src/domain/pronunciation.ts";
import { profileOf } from "../../src/domain/pronunciation_profile.ts";
import { assessment, scored, soundsOf } from "../support/pronouncing.ts";

const attempt = (total: number, phrase_id: number | null = null, words: ScoredWord[] = [scored("x")], version = 1) => ({
  ...kept(assessment(words, { total, scoring_version: version })),
  phrase_id,
  created_at: "2026-01-01T00:00:00.000Z",
});

describe("xpOf()", () => {
  test("gives ten for each good attempt, three times for one phrase, a hundred at most", () => {
    expect(xpOf([attempt(60, 1), attempt(59.9, 1), attempt(80, 2)])).toBe(20);
    expect(xpOf(Array.from({ length: 9 }, () => attempt(90, 1)))).toBe(30);
    expect(xpOf(Array.from({ length: 9 }, () => attempt(90, null)))).toBe(30);
    expect(xpOf(Array.from({ length: 30 }, (_, i) => attempt(90, i)))).toBe(100);
    expect(xpOf([])).toBe(0);
  });
});

test("a session that nothing was read in has no averages", () => {
  expect(completed([], "now")).toMatchObject({ average_accuracy: null, average_overall: null, xp: 0 });
});

describe("streak()", () => {
  const now = new Date("2026-03-10T12:00:00.000Z");

  test("counts days in a row up to today; a day that is not over yet breaks nothing", () => {
    const days = (...of: number[]) => of.map((day) => `2026-03-${String(day).padStart(2, "0")}T10:00:00.000Z`);
    expect(streak(days(10, 9, 9, 8, 6), now)).toBe(3);
    expect(streak(days(9, 8), now)).toBe(2);
    expect(streak(days(8, 7), now)).toBe(0);
    expect(streak([], now)).toBe(0);
  });

  test("begins a day at midnight in Tashkent", () => {
    // 00:30 there on the 10th, and 23:30 on the 9th.
    expect(streak(["2026-03-09T19:30:00.000Z"], new Date("2026-03-11T01:00:00.000Z"))).toBe(1);
    expect(streak(["2026-03-09T18:30:00.000Z"], new Date("2026-03-11T01:00:00.000Z"))).toBe(0);
  });
});

describe("profileOf()", () => {
  const trend = (...newestFirst: number[]) => profileOf(newestFirst.map((total) => attempt(total))).trend;

  test("compares the last ten with the ten before, or halves of what there is", () => {
    expect(trend(80, 80, 80, 70, 70, 70)).toEqual({ direction: "up", change: 10, recent: 80, before: 70, attempts: 3 });
    expect(trend(60, 60, 60, 70, 70, 70)).toMatchObject({ direction: "down", change: -10 });
    expect(trend(72.9, 72.9, 72.9, 70, 70, 70)).toMatchObject({ direction: "steady", change: 2.9 });
    expect(trend(80, 80, 70, 70, 70)).toBeNull();
    expect(trend(...Array(10).fill(80), ...Array(10).fill(60), ...Array(50).fill(99))).toMatchObject({
      change: 20,
      attempts: 10,
    });
  });

  test("compares only what was scored alike", () => {
    const mixed = [...Array(3).fill(attempt(80)), ...Array(9).fill(attempt(50, null, undefined, 0))];
    expect(profileOf(mixed).trend).toBeNull();
  });

  const weak = (text: string, score: number, sounds: string) => scored(text, { score, sounds: soundsOf(sounds) });

  test("names the words that came out weak most often, whatever their case", () => {
    const words = [weak("Three", 20, "TH:S 5, R"), weak("very", 50, "V:W 9, EH")];
    const { hardest_words } = profileOf([attempt(1, null, words), attempt(1, null, [weak("three", 40, "TH:T 9, R")])]);
    expect(hardest_words.map(({ word, times, average_score }) => [word, times, average_score])).toEqual([
      ["three", 2, 30],
      ["very", 1, 50],
    ]);
  });

  test("names the sounds that are weak for their number; not a single slip, and not the vowel of weak syllables", () => {
    const often = Array.from({ length: 8 }, (_, i) => (i < 2 ? weak("so", 20, "S:SH 5, OW") : weak("so", 90, "S, OW")));
    const words = [...often, weak("thin", 20, "TH:S 5, IH, N"), weak("thin", 20, "TH:S 5, IH, N")];
    const slips = [weak("win", 20, "W:V 5, IH, N"), ...Array(3).fill(weak("up", 20, "AH:AA 5, P"))];
    const { hardest_sounds } = profileOf([attempt(1, null, [...words, ...slips])]);
    expect(hardest_sounds.map(({ sound, said, weak, heard }) => [sound, said, weak, heard])).toEqual([
      ["TH", 2, 2, "S"],
      ["S", 8, 2, "SH"],
    ]);
  });
});

describe("what to practise next", () => {
  const phrase = (id: number, text: string): Phrase => ({
    id,
    user_id: null,
    author_id: null,
    text,
    translation: null,
    level: "A1",
    language: "en",
    phonetic_hint: null,
    created_at: "",
    updated_at: "",
  });
  const phrases = [
    phrase(1, "Three thin men"),
    phrase(2, "Very vivid"),
    phrase(3, "Thick and thin"),
    phrase(4, "Go on"),
  ];
  const sound = { sound: "TH", said: 9, weak: 4, average_score: 10, heard: "S", words: [] };
  const word = { word: "vivid", times: 3, average_score: 20, last_at: "" };

  test("is a phrase for each hard sound and word, none twice, and new ones", () => {
    const next = practiseNext({ hardest_sounds: [sound], hardest_words: [word] }, phrases, new Map());
    expect(next.map(({ phrase: { id }, reason }) => [id, reason])).toEqual([
      [1, { kind: "sound", sound: "TH", word: "three", times: 4 }],
      [2, { kind: "word", word: "vivid", times: 3 }],
      [3, { kind: "new" }],
    ]);
  });

  test("is the phrase that went worst, where all were tried", () => {
    const tried = triedOf([attempt(90, 1), attempt(40, 3), attempt(60, 2), attempt(50, 3), attempt(70, 4)]);
    const next = practiseNext({ hardest_sounds: [sound], hardest_words: [] }, phrases, tried);
    expect(next.map(({ phrase: { id } }) => id)).toEqual([3]);
    expect(practiseNext({ hardest_sounds: [], hardest_words: [] }, [], tried)).toEqual([]);
  });

  test("is looked for at the learner's level first, then around it", () => {
    expect([levelsNear("A1"), levelsNear("B1"), levelsNear("C2")]).toEqual([
      ["A1", "A2"],
      ["B1", "A2", "B2"],
      ["C2", "C1"],
    ]);
  });
});
