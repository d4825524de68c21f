import { ABBREVIATIONS, BEFORE_DOT, DOMAINS, EMPHASISED, isSize, MONTHS, SPELT_OUT, unitOf } from "./abbreviations.ts";
import { dayWays, numberWays, romanValue, sumWays } from "./number_ways.ts";
import { fold, foldApostrophes, MONEY, SIGNS } from "./words.ts";

// The ways to read one word, number or sign of an English text where it stands.

/** One way to say a written word. */
export type Way = {
  /** As a transcript writes what is said: letters a to z of either case, ' and single blanks. `twenty five`, `BBC`, `Don't`. */
  readonly said: string;
  /** The words to look up, in small letters with '. Of a letter that is said by its name, a dot: `b.`, `b.'s`. */
  readonly words: readonly string[];
};

/** A word, number or sign as it is written, with what stands around it. */
export type Place = {
  readonly text: string;
  /** The words before and behind it; empty at the ends. */
  readonly before: string;
  readonly behind: string;
  /** The characters before and behind it. */
  readonly charBefore: string;
  readonly charBehind: string;
  /** Written together with the one before: 19 of COVID-19. */
  readonly isJoined: boolean;
  /** One of several words in capitals. */
  readonly isShouted: boolean;
};

/** Whether a dictionary has a word, in small letters with '. */
export type Known = (word: string) => boolean;

const OTHER_LATIN: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ı: "i", ə: "a", þ: "th", ð: "th" },
};

