import { describe, expect, test } from "bun:test";
import { analyseAnswer } from "../../src/domain/answer_analysis.ts";
import type { Correction } from "../../src/domain/corrections.ts";
import type { Level } from "../../src/domain/users.ts";

type Change = {
  language?: string;
  corrections?: readonly Correction[];
  levels?: ReadonlyMap<string, Level>;
};

const analyse = (answer: string, reference_text: string | null = null, change: Change = {}) =>
  analyseAnswer({
    answer,
    reference_text,
    language: "en",
    grammar: "checked",
    corrections: [],
    levels: null,
    ...change,
  });

const uzbek = (answer: string, reference: string | null = null) => analyse(answer, reference, { language: "uz" });

const mistake = (text: string, original: string, replacement: string, rule = "PronounVerbAgreement"): Correction => {
  const start = text.indexOf(original);
  const end = start + original.length;
  return { start, end, original, replacements: [replacement], rule, message: "English words" };
};

describe("likeness to a reference", () => {
  test.each([
    ["the same words", "I go to school.", "I go to school.", 100],
    ["other capitals and points", "i go TO school!!", "I go to school.", 100],
    ["a contraction", "Its ten o'clock and I'm home", "Its ten o’clock and I am home.", 100],
    ["digits for words", "I have 25 books.", "I have twenty-five books.", 100],
    ["British spelling", "My favourite colour", "My favorite color", 100],
    ["half of the words", "I go", "I go to school to learn", 50],
    ["nothing", "zebra", "I know", 0],
  ])("%s", (_, answer, reference, similarity) => {
    expect(analyse(answer, reference).similarity).toBe(similarity);
  });

  test("a word nearly right is worth more than a wrong one, and less than a right one", () => {
    const like = (word: string) => analyse(`I go to ${word}`, "I go to school").similarity ?? 0;
    expect(like("school")).toBeGreaterThan(like("scool"));
    expect(like("scool")).toBeGreaterThan(like("market"));
    expect(like("market")).toBe(75);
    // A letter or two are shared by chance.
    expect(like("shop")).toBe(75);
  });

  test("what is missing, added and replaced is named in the spelling of its text", () => {
    const { missing_words, extra_words, replaced, word_error_rate } = analyse(
      "The Cat sat on that mat today",
      "The cat sat down on the mat",
    );
    expect({ missing_words, extra_words, replaced }).toEqual({
      missing_words: ["down"],
      extra_words: ["today"],
      replaced: [{ expected: "the", heard: "that" }],
    });
    expect(word_error_rate).toBeCloseTo(3 / 7);
  });

  test("a written word that holds two is named once", () => {
    const { missing_words, extra_words } = analyse("I know it's", "I know");
    expect({ missing_words, extra_words }).toEqual({ missing_words: [], extra_words: ["it's"] });
  });

  test("each difference knows where it stands, in both texts", () => {
    const [answer, reference] = ["😀 He go to   school, don't he", "He goes to school"];
    for (const { start, end, heard, heard_start, heard_end, expected } of analyse(answer, reference).differences ??
      []) {
      if (start !== null && end !== null) expect(reference.slice(start, end)).toBe(expected ?? "");
      if (heard_start !== null && heard_end !== null) expect(answer.slice(heard_start, heard_end)).toBe(heard ?? "");
    }
  });

  test.each([null, "", " … ", "😀"])("without a reference (%p) nothing is compared", (reference) => {
    const { similarity, word_error_rate, completeness, copied_share, ...rest } = analyse("I go to school.", reference);
    const { missing_words, extra_words, replaced, differences } = rest;
    for (const part of [similarity, word_error_rate, completeness, copied_share, missing_words, extra_words])
      expect(part).toBeNull();
    expect([replaced, differences]).toEqual([null, null]);
  });

  test("an answer without words has nothing of the reference", () => {
    expect(analyse("😀 !!", "I go")).toMatchObject({
      ...{ similarity: 0, word_error_rate: 1, completeness: 0, missing_words: ["I", "go"] },
      measures: { word_count: 0, distinct_words: 0, lexical_variety: null },
    });
  });

  test("one more wrong word never helps", () => {
    const words = "my brother has a small red bicycle and rides it every day".split(" ");
    const likeness = words.map((_, i) => analyse(words.with(i, "zzz").join(" "), words.join(" ")).similarity ?? 0);
    for (const similarity of likeness) expect(similarity).toBeLessThan(100);
    const worse = words.map((_, i) => words.map((word, j) => (j < i ? "zzz" : word)).join(" "));
    const falling = worse.map((text) => analyse(text, words.join(" ")).similarity ?? 0);
    expect(falling).toEqual(falling.toSorted((a, b) => b - a));
  });
});

