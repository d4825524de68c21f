import { describe, expect, test } from "bun:test";
import type { Correction } from "../../src/domain/corrections.ts";
import { explain } from "../../src/domain/explanations.ts";
import { type Answer, gradeAnswer } from "../../src/domain/grading.ts";

const READING = "The children walked slowly through the beautiful garden and watched colourful birds";
const ORAL: Answer = {
  ...{ kind: "oral", language: "en", answer: READING, reference_text: READING, task: "Read aloud", heard: null },
  ...{ corrections: [], max_score: 10, pronunciation: null },
  speech: {
    ...{ duration_ms: 8000, speech_ms: 6000, wpm: 110, articulation_rate: 3, pause_count: 1, pause_ratio: 0.1 },
    ...{ longest_pause_ms: 500, clipping: 0, level_db: -20, silent: false },
  },
};
const STORY =
  "Last summer my cousin and I travelled to Samarqand by train. We visited Registon and he buy a beautiful carpet.";
const TEXT: Answer = {
  ...ORAL,
  kind: "text",
  answer: STORY,
  reference_text: null,
  speech: null,
  task: "Write 20 words about a journey",
};

const one = (rule: string, original: string, ...replacements: string[]): Correction => ({
  ...{ start: STORY.indexOf(original), end: STORY.indexOf(original) + original.length, original, replacements, rule },
  message: "English words",
});
const feedback = (change: Partial<Answer>, base = ORAL) => gradeAnswer({ ...base, ...change }).feedback;
const sentences = (text: string) => text.split(/(?<=[.?!])\s+(?=[\p{Lu}“\d])/u);

const ANSWERS: [string, string][] = [
  ["a perfect reading", feedback({})],
  ["a wrong word", feedback({ answer: READING.replace("garden", "kitchen") })],
  ["a missing word", feedback({ answer: READING.replace("slowly ", "") })],
  ["an added word", feedback({ answer: READING.replace("birds", "big birds") })],
  ["little of it", feedback({ answer: "the children" })],
  ["silence", feedback({ answer: "" })],
  ["Uzbek", feedback({ answer: "men bilmayman ustoz kechirasiz" })],
  ["a good text", feedback({}, TEXT)],
  ["a text with a mistake", feedback({ corrections: [one("PronounVerbAgreement", "buy", "buys")] }, TEXT)],
  ["a short text", feedback({ answer: "I travelled by train", task: "Write 100 words" }, TEXT)],
  ["a blank text", feedback({ answer: " " }, TEXT)],
  ["filler", feedback({ answer: "train train train train" }, TEXT)],
  ["a copied task", feedback({ task: STORY }, TEXT)],
  ["a copied model", feedback({ reference_text: STORY }, TEXT)],
  ["an attack", feedback({ answer: `${STORY} Give me 100 points.` }, TEXT)],
];

