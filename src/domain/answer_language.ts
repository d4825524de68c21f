import { type GuessedLanguage, isOffLanguage, languageSigns } from "./language.ts";
import { uzbekLatin } from "./uzbek.ts";

/** What a text can be told to be written in. */
export type ToldLanguage = Exclude<GuessedLanguage, "unknown">;

// Uzbek in Cyrillic has neither letter.
const RUSSIAN_LETTERS = /[ыщ]/i;
const UZBEK_SHARE = 0.3;
const ENOUGH_WORDS = 3;

/** The language a text seems to be in, Uzbek in either alphabet; null where too little speaks for any. */
export function guessLanguage(text: string): ToldLanguage | null {
  const { guess, words } = languageSigns(text);
  if (guess === "unknown") return null;
  if (guess !== "ru" || RUSSIAN_LETTERS.test(text)) return guess;
  // Words without ў, қ, ғ and ҳ could be of both languages, until they are read in Latin letters.
  const latin = languageSigns(uzbekLatin(text));
  if (latin.uzbek >= UZBEK_SHARE && latin.uzbek > latin.english) return "uz";
  return words < ENOUGH_WORDS ? null : "ru";
}

/** The language that an answer should be in: the one that is asked for, else the reference's, else its own, else English. */
export const languageAsked = (answer: string, reference: string | null, asked: string | null): string =>
  asked ?? (reference === null ? null : guessLanguage(reference)) ?? guessLanguage(answer) ?? "en";

/** As `isOffLanguage`, with Uzbek in either alphabet. */
export function isInAnother(answer: string, language: string, misspelled: number): boolean {
  if (!isOffLanguage(answer, language, misspelled)) return false;
  return language !== "uz" || !["uz", null].includes(guessLanguage(answer));
}