describe("Uzbek", () => {
  test.each(["'", "`", "´", "ʻ", "ʼ", "‘", "’"])("%s is one apostrophe with the others", (apostrophe) => {
    const answer = "O'zbekiston - go'zal va ma'naviy yurt".replaceAll("'", apostrophe);
    expect(uzbek(answer, "Oʻzbekiston – goʻzal va maʼnaviy yurt").similarity).toBe(100);
  });

  test.each([
    ["Мен ҳар куни эрталаб мактабга бораман.", "Men har kuni ertalab maktabga boraman."],
    ["Ўзбекистон гўзал, чиройли ва шинам юрт.", "Oʻzbekiston goʻzal, chiroyli va shinam yurt."],
    ["Ёзда ювош яхши ҳаво", "Yozda yuvosh yaxshi havo"],
    ["Ер ва ел, поезд, таълим", "Yer va yel, poyezd, taʼlim"],
  ])("%s is %s", (cyrillic, latin) => {
    expect(uzbek(cyrillic, latin).similarity).toBe(100);
    expect(uzbek(latin, cyrillic).similarity).toBe(100);
    expect(uzbek(cyrillic, cyrillic).similarity).toBe(100);
  });

  test("differences are shown in the letters and at the places they were written in", () => {
    const [answer, reference] = ["😀 Мен мактабга шошиб бордим, 25 та", "Men maktabga yugurib bordim, 26 ta"];
    const { differences, replaced } = uzbek(answer, reference);
    expect(replaced).toEqual([
      { expected: "yugurib", heard: "шошиб" },
      { expected: "26", heard: "25" },
    ]);
    for (const { heard_start, heard_end, heard } of differences ?? [])
      if (heard_start !== null && heard_end !== null) expect(answer.slice(heard_start, heard_end)).toBe(heard ?? "");
  });

  test("a letter that differs is a difference", () => {
    expect(uzbek("Мен мактабка бораман", "Men maktabga boraman").replaced).toEqual([
      { expected: "maktabga", heard: "мактабка" },
    ]);
  });

  test("Cyrillic is Uzbek or Russian, and the advice tells which was not asked for", () => {
    expect(uzbek("Мен мактабга бораман ва китоб ўқийман").guessed_language).toBe("uz");
    expect(uzbek("Бугун мен мактабга бораман ва китоб оламан").guessed_language).toBe("uz");
    const { guessed_language, advice } = uzbek("Я каждый день хожу в школу и читаю книги");
    expect(guessed_language).toBe("ru");
    expect(advice[0]).toBe("Javobingiz ruscha yozilganga oʻxshaydi, bu yerda esa oʻzbekcha javob kutiladi.");
  });
});

describe("the vocabulary", () => {
  const LEVELS = new Map<string, Level>([
    ...["i", "am", "happy", "the", "is", "a"].map((word) => [word, "A1"] as const),
    ...([
      ["improve", "A2"],
      ["nevertheless", "B1"],
      ["considerable", "B2"],
      ["ubiquitous", "C2"],
    ] as const),
    ["registan", "C2"],
  ]);
  const vocabulary = (text: string, corrections: readonly Correction[] = []) =>
    analyse(text, null, { levels: LEVELS, corrections }).vocabulary;

  test("counts different words by level, each once, and names the advanced ones", () => {
    const found = vocabulary("I am happy. I improve, nevertheless it is ubiquitous and considerable.");
    expect(found).toMatchObject({
      levels: { A1: 4, A2: 1, B1: 1, B2: 1, C1: 0, C2: 1, unknown: 2 },
      advanced_words: ["ubiquitous", "considerable"],
    });
    expect(found?.words[0]).toEqual({ word: "i", level: "A1", count: 2 });
  });

  test("leaves out names, numbers and what is misspelled", () => {
    expect(vocabulary("I am in Registan. 25")?.words.map(({ word }) => word)).toEqual(["i", "am", "in"]);
    expect(vocabulary("Registan is happy")?.words.map(({ word }) => word)).toEqual(["registan", "is", "happy"]);
    const text = "I am hapy";
    const words = vocabulary(text, [mistake(text, "hapy", "happy", "SpellCheck")])?.words;
    expect(words?.map(({ word }) => word)).toEqual(["i", "am"]);
  });

  const pool = (level: Level, count: number) =>
    Array.from(
      { length: count },
      (_, i) => [`w${level}x${i}`.toLowerCase().replace(/\d/g, (digit) => "abcdefghij"[+digit] ?? ""), level] as const,
    );
  test.each([
    ["20 easy words", 20, 0, 0, "A1"],
    ["one harder of twenty", 19, 1, 0, "A1"],
    ["two harder of twenty", 18, 2, 0, "B1"],
    ["many rare ones", 15, 5, 5, "C1"],
    ["too few words to tell", 19, 0, 0, null],
  ] as const)("its level rests on 95 of 100 words: %s", (_, easy, middle, hard, level) => {
    const words = [...pool("A1", easy), ...pool("B1", middle), ...pool("C1", hard)];
    const text = words.map(([word]) => word).join(" ");
    expect(analyse(text, null, { levels: new Map(words) }).vocabulary?.level).toBe(level);
  });
});

