import { sentencesOf } from "./measures.ts";
import { LEVELS, type Level } from "./users.ts";
import type { Token } from "./words.ts";

type ProfiledWord = {
  /** As it is compared: in small letters. */
  readonly word: string;
  /** Null where the list of levels does not have it. */
  readonly level: Level | null;
  /** How often it was written. */
  readonly count: number;
};

/** At which levels the different words of an English text are learnt. */
export type Vocabulary = {
  /** How many different words are of each level. */
  readonly levels: Readonly<Record<Level | "unknown", number>>;
  /** The easiest level that, with those below it, holds 95 of 100 different words; null where fewer than 20 are known. */
  readonly level: Level | null;
  /** From B2 on, in the order of the text. */
  readonly advanced_words: readonly string[];
  /** Each once, in the order of the text, without names and numbers. */
  readonly words: readonly ProfiledWord[];
};

const ENOUGH_WORDS = 20;
const COVERED = 0.95;

const rank = (level: Level | null): number => (level === null ? LEVELS.length : LEVELS.indexOf(level));
const ADVANCED = rank("B2");

/** A capital inside a sentence, of a word that is rare or in no list: a name, which says nothing of a vocabulary. */
const isName = ({ text, key }: Token, opens: boolean, level: Level | null) =>
  !opens && /^\p{Lu}/u.test(text) && key !== "i" && rank(level) > ADVANCED;

const isWord = ({ text, key }: Token) => /^\p{L}/u.test(text) && (key.length > 1 || key === "i" || key === "a");

function estimate(counts: Vocabulary["levels"], known: number): Level | null {
  if (known < ENOUGH_WORDS) return null;
  let sum = 0;
  return (
    LEVELS.find((level) => {
      sum += counts[level];
      return sum >= COVERED * known;
    }) ?? null
  );
}

/** The profile of these words of a text, which are right ones: what is misspelled is of no level. */
export function vocabularyOf(
  text: string,
  tokens: readonly Token[],
  levelOf: (word: string) => Level | null,
): Vocabulary {
  const openings = new Set(sentencesOf(text).map(({ start }) => tokens.find((token) => token.start >= start)?.start));
  const words = new Map<string, ProfiledWord>();
  for (const token of tokens.filter(isWord)) {
    const level = levelOf(token.key);
    if (isName(token, openings.has(token.start), level)) continue;
    const before = words.get(token.key)?.count ?? 0;
    words.set(token.key, { word: token.key, level, count: before + 1 });
  }
  const profiled = [...words.values()];
  const levels = { A1: 0, A2: 0, B1: 0, B2: 0, C1: 0, C2: 0, unknown: 0 };
  for (const { level } of profiled) levels[level ?? "unknown"]++;
  return {
    levels,
    level: estimate(levels, profiled.length - levels.unknown),
    advanced_words: profiled.filter(({ level }) => level !== null && rank(level) >= ADVANCED).map(({ word }) => word),
    words: profiled,
  };
}
