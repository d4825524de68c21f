import { align, type Difference, unlikeness } from "./alignment.ts";
import type { Comparable } from "./comparable.ts";
import { copiedShare } from "./task.ts";
import type { Token } from "./words.ts";

/** One word of the reference, of the answer, or of both. Places count UTF-16 code units from the text's start. */
type AnswerDifference = Omit<Difference, "start_ms" | "end_ms"> & {
  /** The written word's place in the answer; null for a missing word. */
  readonly heard_start: number | null;
  readonly heard_end: number | null;
};

/** An answer beside the text that it should be like. */
export type Comparison = {
  /** 0 to 100, one decimal: 200 × shared words ÷ words of both; a word of more than half the same letters is shared in part. */
  readonly similarity: number;
  /** (replaced + missing + added) / reference words, from 0, above 1 where much was added. */
  readonly word_error_rate: number;
  /** Share of the reference words that were written in order, 0 to 1. */
  readonly completeness: number;
  /** Share of the answer's words that stand in runs of 4 words which the reference has too, 0 to 1. */
  readonly copied_share: number;
  readonly missing_words: readonly string[];
  readonly extra_words: readonly string[];
  readonly replaced: readonly { readonly expected: string; readonly heard: string }[];
  readonly differences: readonly AnswerDifference[];
};

/** Below this two words share letters by chance. */
const LIKE = 0.5;

const likeness = (a: string, b: string) => {
  const share = 1 - unlikeness(a, b) / 100;
  return share > LIKE ? share : 0;
};

type Pair = { readonly kind: Difference["kind"]; readonly expected: Token | null; readonly heard: Token | null };

/** A written word that holds several compared ones is named once. */
const written = (tokens: readonly (Token | null)[]): string[] =>
  tokens
    .filter((token) => token !== null)
    .flatMap(({ text, start }, i, all) => (all[i - 1]?.start === start ? [] : [text]));

/** What is shown for one compared word: `she's` is `she` and `is`, while 25 stays 25. */
const shown = ({ text, key }: Token, spelled: string | null) => (spelled === key && /\p{L}/u.test(text) ? key : text);

export function compare(reference: Comparable, answer: Comparable): Comparison {
  const aligned = align(reference.text, answer.text);
  let [i, j] = [0, 0];
  const pairs: Pair[] = aligned.differences.map(({ kind }) => ({
    kind,
    expected: kind === "added" ? null : (reference.tokens[i++] ?? null),
    heard: kind === "missing" ? null : (answer.tokens[j++] ?? null),
  }));
  const differences = pairs.map(
    ({ kind, expected, heard }, at): AnswerDifference => ({
      kind,
      expected: expected && shown(expected, aligned.differences[at]?.expected ?? null),
      heard: heard?.text ?? null,
      start: expected?.start ?? null,
      end: expected?.end ?? null,
      heard_start: heard?.start ?? null,
      heard_end: heard?.end ?? null,
    }),
  );
  const of = (kind: Pair["kind"]) => pairs.filter((pair) => pair.kind === kind);
  const alike = of("replaced").reduce(
    (sum, { expected, heard }) => sum + likeness(expected?.key ?? "", heard?.key ?? ""),
    0,
  );
  const replaced = differences.filter(({ kind }) => kind === "replaced");
  return {
    similarity: Math.round((2000 * (aligned.same + alike)) / Math.max(1, i + j)) / 10,
    word_error_rate: aligned.word_error_rate,
    completeness: aligned.completeness,
    copied_share: copiedShare(answer.text, reference.text),
    missing_words: written(of("missing").map(({ expected }) => expected)),
    extra_words: written(of("added").map(({ heard }) => heard)),
    replaced: replaced.map(({ expected, heard }) => ({ expected: expected ?? "", heard: heard ?? "" })),
    differences,
  };
}
