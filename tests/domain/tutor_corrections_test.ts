import { describe, expect, test } from "bun:test";
import type { Correction } from "../../src/domain/corrections.ts";
import { checkedCorrections } from "../../src/domain/tutor_corrections.ts";

const TEXT = "Yesterday I go to the market and I buyed two apple, it's good. I go home.";

const rule = (original: string, replacement: string | null, name = "PronounVerbAgreement", text = TEXT): Correction => {
  const start = text.indexOf(original);
  return {
    ...{ start, end: start + original.length, original, replacements: replacement === null ? [] : [replacement] },
    ...{ rule: name, message: "English words" },
  };
};
const said = (original: string, corrected: string, explanation = "Sababi bor.") => ({
  original,
  corrected,
  explanation,
});
const checked = (model: ReturnType<typeof said>[], harper: Correction[] = [], text = TEXT) =>
  checkedCorrections(text, harper, model);
const pairs = (found: ReturnType<typeof checked>) =>
  found.map(({ original, corrected, source }) => `${source}: ${original} > ${corrected}`);

describe("what the rules found", () => {
  test("is explained in Uzbek; spelling, capitals and what has no remedy are left out", () => {
    const found = checked(
      [],
      [
        rule("buyed", "bought", "RegularIrregulars"),
        rule("Yesterday", "yesterday", "ProperNouns"),
        rule("market", "markt", "SpellCheck"),
        rule("good", null),
      ],
    );
    expect(found).toEqual([
      {
        ...{ original: "buyed", corrected: "bought", source: "rules" },
        explanation: "“buyed” emas, “bought”: bu soʻz qoidadan tashqari oʻzgaradi, uning shaklini yodlab oling.",
      },
    ]);
  });
});

describe("what a model says", () => {
  test.each([
    ["as it stands", "two apple", "two apples", "two apple"],
    ["in other capitals and spaces", "TWO   Apple", "two apples", "two apple"],
    ["with other apostrophes", "it‘s good", "they are good", "it's good"],
    ["at the end of the text", "I go home.", "I went home.", "I go home"],
  ])("is kept where its words are there: %s", (_, original, corrected, shown) => {
    expect(checked([said(original, corrected)])).toMatchObject([{ original: shown, source: "model" }]);
  });

  test.each([
    ["words that nobody said", said("I goes", "I go")],
    ["words in another order", said("market the", "the market")],
    ["a part of a word", said("mark", "marks")],
    ["half of a contraction", said("is good", "are good")],
    ["another half of one", said("apple it", "apples they")],
    ["no change", said("two apple", "two apple")],
    ["a change of capitals and points only", said("two apple", "Two apple.")],
    ["a change of apostrophes only", said("it's", "it’s")],
    ["nothing to mend", said("", "apples")],
    ["nothing instead", said("two apple", "  ")],
    ["marks only", said("…", "!")],
    ["an essay for two words", said("two apple", "word ".repeat(30))],
    ["the whole text and more", said(TEXT.repeat(4), "x y z")],
  ])("is dropped: %s", (_, correction) => {
    expect(checked([correction])).toEqual([]);
  });

  test("of the same words comes once, and again only where they were said again", () => {
    const again = said("I go", "I went");
    expect(pairs(checked([again, again, again]))).toEqual(["model: I go > I went", "model: I go > I went"]);
    expect(pairs(checked([said("two apple", "two apples"), said("apple", "an apple")]))).toEqual([
      "model: two apple > two apples",
    ]);
  });

  test("has no markup, no addresses and nothing invisible in it, and is short", () => {
    const explanation = `<b>**Koʻplik**</b>\u200B: \`-s\` qoʻshiladi\n\n[bu yerda](https://evil.example/x) ${"juda uzun ".repeat(100)}`;
    const [found] = checked([said("two apple", "<i>two apples</i>", explanation)]);
    expect(found?.corrected).toBe("two apples");
    expect(found?.explanation).toStartWith("Koʻplik: -s qoʻshiladi bu yerda");
    expect(found?.explanation).not.toMatch(/[<>*`[\]\n\u200B]|https?:/);
    expect(found?.explanation.length).toBeWithin(200, 301);
    expect(found?.explanation).toEndWith("…");
  });

  test("without a reason has a plain one", () => {
    expect(checked([said("two apple", "two apples", " ** ")])[0]?.explanation).toBe("“two apple” emas, “two apples”.");
  });
});

describe("both together", () => {
  const harper = [rule("buyed", "bought", "RegularIrregulars")];

  test("the model's is shown where it is about the very same words", () => {
    expect(pairs(checked([said("Buyed", "bought")], harper))).toEqual(["model: buyed > bought"]);
  });

  test("the rules' is shown where the model's only overlaps it", () => {
    expect(pairs(checked([said("I buyed two", "I bought two")], harper))).toEqual(["rules: buyed > bought"]);
  });

  test("they come in the order of the text, ten at most", () => {
    expect(
      pairs(checked([said("I go home", "I went home"), said("Yesterday I go", "Yesterday I went")], harper)),
    ).toEqual(["model: Yesterday I go > Yesterday I went", "rules: buyed > bought", "model: I go home > I went home"]);
    const many = "I go there. ".repeat(30);
    expect(
      checked(
        Array.from({ length: 30 }, () => said("I go", "I went")),
        [],
        many,
      ),
    ).toHaveLength(10);
  });

  test("a model's words in Uzbek are found too, whichever apostrophe was used", () => {
    const text = "Men o‘qishga bordim";
    expect(pairs(checked([said("oʻqishga", "oʻqishdan")], [], text))).toEqual(["model: o‘qishga > oʻqishdan"]);
  });
});
