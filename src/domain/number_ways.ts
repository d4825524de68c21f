import { isSize } from "./abbreviations.ts";
import { cardinal, digitByDigit, numberWords, ordinal } from "./numbers.ts";
import { MONEY } from "./words.ts";

// People read the same number in several ways; all of them are right.

type Words = readonly string[];

const said = (...words: readonly (string | Words)[]): string => words.flat().join(" ");

/** With the `and` that is said before the last two digits, if there is a place for one: one hundred and five. */
function withAnd(words: Words): string[] {
  const at = words.findLastIndex(isSize) + 1;
  const below = words.slice(at);
  return at === 0 || below.length === 0 || below.length > 2 ? [] : [said(words.slice(0, at), "and", below)];
}

/** a hundred for one hundred, oh for zero. */
const loosely = (words: Words): string[] => [
  ...(words[0] === "one" && isSize(words[1] ?? "") ? [said("a", words.slice(1))] : []),
  ...(words.includes("zero") ? [said(words.map((word) => (word === "zero" ? "oh" : word)))] : []),
];

function wholeWays(digits: string, usual: Words): string[] {
  const n = Number(digits);
  const short = digits.length <= 12 && !/^0./.test(digits);
  const exact = short ? cardinal(n) : [];
  const isYear = digits.length === 4 && n >= 1100 && n < 2100;
  return [
    said(usual),
    ...(short ? withAnd(exact) : []),
    ...loosely(usual),
    ...(isYear ? [said(exact)] : []),
    // 2005 as twenty oh five.
    ...(isYear && n >= 2001 && n < 2010 ? [said("twenty", "oh", cardinal(n % 100))] : []),
    // Numbers of rooms, buses and telephones.
    ...(digits.length > 2 ? [said(digitByDigit(digits)), ...loosely(digitByDigit(digits))] : []),
  ];
}

const HOURS = 12;
const PARTS: Readonly<Record<number, string>> = { 15: "quarter", 30: "half", 45: "quarter" };

function timeWays(hour: number, minute: number): string[] {
  const onClock = (h: number) => cardinal(h % HOURS === 0 ? HOURS : h % HOURS);
  if (minute === 0) return [said(onClock(hour), "o'clock"), said(onClock(hour)), said(cardinal(hour), "hundred")];
  const minutes = minute < 10 ? ["oh", ...cardinal(minute)] : cardinal(minute);
  const part = PARTS[minute];
  const hence = [minute <= 30 ? "past" : "to", ...onClock(minute <= 30 ? hour : hour + 1)];
  return [
    said(cardinal(hour), minutes),
    ...(part ? [said(part, hence), said("a", part, hence)] : []),
    ...(hour > HOURS ? [said(onClock(hour), minutes)] : []),
    said(cardinal(minute <= 30 ? minute : 60 - minute), hence),
  ];
}

/**
 * The ways to say a number (`25`, `1998`, `10,000`, `3.5`, `10:30`, `3rd`, `1990s`), the usual one first; empty where it is no
 * number. `1998` is nineteen ninety eight, one thousand nine hundred and ninety eight and more.
 */
export function numberWays(written: string): string[] {
  const usual = numberWords(written);
  if (!usual) return [];
  const [, whole = "", mark = "", tail = "", suffix = ""] = NUMBER.exec(written) ?? [];
  const digits = whole.replace(/\D/g, "");
  const n = Number(digits);
  const times = tail.length === 2 && n <= 24 && Number(tail) < 60 ? timeWays(n, Number(tail)) : [];
  if (mark === ":") return unique([said(usual), ...times]);
  if (mark === ".") {
    const bare = digits === "0" ? [said(usual.slice(1))] : [];
    // 10.30 is a time as often as not.
    return unique([said(usual), ...loosely(usual), ...bare, ...times]);
  }
  if (!suffix) return unique(wholeWays(digits, usual));
  const ands = suffix.toLowerCase() === "s" ? [] : withAnd(cardinal(n));
  return unique([said(usual), ...ands.map((way) => way.replace(/\w+$/, ordinal))]);
}

const NUMBER = /^([\d\s,]*)(?:([.:])(\d+))?(\D*)$/;

const unique = (ways: readonly string[]): string[] => [...new Set(ways)];

/** How a day of a month is read too: `5 May` as the fifth of May, `May 5` as May fifth. */
export const dayWays = (day: number): string[] => {
  const words = cardinal(day);
  const last = [...words.slice(0, -1), ordinal(words.at(-1) ?? "")];
  return [said(last), said("the", last)];
};

/** The hundredth part of a sum: one, more. */
const COINS: Readonly<Record<string, readonly [string, string]>> = { "£": ["penny", "pence"] };

/** The ways to say a sum of money: `$5.50` is five dollars and fifty cents, five dollars fifty, five fifty. */
export function sumWays(sign: string, amount: string): string[] {
  const one = MONEY[sign] ?? "";
  const [cent, cents] = COINS[sign] ?? ["cent", "cents"];
  const [, whole = "", mark = "", tail = ""] = NUMBER.exec(amount) ?? [];
  const n = Number(whole.replace(/\D/g, ""));
  if (mark !== "." || tail.length !== 2) {
    return numberWays(amount).flatMap((way) =>
      mark === "" && n === 1 ? [`${way} ${one}`, `a ${one}`] : [`${way} ${one}s`],
    );
  }
  const [coins, coin] = [cardinal(Number(tail)), Number(tail) === 1 ? cent : cents];
  if (n === 0) return [said(coins, coin)];
  const wholes = said(numberWords(whole) ?? [], n === 1 ? one : `${one}s`);
  if (Number(tail) === 0) return [wholes];
  return [
    said(wholes, "and", coins, coin),
    said(wholes, coins, coin),
    said(wholes, coins),
    said(numberWords(whole) ?? [], coins),
  ];
}

const ROMAN = /^(?=[IVX])X{0,2}(IX|IV|V?I{0,3})$/;
const DIGITS: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10 };

/** I to XXIX; 0 where it is no such numeral. */
export function romanValue(numeral: string): number {
  if (!ROMAN.test(numeral)) return 0;
  const values = [...numeral].map((letter) => DIGITS[letter] ?? 0);
  return values.reduce((sum, value, i) => sum + (value < (values[i + 1] ?? 0) ? -value : value), 0);
}
