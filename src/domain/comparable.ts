import { uzbekLatin } from "./uzbek.ts";
import { type Token, tokensOf } from "./words.ts";

/** A text as it is compared, whose words know their places in the text as it was written. */
export type Comparable = {
  readonly written: string;
  /** What is compared; Uzbek in Latin letters, whichever it was written in. */
  readonly text: string;
  /** The words of `text`, with the spelling and the places of `written`. */
  readonly tokens: readonly Token[];
};

const CYRILLIC_WORD = /\p{Script=Cyrillic}+/gu;

/** The text in Latin letters, and for each place in it where the word around it began and ended before. */
export function latinised(written: string): { text: string; starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  let text = "";
  let done = 0;
  const keep = (until: number) => {
    for (let at = done; at < until; at++) {
      starts.push(at);
      ends.push(at + 1);
    }
    text += written.slice(done, until);
    done = until;
  };
  for (const { 0: word, index } of written.matchAll(CYRILLIC_WORD)) {
    keep(index);
    const latin = uzbekLatin(word);
    done = index + word.length;
    for (let i = 0; i < latin.length; i++) {
      starts.push(index);
      ends.push(done);
    }
    text += latin;
  }
  keep(written.length);
  return { text, starts, ends };
}

/** Only Uzbek is written in two alphabets; a text of another language is compared as it is. */
export function comparable(written: string, language: string): Comparable {
  if (language !== "uz") return { written, text: written, tokens: tokensOf(written) };
  const { text, starts, ends } = latinised(written);
  const tokens = tokensOf(text).map(({ key, ...latin }) => {
    const [start, end] = [starts[latin.start] ?? 0, ends[latin.end - 1] ?? written.length];
    return { key, start, end, text: written.slice(start, end) };
  });
  return { written, text, tokens };
}
