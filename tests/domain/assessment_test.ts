import { describe, expect, test } from "bun:test";
import { assess, kept } from "../../src/domain/assessment.ts";
import { pronounced, scored, soundsOf, syllables } from "../support/pronouncing.ts";

const TEXT = "I think so too";
const samples = syllables(4);

describe("assess()", () => {
  const words = [
    scored("I", { start_ms: 100.4, end_ms: 219.6 }),
    scored("think", { score: 41.26, sounds: soundsOf("TH:S 12, IH, NG, K") }),
    scored("so", { said: false, score: 0 }),
    scored("too", { score: 88, replaced: true, heard: "two", sounds: soundsOf("T, UW") }),
  ];
  const added = [
    { text: "well", after: -1, start_ms: null, end_ms: null },
    { text: "um", after: 1, start_ms: 900, end_ms: 1000 },
    { text: "yes", after: 1, start_ms: null, end_ms: null },
  ];
  const made = assess(pronounced(words, { added, accuracy: 61.04, fluency: 70.15, total: 66.7 }), TEXT, samples);

  test("says of each word how it came out, and puts added words after theirs", () => {
    expect(made.words.map(({ index, word, error_type }) => [index, word, error_type])).toEqual([
      [-1, "well", "Insertion"],
      [0, "I", "None"],
      [1, "think", "Mispronunciation"],
      [1, "um", "Insertion"],
      [1, "yes", "Insertion"],
      [2, "so", "Omission"],
      [3, "too", "Mispronunciation"],
    ]);
  });

  test("counts completeness by the words said, and lowers the overall score by it", () => {
    expect(made).toMatchObject({
      accuracy_score: 61,
      fluency_score: 70.2,
      completeness_score: 75,
      prosody_score: null,
      overall_score: 50,
    });
  });

  test("tells what was heard: the word where one is known, else the sounds of a weak word", () => {
    const heard = Object.fromEntries(made.words.map(({ word, heard }) => [word, heard]));
    expect(heard).toEqual({ well: "well", I: null, think: "/sɪŋk/", um: "um", yes: "yes", so: null, too: "two" });
  });

  test("takes no vowel for a consonant, and one sound heard in two places for one", () => {
    const harm = scored("harm", { score: 20, sounds: soundsOf("HH, AA:AE 1, R:AE 1, M") });
    const express = scored("express", { score: 20, sounds: soundsOf("IH, K:Z 1, S:Z 8, P, R, EH, S") });
    const { words } = assess(pronounced([harm, express]), "harm express", samples);
    expect(words.map(({ heard }) => heard)).toEqual(["/hærm/", "/ɪzpres/"]);
    expect(words[0]?.sounds[2]).toEqual({ sound: "R", score: 1, heard: null });
  });

  test("keeps sounds and times, but no sounds of a word that another one took the place of", () => {
    expect(made.words[1]).toEqual({
      index: 0,
      word: "I",
      score: 90,
      error_type: "None",
      heard: null,
      start_ms: 100,
      end_ms: 220,
      expected_phones: [],
      sounds: [],
    });
    expect(made.words[2]).toMatchObject({ score: 41.3, expected_phones: ["TH", "IH", "NG", "K"] });
    expect(made.words[2]).not.toHaveProperty("start_ms");
    expect(made.words[6]).toMatchObject({ expected_phones: ["T", "UW"], sounds: [] });
  });

  test("gives the rate of all words said, and that of the right ones in the same time", () => {
    const { wpm, wcpm } = made.metrics;
    expect(wpm).toBeGreaterThan(0);
    // Of six words said one came out right.
    expect(wcpm).toBeCloseTo(wpm / 6, 0);
  });

  test("of a text of which nothing was said is 0, never NaN", () => {
    const silent = pronounced([scored("so", { said: false, score: 0 })], { accuracy: 0, fluency: 0, total: 0 });
    expect(assess(silent, "so", new Float32Array(16_000))).toMatchObject({
      completeness_score: 0,
      overall_score: 0,
      metrics: { wpm: 0, wcpm: 0, articulation_rate: null },
    });
  });

  test("takes nothing of a transcript that no database keeps", () => {
    const odd = pronounced([scored("so", { heard: "s\u0000o" })], { transcript: "\u0000so\ud800" });
    const { transcribed_text, words } = assess(odd, "so", samples);
    expect([transcribed_text, words[0]?.heard]).toEqual(["so\ufffd", "so"]);
  });
});

describe("kept()", () => {
  const weak = (text: string, score: number, sounds: string) => scored(text, { score, sounds: soundsOf(sounds) });

  test("holds the weakest words, with what was weakest in them", () => {
    const words = [
      weak("three", 30, "TH:T 10, R, IY"),
      weak("day", 95, "D, EY"),
      weak("think", 20, "TH:S 5, IH:IY 40, NG, K"),
    ];
    const { weak_words } = kept(assess(pronounced(words), "three day think", samples));
    expect(weak_words).toEqual([
      { word: "think", score: 20, sound: "TH" },
      { word: "three", score: 30, sound: "TH" },
    ]);
  });

  test("counts each sound: how often it was said, and how often it was to blame", () => {
    const words = [
      weak("think", 20, "TH:S 10, IH:IY 40, NG, K"),
      weak("thin", 30, "TH:S 20, IH, N"),
      weak("thick", 90, "TH 90, IH, K"),
      weak("gone", 40, "G, AO, N 60"),
      scored("left", { said: false, score: 0, sounds: soundsOf("L, EH, F, T") }),
    ];
    const { sound_counts } = kept(assess(pronounced(words), "think thin thick gone left", samples));
    const of = (sound: string) => sound_counts.find((one) => one.sound === sound);
    expect(of("TH")).toEqual({ sound: "TH", said: 3, weak: 2, score: 40, heard: "S" });
    expect(of("IH")).toMatchObject({ said: 3, weak: 1, heard: "IY" });
    // Nothing else was heard in its place, but it is the weakest of a weak word.
    expect(of("N")).toMatchObject({ said: 2, weak: 1, heard: null });
    expect(of("K")).toMatchObject({ weak: 0 });
    expect(of("L")).toBeUndefined();
  });

  test("blames neither the vowel of weak syllables nor an r that no vowel follows", () => {
    const words = [
      weak("harm", 20, "HH, AA, R 1, M"),
      weak("but", 20, "B, AH:AA 1, T"),
      weak("red", 20, "R:L 1, EH, D"),
    ];
    const { weak_words, sound_counts } = kept(assess(pronounced(words), "harm but red", samples));
    expect(weak_words.map(({ word, sound }) => [word, sound])).toEqual([
      ["harm", null],
      ["but", null],
      ["red", "R"],
    ]);
    expect(sound_counts.filter(({ weak }) => weak > 0)).toMatchObject([{ sound: "R", said: 2, weak: 1, heard: "L" }]);
  });

  test("keeps no more than twenty weak words of a long reading", () => {
    const words = Array.from({ length: 50 }, (_, i) => weak(`w${i}`, 50 - i / 10, "W"));
    const { weak_words } = kept(assess(pronounced(words), "…", samples));
    expect(weak_words).toHaveLength(20);
    expect(weak_words[0]?.word).toBe("w49");
  });
});