describe("the advice", () => {
  const ENDS = /[.?!]$/;
  const WRONG = "He go to school every day and he like his teacher very much.";
  const LONG =
    "My brother lives in a small town near the river and every summer we swim there together with our friends.";
  const ALL = {
    nothing: analyse("😀"),
    short: analyse("Yes."),
    "exact, short": analyse("I go home.", "I go home."),
    "exact, long": analyse(LONG, LONG),
    "a near miss": analyse("I goes home early today", "I go home today"),
    "another text": analyse("Cats sleep on warm stones.", LONG),
    copied: analyse(`${LONG} I think so too because water is nice and cold there`, LONG.slice(0, 90)),
    mistakes: analyse(WRONG, null, {
      corrections: [mistake(WRONG, "go", "goes"), mistake(WRONG, "like", "likes"), mistake(WRONG, "very", "", "X")],
    }),
    Uzbek: analyse("Men maktabga boraman va kitob oʻqiyman"),
    gibberish: analyse("asdf qwer zxcv uiop", null, {
      corrections: ["asdf", "qwer", "zxcv", "uiop"].map((word) =>
        mistake("asdf qwer zxcv uiop", word, "x", "SpellCheck"),
      ),
    }),
    repetition: analyse("good ".repeat(200)),
    "5 000 letters": analyse("a".repeat(5_000), "b".repeat(5_000)),
    "in Uzbek, right": uzbek("Men maktabga boraman", "Men maktabga boraman"),
    "in Uzbek, free": uzbek("Men har kuni maktabga boraman va u yerda doʻstlarim bilan oʻynayman"),
  };

  test.each(Object.entries(ALL))("%s: one to four Uzbek sentences", (_, { advice }) => {
    expect(advice.length).toBeWithin(1, 5);
    for (const sentence of advice) {
      expect(sentence).toMatch(ENDS);
      expect(sentence.replace(/“[^”]*”/g, "")).not.toMatch(/['‘’`]|undefined|null|NaN/);
    }
    expect(new Set(advice).size).toBe(advice.length);
  });

  test("praises what is right and leads on", () => {
    expect(ALL["exact, short"].advice[0]).toBe("Barakalla, 3 ta soʻzning hammasi namunadagidek.");
    expect(ALL["exact, long"].advice.at(-1)).toContain("oʻz soʻzlaringiz bilan");
  });

  test("names the words of this very answer", () => {
    const { advice } = ALL["a near miss"];
    expect(advice.join(" ")).toContain("“go” oʻrniga “goes”");
    expect(advice.join(" ")).toContain("“early”");
    expect(advice.at(-1)).toContain("“go”");
  });

  test("says a mistake once, though both the rules and the reference know it", () => {
    const corrections = [mistake("He go home", "go", "goes")];
    const { advice } = analyse("He go home", "He goes home", { corrections });
    expect(advice.filter((sentence) => sentence.includes("“go”"))).toHaveLength(1);
  });

  test("says when the answer is copied, in another language, or no language at all", () => {
    expect(ALL.copied.copied_share).toBeGreaterThan(0.5);
    expect(ALL.Uzbek.advice[0]).toContain("oʻzbekcha yozilganga oʻxshaydi, bu yerda esa inglizcha");
    expect(ALL.gibberish.advice[0]).toBe("Javobingiz inglizcha yozilmaganga oʻxshaydi.");
    expect(ALL.repetition.advice.at(-1)).toContain("“good” 200 marta");
  });

  test("does not ask for another language where the reference itself is in it", () => {
    const { advice } = analyse("Mening ismim Aziz va men oʻqiyman", "Mening ismim Aziz va men oʻqiyman");
    expect(advice[0]).toStartWith("Barakalla");
  });

  test("half of a reference copied into a longer text is called copied", () => {
    const reference = `${LONG} ${LONG.replace("brother", "sister").replace("river", "lake")}`;
    const { advice, copied_share } = analyse(LONG, reference);
    expect(copied_share).toBe(1);
    expect(advice[0]).toBe("Javobingizning 100 foizi namunadan soʻzma-soʻz olingan.");
  });
});

test("corrections are explained in Uzbek, 100 at most, without the checker's English", () => {
  const text = "He go home";
  const [correction] = analyse(text, null, { corrections: [mistake(text, "go", "goes")] }).corrections;
  expect(correction).toEqual({
    ...{ start: 3, end: 5, original: "go", replacements: ["goes"], rule: "PronounVerbAgreement" },
    explanation: expect.stringContaining("“go” emas, “goes”"),
  });
  const many = Array.from({ length: 150 }, () => mistake(text, "go", "goes"));
  expect(analyse(text, null, { corrections: many }).corrections).toHaveLength(100);
});

test("the same answer always has the same analysis", () => {
  const again = () => analyse("I goes home", "I go home");
  expect(again()).toEqual(again());
});
