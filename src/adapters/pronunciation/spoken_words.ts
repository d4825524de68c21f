import { type ReadWord, readWords } from "../../domain/spoken_english.ts";
import type { Lexicon } from "./lexicon.ts";
import { distinct, type Pronunciation } from "./phones.ts";

/** A word of the reference text that can be said. */
export type SpokenWord = {
  /** As the text writes it: `25`, `Don't`, `Oʻzbekiston`. */
  readonly text: string;
  /** Its place in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** As a transcript writes it: letters of either case, ' and single blanks alone: `twenty five`. Never empty. */
  readonly said: string;
  /** Likeliest first, at least one. */
  readonly pronunciations: readonly Pronunciation[];
  /** What of a transcript is compared with it, in order: the keys of `tokensOf`; seldom none. */
  readonly keys: readonly string[];
};

// A number has more ways to be said than a word; more than this only give the aligner more ways to be wrong.
const MOST_WAYS = 8;

/** All words in their likeliest way, then one of them at a time in another. */
function joined(words: readonly (readonly Pronunciation[])[]): Pronunciation[] {
  if (words.some((ways) => ways.length === 0)) return [];
  const usual = words.map((ways) => ways[0] ?? []);
  const others = words.flatMap((ways, i) => ways.slice(1).map((way) => usual.with(i, way)));
  return [usual, ...others].map((ways) => ways.flat());
}

function pronunciationsOf({ ways, isUzbek }: ReadWord, lexicon: Lexicon): Pronunciation[] {
  const all = ways.map(({ words }) => joined(words.map((word) => lexicon.ways(word, isUzbek ? "uz" : "en"))));
  // Each way to read it has its turn before any has a second one.
  const turns = Array.from({ length: Math.max(...all.map((own) => own.length)) }, (_, turn) =>
    all.flatMap((own) => own.slice(turn, turn + 1)),
  );
  return distinct(turns.flat()).slice(0, MOST_WAYS);
}

/** The words of an English text, with Uzbek names and numbers in it; what cannot be said is left out. Takes time by length. */
export function spokenWords(text: string, lexicon: Lexicon): SpokenWord[] {
  return readWords(text, lexicon.has).flatMap((word): SpokenWord[] => {
    const { text, start, end, keys } = word;
    const pronunciations = pronunciationsOf(word, lexicon);
    const said = word.ways[0]?.said ?? "";
    return pronunciations.length > 0 && said ? [{ text, start, end, said, pronunciations, keys }] : [];
  });
}
