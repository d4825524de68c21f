import type { HeardWord } from "./speech.ts";
import { type Token, tokensOf } from "./words.ts";

/** One compared word of the reference, of what was heard, or of both. */
export type Difference = {
  readonly kind: "same" | "missing" | "added" | "replaced";
  /** As the reference writes it (the compared word where one written word holds several); null for an added word. */
  readonly expected: string | null;
  /** As it was heard or written; null for a missing word. */
  readonly heard: string | null;
  /** The written word's place in the reference text, in UTF-16 code units; null for an added word. */
  readonly start: number | null;
  readonly end: number | null;
  /** Where it was heard, milliseconds from the start of the recording; null where no time is known. */
  readonly start_ms: number | null;
  readonly end_ms: number | null;
};

export type Alignment = {
  /** In the order of the reference, what was added in its place. */
  readonly differences: readonly Difference[];
  readonly same: number;
  readonly missing: number;
  readonly added: number;
  readonly replaced: number;
  /** (replaced + missing + added) / reference words, from 0, above 1 where much was added. */
  readonly word_error_rate: number;
  /** Share of the reference words that were said in order (longest common subsequence), 0 to 1. */
  readonly completeness: number;
  /** 1 - word error rate, not below 0. */
  readonly accuracy: number;
  /** One side had more than MAX_WORDS words: what lies beyond was not compared. */
  readonly truncated: boolean;
};

/** Compared words on each side. 10 minutes of reading are about 1 500; 5 000 on both sides need 25 MB and a second. */
export const MAX_WORDS = 5_000;

type Heard = Token & { readonly start_ms: number | null; readonly end_ms: number | null };

const heardTokens = (heard: string | readonly HeardWord[]): Heard[] =>
  typeof heard === "string"
    ? tokensOf(heard).map((token) => ({ ...token, start_ms: null, end_ms: null }))
    : heard.flatMap(({ text, start_ms, end_ms }) => tokensOf(text).map((token) => ({ ...token, start_ms, end_ms })));

/** How unlike two words are, 0 to 100, by the letters that their beginnings and endings share. */
export function unlikeness(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a.charCodeAt(head) === b.charCodeAt(head)) head++;
  let tail = 0;
  while (tail < shorter - head && a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail)) tail++;
  return 100 - Math.round((200 * (head + tail)) / (a.length + b.length));
}

// Three aims in one number, each outweighing all of the next that 5 000 words can add up to: fewest edits (each counts
// one: the usual word error rate), then fewest replacements (so more words are the same), then the likest ones.
const EDIT = 1e8;
const REPLACE = 1e3;

const SAME = 0;
const REPLACED = 1;
const MISSING = 2;
const ADDED = 3;

/** For each cell the step that leads there cheapest; equal costs prefer same, replaced, missing, added in this order. */
function steps(reference: readonly Token[], heard: readonly Token[]): { step: Uint8Array; common: number } {
  const [n, m] = [reference.length, heard.length];
  const step = new Uint8Array((n + 1) * (m + 1)).fill(ADDED, 1, m + 1);
  let above = Float64Array.from({ length: m + 1 }, (_, j) => j * EDIT);
  let row = new Float64Array(m + 1);
  // The longest common subsequence, beside it: unlike `same` it can only fall when one more word is wrong.
  let commonAbove = new Uint16Array(m + 1);
  let common = new Uint16Array(m + 1);
  for (let i = 1; i <= n; i++) {
    const expected = reference[i - 1]?.key ?? "";
    row[0] = i * EDIT;
    step[i * (m + 1)] = MISSING;
    for (let j = 1; j <= m; j++) {
      const word = heard[j - 1]?.key ?? "";
      const equal = expected === word;
      const [over, left, diagonal] = [above[j] ?? 0, row[j - 1] ?? 0, above[j - 1] ?? 0];
      let best = equal ? diagonal : diagonal + EDIT + REPLACE + unlikeness(expected, word);
      let how = equal ? SAME : REPLACED;
      if (over + EDIT < best) [best, how] = [over + EDIT, MISSING];
      if (left + EDIT < best) [best, how] = [left + EDIT, ADDED];
      row[j] = best;
      step[i * (m + 1) + j] = how;
      common[j] = equal ? (commonAbove[j - 1] ?? 0) + 1 : Math.max(commonAbove[j] ?? 0, common[j - 1] ?? 0);
    }
    [above, row] = [row, above];
    [commonAbove, common] = [common, commonAbove];
  }
  return { step, common: commonAbove[m] ?? 0 };
}

function difference(
  kind: Difference["kind"],
  expected: Token | null,
  heard: Heard | null,
  shared: boolean,
): Difference {
  return {
    kind,
    expected: (shared ? expected?.key : expected?.text) ?? null,
    heard: heard?.text ?? null,
    start: expected?.start ?? null,
    end: expected?.end ?? null,
    start_ms: heard?.start_ms ?? null,
    end_ms: heard?.end_ms ?? null,
  };
}

/** Which of the reference's words were said, by the fewest edits; an empty reference has an error rate of 0 or 1. */
export function align(reference: string, heard: string | readonly HeardWord[]): Alignment {
  const all = { wanted: tokensOf(reference), got: heardTokens(heard) };
  const [wanted, got] = [all.wanted.slice(0, MAX_WORDS), all.got.slice(0, MAX_WORDS)];
  const { step, common } = steps(wanted, got);
  const width = got.length + 1;
  const count = { same: 0, missing: 0, added: 0, replaced: 0 };
  const differences: Difference[] = [];
  // A written word that holds several compared ones is shown by the one that is meant: `she's` by `she` and by `is`.
  const sharing = (i: number) => [wanted[i - 1], wanted[i + 1]].some((other) => other?.start === wanted[i]?.start);
  const note = (kind: Difference["kind"], i: number | null, j: number | null) => {
    count[kind]++;
    const expected = i === null ? null : (wanted[i] ?? null);
    differences.push(difference(kind, expected, j === null ? null : (got[j] ?? null), i !== null && sharing(i)));
  };
  let [i, j] = [wanted.length, got.length];
  while (i > 0 || j > 0) {
    const how = step[i * width + j];
    if (how === MISSING) note("missing", --i, null);
    else if (how === ADDED) note("added", null, --j);
    else note(how === SAME ? "same" : "replaced", --i, --j);
  }
  const edits = count.missing + count.added + count.replaced;
  const rate = wanted.length === 0 ? Math.min(1, edits) : edits / wanted.length;
  return {
    differences: differences.reverse(),
    ...count,
    word_error_rate: rate,
    completeness: wanted.length === 0 ? 1 : common / wanted.length,
    accuracy: Math.max(0, 1 - rate),
    truncated: all.wanted.length > MAX_WORDS || all.got.length > MAX_WORDS,
  };
}
