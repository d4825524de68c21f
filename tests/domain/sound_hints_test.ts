import { describe, expect, test } from "bun:test";
import { CLUSTERS, FINAL_CONSONANTS, HARD_CONSONANTS } from "../../src/domain/hard_consonants.ts";
import type { HardSound, Tip } from "../../src/domain/hard_sounds.ts";
import { HARD_VOWELS } from "../../src/domain/hard_vowels.ts";
import { hintFor, soundHint } from "../../src/domain/sound_hints.ts";
import { hardSoundsIn } from "../../src/domain/sounds.ts";
import { STARTER_PHRASES } from "../../src/domain/starter_phrases.ts";
import { soundsOf } from "../support/pronouncing.ts";

const weak = (sounds: string) => ({ error_type: "Mispronunciation", sounds: soundsOf(sounds) }) as const;
const uz = (sounds: string) => hintFor(weak(sounds), "uz");
const en = (sounds: string) => hintFor(weak(sounds), "en");

describe("hintFor()", () => {
  test("speaks of what was heard in the sound's place, in either language", () => {
    expect(uz("TH:S 10, IH, NG, K")).toBe(
      "/θ/ oʻrniga /s/ga oʻxshash tovush eshitildi: til uchi tishlar orqasida qolgan, uni tishlar orasiga chiqarib puflang. Solishtiring: think – sink.",
    );
    expect(en("TH:S 10, IH, NG, K")).toBe(
      "Something like /s/ was heard for /θ/: your tongue stayed behind your teeth: bring its tip between them and blow. Compare: think – sink.",
    );
  });

  test("speaks of the sound alone where what was heard says nothing, or nothing was", () => {
    for (const sounds of ["W 20, EH, S, T", "W:M 20, EH, S, T"]) expect(uz(sounds)).toStartWith("/w/ tovushi: ");
  });

  test("goes on to the next sound where nothing can be said of the weakest", () => {
    expect(en("B, AH:IH 5, V:W 30, IY")).toContain("/v/");
    expect(en("M 5, AE:EH 40, N")).toContain("/æ/");
    expect(hintFor(weak("M 5, AY, N"), "en")).toBeNull();
  });

  test("tells the end of a word to keep its voice, not its middle", () => {
    expect(uz("B, EH, D:T 10")).toContain("soʻz oxirida ovozni uzmang");
    expect(uz("R, EH, D:T 10, IY")).toBeNull();
  });

  test("tells consonants that stand together to stay so, where nothing else is to be said", () => {
    expect(uz("S, K 10, UW, L")).toContain("Soʻz boshidagi undoshlar");
    expect(en("AE, S, K, T 10")).toContain("The consonants at the end");
    expect(en("M, AH, N, TH:S 10, S")).toContain("/θ/");
    expect(en("T 10, AY, P")).toBeNull();
    expect(en("L, EH, T 10, ER")).toBeNull();
  });

  test("says nothing of a word that came out well, was left out, or has no sounds", () => {
    for (const error_type of ["None", "Omission", "Insertion"] as const)
      expect(hintFor({ error_type, sounds: soundsOf("TH:S 10") }, "uz")).toBeNull();
    expect(hintFor({ error_type: "Mispronunciation", sounds: [] }, "uz")).toBeNull();
  });

  test("no name of a sound is taken for a property of an object", () => {
    expect(soundHint("constructor", "toString", "uz")).toBeNull();
    expect(soundHint("TH", "constructor", "uz")).toStartWith("/θ/ tovushi");
  });
});

const hard: [string, HardSound][] = Object.entries({ ...HARD_CONSONANTS, ...HARD_VOWELS });
const tips: [string, Tip][] = [
  ...hard,
  ...hard.flatMap(([sound, { instead = {} }]) =>
    Object.entries(instead).map(([heard, tip]): [string, Tip] => [`${sound} heard ${heard}`, tip]),
  ),
  ...Object.entries(FINAL_CONSONANTS),
  ...Object.entries(CLUSTERS),
];

describe.each(tips)("the tip for %s", (_, { uz, en, pair }) => {
  test("is written in the alphabet's apostrophes and quotation marks, as a part of a sentence", () => {
    expect(uz).not.toMatch(/['"`´‘’]|(?<![oOgG])\u02bb|[oOgG]\u02bc|[а-яё]/i);
    expect(en).not.toMatch(/["`´‘’\u02bb\u02bc]/);
    for (const words of [uz, en]) expect(words).toMatch(/^(?!\p{Lu}).{20,}(?<![.!:;, ])$/u);
  });

  test("compares two different words", () => {
    expect(pair[0]).not.toBe(pair[1]);
    for (const word of pair) expect(word).toMatch(/^[a-z]+$/);
  });
});

test.each([
  ["Three of them think so", { TH: ["three", "think"], DH: ["them"] }],
  ["The west wind is very vivid", { W: ["west", "wind"], V: ["very", "vivid"] }],
  ["I am singing a song", { NG: ["singing", "song"] }],
  ["A television decision is a pleasure", { ZH: ["television", "decision", "pleasure"] }],
  ["The judge has a badge", { JH: ["judge", "badge"], AE: ["badge"] }],
  ["Go home now", {}],
])("the spelling of “%s” shows its hard sounds", (text, sounds) => {
  expect(Object.fromEntries(hardSoundsIn(text))).toMatchObject(sounds);
});

test("every phrase that a school begins with has a hard sound, words of its own, and Uzbek as it is written", () => {
  expect(new Set(STARTER_PHRASES.map(({ text }) => text)).size).toBe(STARTER_PHRASES.length);
  for (const { text, translation, phonetic_hint } of STARTER_PHRASES) {
    expect(hardSoundsIn(text).size, text).toBeGreaterThan(1);
    for (const uzbek of [translation, phonetic_hint])
      expect(uzbek).not.toMatch(/['`´‘’]|(?<![oOgG])\u02bb|[oOgG]\u02bc|[а-яё]/i);
    for (const [, words = ""] of phonetic_hint?.matchAll(/([A-Za-z, ]+):/g) ?? [])
      for (const word of words.split(",")) expect(text.toLowerCase(), text).toContain(word.trim().toLowerCase());
  }
});
