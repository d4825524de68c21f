import { describe, expect, test } from "bun:test";
import { american, foldApostrophes, tokensOf, wordsOf } from "../../src/domain/words.ts";

describe("wordsOf() compares what was said, not how it was written", () => {
  test.each([
    ["It's 10% of it.", "it is ten percent of it"],
    ["I don't know, can't you?", "I do not know; can not you"],
    ["DONT worry", "don't worry"],
    ["the 21st century", "the twenty-first century"],
    ["121 people", "one hundred and twenty one people"],
    ["10 000 soʻm and 10,000 sums", "ten thousand soʻm and ten thousand sums"],
    ["in 1995 and 2005 and 2024", "in nineteen ninety-five and two thousand five and twenty twenty-four"],
    ["7:30 and 3:05", "seven thirty and three oh five"],
    ["3.5", "three point five"],
    ["the 1990s", "the nineteen nineties"],
    ["$5 and $1", "five dollars and one dollar"],
    ["$5 million", "five million dollars"],
    ["5 km and 1 kg, e.g. 4G", "five kilometers and one kilogram, for example four g"],
    ["Mr. Smith & Mrs. Jones", "mister Smith and missus Jones"],
    ["OK, O.K.", "okay okay"],
    ["she's been here and he's tall", "she has been here and he is tall"],
    ["you'd better go, I'd go", "you had better go, I would go"],
    ["gonna", "going to"],
    ["my favourite colour; travelling, organised, centre", "my favorite color traveling organized center"],
    ["café", "cafe"],
    ["ＨＥＬＬＯ", "hello"],
  ])("%p is %p", (written, said) => {
    expect(wordsOf(written)).toEqual(wordsOf(said));
  });

  test("punctuation and hyphens separate words and are none", () => {
    expect(wordsOf("  “Well-known”—yes… (no)! ")).toEqual(["well", "known", "yes", "no"]);
    expect(wordsOf("?! … — ''")).toEqual([]);
    expect(wordsOf("")).toEqual([]);
  });

  test("a possessive stays one word", () => expect(wordsOf("John’s book")).toEqual(["john's", "book"]));

  test("an `and` that belongs to no number stays", () => {
    expect(wordsOf("a hundred and me")).toEqual(["a", "hundred", "and", "me"]);
  });

  test("Cyrillic letters keep their marks", () => expect(wordsOf("Мой ёж")).toEqual(["мой", "ёж"]));
});

describe("Uzbek apostrophes", () => {
  test.each([..."'`\u00B4\u2018\u2019\u02BB\u02BC\u2032\uFF07"])("%p is taken for the same letter", (mark) => {
    expect(wordsOf(`o${mark}zbek G${mark}ALABA ma${mark}no`)).toEqual(["o'zbek", "g'alaba", "ma'no"]);
    expect(foldApostrophes(`o${mark}zbek`)).toBe("o'zbek");
  });
});

describe("tokensOf()", () => {
  test("keeps the spelling and the place; one written word may give several", () => {
    const text = "Oh, it’s 21!";
    expect(tokensOf(text)).toEqual([
      { text: "Oh", key: "oh", start: 0, end: 2 },
      { text: "it’s", key: "it", start: 4, end: 8 },
      { text: "it’s", key: "is", start: 4, end: 8 },
      { text: "21", key: "twenty", start: 9, end: 11 },
      { text: "21", key: "one", start: 9, end: 11 },
    ]);
  });

  test("places count UTF-16 units, as everything else does", () => {
    const text = "😀 Salom, 👨‍👩‍👧 do‘stlar";
    for (const { text: word, start, end } of tokensOf(text)) expect(text.slice(start, end)).toBe(word);
    expect(tokensOf(text).map(({ text: word }) => word)).toEqual(["Salom", "do‘stlar"]);
  });
});

test("american() leaves words alone that only look British", () => {
  for (const word of ["hour", "four", "tour", "promise", "exercise", "advise", "there", "more", "rise", "wise"]) {
    expect(american(word)).toBe(word);
  }
});