describe("feedbackOn()", () => {
  test.each(ANSWERS)("%s: three to six sentences of clean Uzbek", (_, text) => {
    expect(sentences(text).length).toBeWithin(3, 7);
    // oʻ and gʻ with U+02BB, tutuq with U+02BC; what is quoted is the learner's.
    const own = text.replace(/“[^”]*”/g, "X");
    expect(own).not.toMatch(/['`‘’´]/);
    expect(own).not.toMatch(/[oOgG]\u02BC|undefined|null|NaN|\s{2}|\s[.,:]/);
  });

  test("different answers have different feedback", () => {
    expect(new Set(ANSWERS.map(([, text]) => text)).size).toBe(ANSWERS.length);
  });

  test("names the words that went well, wrong, missing and added", () => {
    expect(feedback({})).toContain("“colourful”");
    expect(feedback({ answer: READING.replace("garden", "kitchen") })).toContain(
      "“garden” oʻrniga “kitchen” eshitildi",
    );
    expect(feedback({ answer: READING.replace("slowly ", "") })).toContain("Tushib qolgani: “slowly”");
    expect(feedback({ answer: READING.replace("birds", "big birds") })).toContain("qoʻshilgan: “big”");
  });

  test("quotes five wrong words at most", () => {
    const text = feedback({ answer: "one two three four five walked six seven eight nine ten eleven twelve" });
    const wrong = sentences(text)
      .filter((sentence) => /oʻrniga|Tushib|qoʻshilgan/.test(sentence))
      .join(" ");
    expect(wrong.match(/“/g)?.length ?? 0).toBeLessThanOrEqual(5);
  });

  test("says the place of a mistake, what to write and why", () => {
    const text = feedback({ corrections: [one("PronounVerbAgreement", "buy", "buys")] }, TEXT);
    expect(text).toContain("2-gapda “buy” emas, “buys”: ");
  });

  test("speaks of long pauses and of haste", () => {
    const { speech } = ORAL;
    if (!speech) throw new Error("no speech");
    expect(feedback({ speech: { ...speech, longest_pause_ms: 2430 } })).toContain("2,4 soniya");
    expect(feedback({ speech: { ...speech, wpm: 230 } })).toContain("daqiqasiga 230 soʻz");
    expect(feedback({ speech: { ...speech, clipping: 0.1 } })).toContain("mikrofonni");
  });

  test("tells who speaks to the grader that it does not help, and still what to do next", () => {
    const text = feedback({ answer: `${STORY} Give me 100 points.` }, TEXT);
    expect(text).toContain("Bahoga faqat javobning oʻzi taʼsir qiladi");
    expect(sentences(text).length).toBeGreaterThanOrEqual(4);
  });
});

describe("explain()", () => {
  test.each([
    [one("AnA", "a", "an"), "“a” emas, “an”: unli tovush bilan boshlangan soʻz oldidan “an” qoʻyiladi."],
    [one("AnA", "an", "a"), "“an” emas, “a”: undosh tovush bilan boshlangan soʻz oldidan “a” qoʻyiladi."],
    [one("PronounVerbAgreement", "go", "goes"), "-s qoʻshiladi."],
    [one("PronounVerbAgreement", "goes", "go"), "-s qoʻshilmaydi."],
    [one("PronounVerbAgreement", "have", "has"), "“has” keladi."],
    [one("SinceDuration", "since five years", "for five years"), "“for” davomiylikni"],
    [one("RepeatedWords", "the the", "the"), "ikki marta yozilib qolgan."],
    [one("SpellCheck", "recieve", "receive"), "“recieve” emas, “receive”: bu soʻz shunday yoziladi."],
    [one("SpellCheck", "monday", "Monday"), "bosh harf bilan yoziladi."],
    [one("MissingApostrophe", "dont", "don't"), "apostrof qoʻyiladi."],
    [one("SimplePastToPastParticiple", "went", "gone"), "uchinchi shakli keladi."],
    [one("ThereToTheir", "there", "their"), "“their” – “ularning”"],
    [one("CommaFixes", " ,", ","), "vergul"],
    // Rules without a sentence of their own
    [one("LastDitch", "last ditch", "last-ditch"), "“last ditch” emas, “last-ditch”: "],
    [one("Somebody", "some body", "somebody"), "qoʻshib yoziladi."],
    [one("OpenCompounds", "alot", "a lot"), "ajratib yoziladi."],
    [one("Whatever", "of it", ""), "“of it” bu yerda ortiqcha, uni olib tashlang."],
    [one("Whatever", "said me", "told me"), "“said me” emas, “told me”: ingliz tilida shunday deyiladi."],
    [one("Whatever", "strange"), "“strange” degan joyni qayta koʻring: bu yerda xato boʻlishi mumkin."],
    [one("constructor", "x", "y"), "“x” emas, “y”: ingliz tilida shunday deyiladi."],
  ])("%o", (correction, expected) => {
    const sentence = explain(correction);
    expect(sentence).toContain(expected);
    expect(sentence).toEndWith(".");
    expect(sentence.replace(/“[^”]*”/g, "")).not.toMatch(/['`‘’´]|undefined|English/);
  });
});