/** In letters a to z with ', nothing else: Café is cafe, 日本 is nothing. */
export const plain = (text: string): string => {
  const small = fold(text).replace(/[ßæœøłđıəþð]/g, (letter) => OTHER_LATIN[letter] ?? "");
  return small.replace(/[^a-z']/g, "").replace(/^'+|'+$/g, "");
};

export const isNumber = (text: string): boolean => /^[$£€]?\d/.test(text);

const isApostrophe = (char: string) => foldApostrophes(char) === "'";

const wayOf = (said: string): Way => ({ said, words: said.toLowerCase().split(" ") });

/** With the capitals that the text has: WhatsApp, O'zbekiston. A text in capitals has none that mean anything. */
function inItsCase(text: string, word: string): string {
  if (word.length > 1 && text === text.toUpperCase()) return word;
  const bare = foldApostrophes(text)
    .normalize("NFD")
    .replace(/[^A-Za-z']/g, "");
  if (bare.toLowerCase() === word) return bare;
  return /^\p{Lu}/u.test(text) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

/** Letters by their names; `s` behind them is no letter: CDs, BBC's. */
function byLetter(word: string, ending = ""): Way {
  const names = [...word].map((letter) => `${letter}.`);
  const last = names.pop() ?? "";
  return { said: `${word.toUpperCase()}${ending}`, words: [...names, ending ? `${last}'s` : last] };
}

function numberPlaceWays({ text, before, behind, charBefore, charBehind, isJoined }: Place): Way[] {
  const sign = MONEY[text.charAt(0)] ? text.charAt(0) : MONEY[charBehind] ? charBehind : "";
  const amount = text.replace(/^[$£€]/, "");
  const ways = sign && !isSize(behind.toLowerCase()) ? sumWays(sign, amount) : numberWays(amount);
  const isDay = [before, behind].some((other) => MONTHS.has(other.toLowerCase()));
  const days = isDay && /^([1-9]|[12]\d|3[01])$/.test(amount) ? dayWays(Number(amount)) : [];
  const degrees = charBehind === "°" ? " degrees" : "";
  const all = [...ways.slice(0, 1), ...days, ...ways.slice(1)].map((way) => `${way}${degrees}`);
  const [first = ""] = all;
  if (/[#№]/.test(charBefore)) return [`number ${first}`, ...all].map(wayOf);
  if (/[-\u2212]/.test(charBefore) && !isJoined) return [`minus ${first}`, `negative ${first}`, ...all].map(wayOf);
  if (charBefore === "-" && isNumber(before)) return [first, `to ${first}`, ...all.slice(1)].map(wayOf);
  return all.map(wayOf);
}

/** Capitals that are no shouting: BBC, NATO, TVs, Louis XIV. */
function capitalWays({ text, isShouted }: Place, known: Known): Way[] {
  const [, word = "", ending = ""] = /^(\p{Lu}{2,6})(['’ʼ]?s)?$/u.exec(text) ?? [];
  const small = plain(word);
  if (small.length < 2) return [];
  const weighed = isShouted || EMPHASISED.has(small);
  const asWord: Way = { said: (weighed ? small : small.toUpperCase()) + ending.slice(-1), words: [plain(text)] };
  if (weighed && known(small)) return [asWord];
  const spelt = byLetter(small, ending.slice(-1));
  const value = romanValue(word);
  const asNumber = value > 1 ? [...numberWays(String(value)).slice(0, 1), ...dayWays(value).slice(1)].map(wayOf) : [];
  if (asNumber.length > 0) return [...asNumber, known(small) ? asWord : spelt];
  if (known(small)) return SPELT_OUT.has(small) ? [spelt, asWord] : small.length > 4 ? [asWord] : [asWord, spelt];
  if (!/[aeiouy]/.test(small)) return [spelt];
  return small.length > 4 ? [asWord, spelt] : [spelt, asWord];
}

/** iPhone, ChatGPT: a capital inside a word begins another one. */
function innerWords(text: string, known: Known): Way[] {
  const parts = text.split(/(?<=\p{Ll})(?=\p{Lu})/u);
  const words = parts.flatMap((part) => {
    const own = plain(part);
    return own.length === 1 || (/^\p{Lu}{2,4}$/u.test(part) && !known(own)) ? byLetter(own).words : [own];
  });
  const isWhole = parts.length > 1 && words.every((word) => word.length > 1);
  return isWhole ? [{ said: inItsCase(text, plain(text)), words }] : [];
}

/** `No.` may be number and mostly is no; `Dr` is never a drive. */
function shortWays({ text, before, behind, charBehind }: Place, known: Known): Way[] {
  const word = plain(text);
  const unit = unitOf(text, before);
  if (unit !== undefined) return [wayOf(unit)];
  // The sign stands before the number, and is said behind its size.
  const money = isSize(word) ? MONEY[before.charAt(0)] : undefined;
  if (money) return [wayOf(`${word} ${money}s`)];
  const asWritten = { said: inItsCase(text, word), words: [word] };
  const long = (ABBREVIATIONS[word] ?? []).map((full) =>
    full.includes(" ") ? wayOf(full) : { ...asWritten, words: [full] },
  );
  const dotted = charBehind === "." || isNumber(behind) ? BEFORE_DOT[word] : undefined;
  if (dotted === undefined) return long;
  return [...(known(word) ? [asWritten] : []), { said: inItsCase(text, dotted), words: [dotted] }];
}

/** 'cause, 'em, goin': cut off where an apostrophe is. */
function cutWays({ text, charBefore, charBehind }: Place, known: Known): Way[] {
  const word = plain(text);
  const asWritten = { said: inItsCase(text, word), words: [word] };
  // It may be a quotation mark as well.
  if (isApostrophe(charBefore) && known(`'${word}`)) return [{ ...asWritten, words: [`'${word}`] }, asWritten];
  if (isApostrophe(charBehind) && /.in$/.test(word) && known(`${word}g`))
    return [{ ...asWritten, words: [`${word}'`] }];
  return [];
}

function wordPlaceWays(place: Place, known: Known): Way[] {
  const { text, before, charBefore, behind, isJoined } = place;
  const word = plain(text);
  const asWritten = { said: inItsCase(text, word), words: [word] };
  if (text.includes(".")) return [...(ABBREVIATIONS[fold(text)] ?? []).map(wayOf), byLetter(word)];
  if (charBefore === "°" && /^[cf]$/.test(word)) return [wayOf(word === "c" ? "celsius" : "fahrenheit")];
  for (const found of [shortWays(place, known), cutWays(place, known), capitalWays(place, known)]) {
    if (found.length > 0) return found;
  }
  if (isJoined && charBefore === "." && DOMAINS.has(word)) return [wayOf(`dot ${word}`)];
  if (/^\p{Lu}$/u.test(text)) {
    const amongLetters = [before, behind].some((other) => /^[B-HJ-Z]$/.test(other));
    return /[AI]/.test(text) ? (amongLetters ? [byLetter(word), asWritten] : [asWritten]) : [byLetter(word)];
  }
  if (isNumber(before) && /^[ap]m$/.test(word)) return [byLetter(word), asWritten];
  if (known(word)) return [asWritten];
  const inner = innerWords(text, known);
  if (inner.length > 0) return inner;
  return /^[^aeiouy']{2,5}$/.test(word) ? [byLetter(word), asWritten] : [asWritten];
}

/** The ways to read what is written there, the usual one first; empty where it cannot be read. */
export function placeWays(place: Place, known: Known): Way[] {
  const sign = SIGNS[place.text];
  if (sign !== undefined) return (place.text === "+" ? [sign, "and"] : [sign]).map(wayOf);
  if (isNumber(place.text)) return numberPlaceWays(place);
  return plain(place.text) === "" ? [] : wordPlaceWays(place, known);
}
