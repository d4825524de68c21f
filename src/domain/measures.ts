import { kindOf, weightOf } from "./correction_kinds.ts";
import type { Correction } from "./corrections.ts";
import { type Token, tokensOf } from "./words.ts";

/** What can be counted in a text, whatever it says. */
export type TextMeasures = {
  readonly tokens: readonly Token[];
  /** The words that no correction calls wrong. Only they earn anything, so that a wrong word never helps. */
  readonly right: readonly Token[];
  readonly word_count: number;
  readonly distinct_words: number;
  readonly sentence_count: number;
  /** 0 to 1, see `variety`. */
  readonly lexical_variety: number | null;
  /** Different pairs of neighbouring right words, plus one: the length of an answer with its repetitions taken out. */
  readonly substance: number;
  /** Share of different pairs among the pairs of neighbouring words, 0 to 1: writing has over 0.8, filler under 0.3. */
  readonly freshness: number;
  /** Weighted errors per 100 words. */
  readonly errors_per_100: number;
  /** Share of words that the spelling check does not know, 0 to 1. */
  readonly misspelled: number;
};

/** Words in the window of the moving-average type-token ratio. */
export const WINDOW = 50;

/**
 * Moving-average type-token ratio (Covington & McFall 2010): the mean share of different words in every stretch of 50,
 * which unlike the plain ratio does not fall with the length of a text. Learners reach about 0.6 at A2, 0.75 at B2. Of
 * fewer than 50 words the share of different words among 50 is taken, so that a short text cannot look rich. A wrong
 * word (null) takes its place in the window and is no type.
 */
export function variety(words: readonly (string | null)[]): number {
  const inside = new Map<string, number>();
  let [sum, windows] = [0, 0];
  words.forEach((word, i) => {
    if (word !== null) inside.set(word, (inside.get(word) ?? 0) + 1);
    const gone = words[i - WINDOW];
    if (gone !== undefined && gone !== null) {
      const left = (inside.get(gone) ?? 0) - 1;
      if (left > 0) inside.set(gone, left);
      else inside.delete(gone);
    }
    if (i >= WINDOW - 1) {
      sum += inside.size / WINDOW;
      windows++;
    }
  });
  return windows > 0 ? sum / windows : inside.size / WINDOW;
}

const ABBREVIATION = /\b(?:mr|mrs|ms|dr|prof|etc|e\.g|i\.e|[ap]\.m)\.$/i;

const LONGEST_ABBREVIATION = 8;

/** Where sentences end: . ! ? … and line breaks. */
export function sentencesOf(text: string): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  let start = 0;
  for (const { 0: mark, index } of text.matchAll(/(?<![.!?…])[.!?…]+(?=\s|$)|\n+|$/g)) {
    const end = index + mark.length;
    if (mark === "." && ABBREVIATION.test(text.slice(Math.max(start, end - LONGEST_ABBREVIATION), end))) continue;
    if (/[\p{L}\p{N}]/u.test(text.slice(start, end))) found.push({ start, end });
    start = end;
  }
  return found;
}

const pairsOf = (words: readonly string[]) => new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`)).size;

export function measureText(text: string, corrections: readonly Correction[]): TextMeasures {
  const tokens = tokensOf(text);
  const spans = corrections.filter((correction) => ["grammar", "spelling"].includes(kindOf(correction)));
  const isWrong = ({ start, end }: Token) => spans.some((span) => span.start < end && start < span.end);
  const marked = tokens.map((token) => (isWrong(token) ? null : token.key));
  const right = tokens.filter((_, i) => marked[i] !== null);
  // A pair with a wrong word in it is none: the words around it are not neighbours.
  const pairs = marked
    .slice(1)
    .flatMap((word, i) => (word === null || marked[i] === null ? [] : [`${marked[i]} ${word}`]));
  const keys = right.map(({ key }) => key);
  const weight = corrections.reduce((sum, correction) => sum + weightOf(correction), 0);
  const unknown = corrections.filter((correction) => kindOf(correction) === "spelling").length;
  return {
    tokens,
    right,
    word_count: tokens.length,
    distinct_words: new Set(tokens.map(({ key }) => key)).size,
    sentence_count: sentencesOf(text).length,
    lexical_variety: tokens.length === 0 ? null : variety(marked),
    substance: right.length === 0 ? 0 : new Set(pairs).size + 1,
    freshness: keys.length < 2 ? 1 : pairsOf(keys) / (keys.length - 1),
    errors_per_100: (100 * weight) / Math.max(1, tokens.length),
    misspelled: unknown / Math.max(1, tokens.length),
  };
}
