import { describe, expect, test } from "bun:test";
import { speaksToGrader } from "../../src/domain/instructions.ts";
import { isOffLanguage, languageSigns } from "../../src/domain/language.ts";
import { sentencesOf, variety } from "../../src/domain/measures.ts";
import { copiedShare, demandsOf } from "../../src/domain/task.ts";

test.each([
  ["Write 150 words", { words: 150 }],
  ["at least 100 words", { words: 100 }],
  ["kamida 100 ta soʻz", { words: 100 }],
  ["100-150 soʻzdan iborat", { words: 100 }],
  ["80 слов", { words: 80 }],
  ["No more than 200 words", { words: null }],
  ["Use 5 words from the list", { words: null }],
  ["Speak for 2 minutes", { seconds: 120, words: null }],
  ["Ikki daqiqa gapiring", { seconds: 120, sentences: null }],
  ["30 soniya", { seconds: 30 }],
  ["kamida 5 ta gap tuzing", { sentences: 5 }],
  ["Write five sentences", { sentences: 5 }],
  ["Diktant", { exact: true }],
  ["Lesson 10: my day", { words: null, sentences: null, seconds: null, exact: false }],
])("the task %p asks for %p", (task, demands) => {
  expect(demandsOf(task)).toMatchObject(demands);
});

describe("which language it is", () => {
  test.each([
    "My name Dilnoza. I from Tashkent. I like apple.",
    "We celebrated Navroʻz and ate sumalak in Qarshi with my family.",
    "Men and women work hard in Chicago, a popular and regular organ.",
    "Hello teacher",
  ])("%p is English enough", (text) => {
    expect(isOffLanguage(text, "en", 0)).toBe(false);
  });

  test.each([
    "Men har kuni maktabga boraman",
    "Bugun havo juda yaxshi",
    "Kitoblar stol ustida turibdi",
    "Я люблю книги",
  ])("%p is not", (text) => {
    expect(isOffLanguage(text, "en", 0)).toBe(true);
    expect(languageSigns(text).guess).not.toBe("en");
  });

  test("Uzbek is at home in Uzbek homework, English is not", () => {
    expect(isOffLanguage("Men har kuni maktabga boraman", "uz", 0)).toBe(false);
    expect(isOffLanguage("I go to school every day and I like it", "uz", 0)).toBe(true);
  });
});

test("sentencesOf() is not misled by titles, numbers and missing full stops", () => {
  expect(sentencesOf("Mr. Smith has 3.5 apples. He eats!\nThen he sleeps")).toHaveLength(3);
});

test("variety() falls with repetition and not with length", () => {
  const rich = Array.from({ length: 200 }, (_, i) => `w${i % 60}`);
  expect(variety(rich)).toBeCloseTo(variety(rich.slice(0, 100)), 1);
  expect(variety(Array(100).fill("a"))).toBeCloseTo(0.02);
  expect(variety(["a", null, null])).toBeCloseTo(0.02);
});

test("copiedShare() counts runs of four words", () => {
  expect(copiedShare("we like to eat plov", "they like to eat plov too")).toBeCloseTo(0.8);
  expect(copiedShare("plov we eat", "we eat plov")).toBe(0);
});

test.each([
  "My teacher gave me good marks and I was happy.",
  "I give my brother 100 dollars.",
  "Never forget the rules of the game.",
  "My brother is an AI engineer.",
  "Menga kitob bering.",
  "Дай мне книгу.",
])("%p does not speak to a grader", (answer) => {
  expect(speaksToGrader(answer)).toBe(false);
});

test.each([
  "Voqea kecha yuz berdi va hamma uyga ketdi.",
  "My sister is a teacher who gives homework every day, and she has the best students.",
  "I must ignore the noise and forget the rain when I study.",
  "The electroencephalographically interesting pseudopseudohypoparathyroidism of my uncle.",
  "Siz bilan suhbat qurish juda yoqimli, rahmat.",
  "Вы были в Самарканде? Там красиво, и мой ассистент тоже там был.",
  "We won 3-0 and our team got 100 fans.",
  "A B C D E F are the first letters of the alphabet.",
  "Мы поставили сто стульев в зале.",
])("%p is an honest answer", (answer) => {
  expect(speaksToGrader(answer)).toBe(false);
});
