import { describe, expect, test } from "bun:test";
import { numberWays } from "../../src/domain/number_ways.ts";
import { readWords } from "../../src/domain/spoken_english.ts";
import { wordsOf } from "../../src/domain/words.ts";

const DICTIONARY = new Set(
  `i am i'm you don't it's the a dog no not very happy we are here see page at in of and cost had dr dr's nato bbc us you're
  'em 'cause cause goin' going rock roll well known one two march may sat chat phone tube is i've t`.split(/\s+/),
);
const known = (word: string) => DICTIONARY.has(word);

const read = (text: string) => readWords(text, known);
/** What each written word is said as, in its usual way. */
const said = (text: string) => read(text).map(({ ways }) => ways[0]?.said);
const ways = (text: string) => read(text).map(({ ways }) => ways.map(({ words }) => words.join(" ")));

describe("numbers have several ways to be said, the usual one first", () => {
  test.each([
    ["25", ["twenty five"]],
    ["1998", ["nineteen ninety eight", "one thousand nine hundred and ninety eight"]],
    ["2005", ["two thousand five", "two thousand and five", "twenty oh five"]],
    ["2024", ["twenty twenty four", "two thousand and twenty four"]],
    ["105", ["one hundred five", "one hundred and five", "a hundred five", "one zero five", "one oh five"]],
    ["100", ["one hundred", "a hundred"]],
    ["10,000", ["ten thousand"]],
    ["10 000", ["ten thousand"]],
    ["3rd", ["third"]],
    ["102nd", ["one hundred second", "one hundred and second"]],
    ["1990s", ["nineteen nineties"]],
    ["3.5", ["three point five"]],
    ["0.5", ["zero point five", "oh point five", "point five"]],
    ["10:30", ["ten thirty", "half past ten"]],
    ["10:45", ["ten forty five", "quarter to eleven", "fifteen to eleven"]],
    ["14:05", ["fourteen oh five", "two oh five", "five past two"]],
    ["10:00", ["ten", "ten o'clock"]],
    ["9.15", ["nine point one five", "nine fifteen", "quarter past nine"]],
    ["007", ["zero zero seven", "oh oh seven"]],
  ])("%p", (number, expected) => {
    const all = numberWays(number);
    expect(all[0]).toBe(expected[0]);
    expect(all).toEqual(expect.arrayContaining(expected));
  });

  test("what is no number has none", () => {
    expect(numberWays("ten")).toEqual([]);
    expect(numberWays("")).toEqual([]);
  });
});

describe("readWords() says how each written word is read", () => {
  test.each([
    ["I'm 25, don't you know?", ["I'm", "twenty five", "don't", "you", "know"]],
    ["It costs $5.50, £1 or 20€", ["It", "costs", "five dollars and fifty cents", "one pound", "or", "twenty euros"]],
    ["$3 million", ["three", "million dollars"]],
    ["50% & 5km", ["fifty percent", "and", "five kilometers"]],
    ["25°C, -5°", ["twenty five degrees celsius", "minus five degrees"]],
    ["№ 5, #7", ["five", "number seven"]],
    ["COVID-19, 5-6", ["COVID nineteen", "five six"]],
    ["well-known", ["well known"]],
    ["Dr. Smith, e.g. Mrs. Lee, etc.", ["Dr", "Smith", "for example", "Mrs", "Lee", "et cetera"]],
    ["the BBC, NATO, TVs and CD's", ["the", "BBC", "NATO", "TVs", "and", "CDs"]],
    ["I AM VERY HAPPY. It is NOT", ["I", "am", "very", "happy", "It", "is", "not"]],
    ["Elizabeth II", ["Elizabeth", "two"]],
    ["mail at amazon.com", ["mail", "at", "amazon dot com"]],
    ["ChatGPT, iPhone", ["ChatGPT", "iPhone"]],
    ["R&B, C++", ["R and B", "C plus plus"]],
    ["Café naïve", ["Cafe", "naive"]],
    ["It’s O‘zbekiston", ["It's", "O'zbekiston"]],
    ["Мен Тошкентда", ["Men", "Toshkentda"]],
    ["…the same.I opened", ["the", "same", "I", "opened"]],
  ])("%p", (text, expected) => expect(said(text)).toEqual(expected));

  test("names of letters, and words that an acronym may be", () => {
    expect(ways("A, B, C")).toEqual([["a.", "a"], ["b."], ["c."]]);
    expect(ways("NATO")).toEqual([["nato", "n. a. t. o."]]);
    expect(ways("in the US")[2]).toEqual(["u. s.", "us"]);
    expect(ways("U.S., pdf")).toEqual([["u. s."], ["p. d. f.", "pdf"]]);
    expect(ways("DVDs")).toEqual([["d. v. d.'s"]]);
  });

  test("dates, numerals and words that may be short for others", () => {
    expect(ways("5 May")[0]).toEqual(["five", "fifth", "the fifth"]);
    expect(ways("Louis XIV")[1]).toEqual(["fourteen", "the fourteenth", "x. i. v."]);
    expect(ways("No. 7")[0]).toEqual(["no", "number"]);
    expect(ways("He sat.")[1]).toEqual(["sat", "saturday"]);
    expect(ways("at 10 am")[2]).toEqual(["a. m.", "am"]);
  });

  test("apostrophes at the ends of words: quotation marks, or letters that are left out", () => {
    expect(ways("let ’em roll")[1]).toEqual(["'em", "em"]);
    expect(ways("'cause I'm goin'")).toEqual([["'cause", "cause"], ["i'm"], ["goin'"]]);
    expect(said("'well known'")).toEqual(["well", "known"]);
  });

  test("places are those of the text, and parts of one word stand together", () => {
    const text = "  “Well-known”—Бизнинг 日本 50%! 😀 yes";
    expect(read(text).map(({ start, end }) => text.slice(start, end))).toEqual(["Well-known", "Бизнинг", "50%", "yes"]);
    for (const word of read(text)) expect(word.text).toBe(text.slice(word.start, word.end));
  });

  test("keys are those of tokensOf(), each with its word", () => {
    const text = "It's 25% of one hundred and five, isn't it? 漢字";
    expect(read(text).map(({ keys }) => keys.join(" "))).toEqual([
      "it is",
      "twenty five percent",
      "of",
      "one",
      "hundred",
      "",
      "five",
      "is not",
      "it",
    ]);
    expect([...read(text).flatMap(({ keys }) => keys), "漢字"]).toEqual(wordsOf(text));
  });

  test("what cannot be said is left out", () => {
    for (const text of ["", " \n", "?! … — ''", "漢字 かな", "😀😀", "\ud800", "״", "ا ب"])
      expect(read(text)).toEqual([]);
  });
});
