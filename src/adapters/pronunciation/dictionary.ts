import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { distinct, type Pronunciation, phonesOf } from "./phones.ts";

/** How CMUdict says a word in small letters, likeliest first; empty where it has not got it. */
export type Dictionary = (word: string) => readonly Pronunciation[];

// More variants than this only give the aligner more ways to be wrong.
const VARIANTS = 4;

// A line is `  "word": "W ER1 D",`, with `word(2)` for a second way to say it.
const BEFORE_WORD = '\n  "';
// Lines are in order by the first letters; behind these a few are not.
const ORDERED = 3;

const HEAD = /^[^"(]*/;
const SPELLED = /^[a-z'.-]{1,40}$/;

/**
 * Looks words up in the text of the npm package cmu-pronouncing-dictionary: 5 MB of memory, where the object it exports takes
 * 40 MB and 0.3 s.
 */
export function openDictionary(file = fileURLToPath(import.meta.resolve("cmu-pronouncing-dictionary"))): Dictionary {
  const text = readFileSync(file, "latin1");
  if (!text.includes(`${BEFORE_WORD}zebra": "Z IY1`))
    throw new Error(`${file} is not the dictionary that was looked at`);
  const [first, last] = [text.indexOf(BEFORE_WORD), text.lastIndexOf(BEFORE_WORD)];
  const end = text.lastIndexOf("\n}");

  const lineAround = (place: number) => text.lastIndexOf(BEFORE_WORD, place);
  const headOf = (line: number) => HEAD.exec(text.substr(line + BEFORE_WORD.length, ORDERED))?.[0] ?? "";

  /** Where the first line lies whose head passes; all lines behind it must pass too. */
  const firstLine = (passes: (head: string) => boolean): number => {
    let [low, high] = [first, end];
    while (low < high) {
      const line = lineAround((low + high) >> 1);
      if (passes(headOf(line))) high = line;
      else low = line < last ? text.indexOf(BEFORE_WORD, line + 1) : end;
    }
    return low;
  };

  const said = (entry: string, lines: string): Pronunciation[] => {
    const sought = `${BEFORE_WORD}${entry}": "`;
    const at = lines.indexOf(sought);
    if (at < 0) return [];
    const phones = lines.slice(at + sought.length, lines.indexOf('"', at + sought.length));
    // Behind # stands what kind of name it is.
    return [phonesOf(phones.replace(/ #.*/, ""))];
  };
  return (word) => {
    if (!SPELLED.test(word)) return [];
    const head = word.slice(0, ORDERED);
    const lines = text.slice(
      firstLine((other) => other >= head),
      firstLine((other) => other > head),
    );
    const found = Array.from({ length: VARIANTS }, (_, i) => said(i === 0 ? word : `${word}(${i + 1})`, lines)).flat();
    // Variants that differ in stress alone are one here.
    return distinct(found);
  };
}
