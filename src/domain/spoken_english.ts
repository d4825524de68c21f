import { DOMAINS } from "./abbreviations.ts";
import { latinised } from "./comparable.ts";
import { isNumber, type Known, type Place, placeWays, plain, type Way } from "./word_ways.ts";
import { SIGNS, tokensOf, writtenWords } from "./words.ts";

// An English text as it is read aloud: its written words, and the ways to say each.

/** A word as it is written, its parts together: `25`, `well-known`, `50%`. */
export type ReadWord = {
  readonly text: string;
  /** Its place in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** The usual one first; never empty. */
  readonly ways: readonly Way[];
  /** As `tokensOf` compares it; none where it compares nothing, as the `and` of a number. */
  readonly keys: readonly string[];
  /** Written in Cyrillic, or with the letters oʻ and gʻ themselves: then it is Uzbek for sure. */
  readonly isUzbek: boolean;
};

type Written = ReturnType<typeof writtenWords>[number];

// More than these only give the aligner more ways to be wrong.
const MOST_WAYS = 6;

// So that no text takes long: a chain of more parts is several words, and of a number of 100 digits these are said.
const MOST_PARTS = 8;
const MOST_SAID = 40;

function belongTogether(text: string, before: Written, behind: Written): boolean {
  const between = text.slice(before.end, behind.start);
  if (between === "" || /^[-\u2010\u2011]$/.test(between)) return true;
  const [left, right] = [before.text, behind.text.toLowerCase()];
  if (between === ".") return (left.length === 1 && right.length === 1) || (DOMAINS.has(right) && !isNumber(left));
  return between === "°" && isNumber(left) && /^[cf]$/.test(right);
}

/** All parts in their usual way, then one of them at a time in another. */
function together(parts: readonly (readonly Way[])[]): Way[] {
  const usual = parts.flatMap((ways) => ways.slice(0, 1));
  const others = parts.flatMap((ways, i) => ways.slice(1).map((way) => usual.with(i, way)));
  return [usual, ...others].slice(0, MOST_WAYS).map((ways) => {
    const words = ways.flatMap((way) => way.words);
    const said = ways.map((way) => way.said).join(" ");
    if (words.length <= MOST_SAID) return { said, words };
    return { said: said.split(" ").slice(0, MOST_SAID).join(" "), words: words.slice(0, MOST_SAID) };
  });
}

const isCapital = ({ text }: Written) => /^(\p{Lu}{2,}|[IA])$/u.test(text);

/** For each word whether it is one of three or more in capitals one after the other, or all of the text is. */
function shouts(written: readonly Written[]): boolean[] {
  const found = written.map(() => false);
  let run = 0;
  written.forEach((word, i) => {
    run = isCapital(word) ? run + 1 : 0;
    if (run >= Math.min(3, Math.max(2, written.length))) found.fill(true, i + 1 - Math.min(run, 3), i + 1);
  });
  return found;
}

function groupsOf(text: string): { written: Written; place: Place }[][] {
  const all = writtenWords(text).filter(({ text }) => plain(text) !== "" || isNumber(text) || text in SIGNS);
  const shouted = shouts(all);
  const groups: { written: Written; place: Place }[][] = [];
  all.forEach((written, i) => {
    const [before, behind] = [all[i - 1], all[i + 1]];
    const group = groups.at(-1);
    const isJoined = before !== undefined && belongTogether(text, before, written);
    const place: Place = {
      text: written.text,
      before: before?.text ?? "",
      behind: behind?.text ?? "",
      charBefore: text.charAt(written.start - 1),
      charBehind: text.charAt(written.end),
      isJoined,
      isShouted: shouted[i] ?? false,
    };
    if (isJoined && group && group.length < MOST_PARTS) group.push({ written, place });
    else groups.push([{ written, place }]);
  });
  return groups;
}

/** The words of a text that can be said, in order; Uzbek in Cyrillic as in Latin letters. */
export function readWords(original: string, known: Known): ReadWord[] {
  const { text, starts, ends } = latinised(original);
  const tokens = tokensOf(text);
  let next = 0;
  return groupsOf(text).flatMap((group): ReadWord[] => {
    const [from, to] = [group[0]?.written.start ?? 0, group.at(-1)?.written.end ?? 0];
    const keys: string[] = [];
    for (let token = tokens[next]; token && token.start < to; token = tokens[++next]) {
      // What cannot be said may be compared all the same.
      if (token.start >= from) keys.push(token.key);
    }
    const [start, end] = [starts[from] ?? 0, ends[to - 1] ?? original.length];
    const own = original.slice(start, end);
    const isUzbek = /\p{Script=Cyrillic}|[og]ʻ/iu.test(own);
    const ways = together(group.map(({ place }) => placeWays(place, known)));
    return ways.some(({ words }) => words.length > 0) ? [{ text: own, start, end, ways, keys, isUzbek }] : [];
  });
}
