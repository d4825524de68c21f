import type { Lexicon } from "./lexicon.ts";
import type { Pronunciation } from "./phones.ts";

/** A word of the reference text that can be said. */
export type SpokenWord = {
  /** As the text writes it: `25`, `Don't`, `Oʻzbekiston`. */
  readonly text: string;
  /** Its place in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** How it is said, in small letters a to z with ' and single blanks alone: `twenty five`. Never empty. */
  readonly said: string;
  /** Likeliest first, at least one. */
  readonly pronunciations: readonly Pronunciation[];
};

export function spokenWords(text: string, lexicon: Lexicon): SpokenWord[] {
  return [...text.matchAll(/\S+/g)].flatMap((match): SpokenWord[] => {
    const said = match[0].toLowerCase().replace(/[^a-z']/g, "");
    if (!/[a-z]/.test(said)) return [];
    const [start, end] = [match.index, match.index + match[0].length];
    return [{ text: match[0], start, end, said, pronunciations: lexicon(said) }];
  });
}
