import { spokenCorrections } from "./correction_kinds.ts";
import type { Correction } from "./corrections.ts";
import { explain } from "./explanations.ts";
import { type Token, tokensOf } from "./words.ts";

/** What a language model says of a mistake; nothing of it is to be believed yet. */
export type ModelCorrection = {
  readonly original: string;
  readonly corrected: string;
  readonly explanation: string;
};

/** What a learner is told about a mistake in what they said. */
export type TutorCorrection = {
  /** As it stands in the text. */
  readonly original: string;
  /** An empty text means: leave it out. */
  readonly corrected: string;
  /** In Uzbek where the rules say it, plain text of at most 300 characters. */
  readonly explanation: string;
  readonly source: "rules" | "model";
};

type Placed = TutorCorrection & { readonly start: number; readonly end: number };

const MOST = 10;
const LONGEST_EXPLANATION = 300;
/** A mistake is some words long, and so is what mends it. */
const LONGEST_ORIGINAL = 200;
const ROOM_TO_GROW = 40;

const MARKUP = /<[^>]*>|https?:\/\/\S+|[*_`#<>[\]|~]|[\p{Cc}\p{Cf}]/gu;

/** More is not looked at. */
const LONGEST_LOOKED_AT = 2_000;

const plain = (text: string) =>
  text.slice(0, LONGEST_LOOKED_AT).replace(/\s+/g, " ").replace(MARKUP, "").replace(/ {2,}/g, " ").trim();

function shortened(text: string): string {
  if (text.length <= LONGEST_EXPLANATION) return text;
  const cut = text.slice(0, LONGEST_EXPLANATION - 1);
  return `${cut.slice(0, cut.lastIndexOf(" ") + 1 || cut.length).trim()}…`;
}

const sameKeys = (a: readonly Token[], b: readonly Token[]) =>
  a.length === b.length && a.every(({ key }, i) => key === b[i]?.key);

/** Each place where these words stand in the text as whole written words: `is` is not in `it's`. */
function placesOf(words: readonly Token[], text: readonly Token[]): { start: number; end: number }[] {
  return text.flatMap(({ start }, i) => {
    const run = text.slice(i, i + words.length);
    const [last, next] = [run.at(-1), text[i + words.length]];
    const whole = text[i - 1]?.start !== start && last?.start !== next?.start;
    return last && whole && sameKeys(run, words) ? [{ start, end: last.end }] : [];
  });
}

type Span = { readonly start: number; readonly end: number };

const overlap = (a: Span, b: Span) => a.start < b.end && b.start < a.end;

function byRules(harper: readonly Correction[]): Placed[] {
  return spokenCorrections(harper).flatMap((correction) => {
    const [corrected] = correction.replacements;
    const { start, end, original } = correction;
    if (corrected === undefined) return [];
    return [{ start, end, original, corrected, explanation: shortened(explain(correction)), source: "rules" }];
  });
}

/** The model's, where its original is really in the text and what it would write instead is another text of its size. */
function byModel(text: string, words: readonly Token[], found: readonly ModelCorrection[]): Placed[] {
  const placed: Placed[] = [];
  for (const { original, corrected: raw, explanation } of found) {
    const corrected = plain(raw);
    const wrong = tokensOf(original);
    const mended = tokensOf(corrected);
    if (wrong.length === 0 || mended.length === 0 || sameKeys(wrong, mended)) continue;
    if (original.length > LONGEST_ORIGINAL || corrected.length > 2 * original.length + ROOM_TO_GROW) continue;
    const at = placesOf(wrong, words).find((place) => !placed.some((other) => overlap(place, other)));
    if (!at) continue;
    const shown = text.slice(at.start, at.end);
    const why = shortened(plain(explanation)) || `“${shown}” emas, “${corrected}”.`;
    placed.push({ ...at, original: shown, corrected, explanation: why, source: "model" });
  }
  return placed;
}

/** The words that a span touches, so that spaces and points at its ends make no difference. */
const wordsAt = (words: readonly Token[], span: Span) =>
  words.filter((word) => overlap(word, span)).map(({ start }) => start);

/**
 * What a learner is told about a spoken text, in its order, at most 10: what the rules found, spelling and punctuation
 * left out (the recogniser wrote them), and of a model's corrections those that can be true. Where both are about the
 * very same words the model's is shown, where they only overlap the rules'.
 */
export function checkedCorrections(
  text: string,
  harper: readonly Correction[],
  model: readonly ModelCorrection[],
): TutorCorrection[] {
  const words = tokensOf(text);
  const said = byModel(text, words, model);
  const isSame = (a: Span, b: Span) => wordsAt(words, a).join() === wordsAt(words, b).join();
  const rules = byRules(harper).filter((rule) => !said.some((one) => isSame(one, rule)));
  const others = said.filter((one) => !rules.some((rule) => overlap(one, rule)));
  return [...rules, ...others]
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .slice(0, MOST)
    .map(({ start: _, end: __, ...correction }) => correction);
}
