import { mean } from "./numbers.ts";
import { PHONE_COUNT, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";
import { type Costs, type Reading, readWithSkips, type Span } from "./skips.ts";
import type { SpokenWord } from "./spoken_words.ts";
import { type Survey, speechIn } from "./survey.ts";
import type { TokenEvidence } from "./token_evidence.ts";
import type { Evidence } from "./word_evidence.ts";

/** A stretch of sound between two words of the text, or before the first or behind the last. */
export type Stretch = Span & { readonly before: number; readonly evidence: Evidence };

/** All words are said, as far as that can be, and something else may be between them. */
const GENEROUS: Costs = { skip: 60, skipWord: 4, skipPhone: 0.5, other: 10, otherFrame: 0.8 };
/** Frames of speech: what is shorter is a sound that belongs to a word. */
const SHORTEST = 4;
const MOST_MARGIN = 60;
const OUTSIDE_MARGIN = 12;

/** Where something may have been said beside the words that were said; tokens are of these words by index, and one of the end. */
export function stretchesBeside(
  words: readonly SpokenWord[],
  tokens: readonly TokenEvidence[],
  posteriors: Posteriors,
  priors: Float32Array,
  survey: Survey,
): Stretch[] {
  const reading = readWithSkips(words, posteriors, priors, GENEROUS);
  const ofWord = Map.groupBy(tokens, ({ word }) => word);
  return [...Map.groupBy(reading.others, ({ before }) => before)].flatMap(([before, parts]) => {
    const [from, to] = [parts[0]?.from ?? 0, parts.at(-1)?.to ?? 0];
    const speech = parts.reduce((sum, part) => sum + speechIn(survey, part.from, part.to), 0);
    if (speech < SHORTEST) return [];
    const evidence = {
      speech: Math.log(speech + 1),
      length: Math.log(to - from + 1),
      clear: clearness(parts, posteriors),
      ...around(reading, survey, { from, to }, before),
      ...decoded(ofWord, before, words.length),
      ...margins(reading, words, before),
    };
    return [{ from, to, before, evidence }];
  });
}

/** Mean log-posterior of the likeliest phone. */
function clearness(parts: readonly Span[], { logs }: Posteriors): number {
  const tops = parts.flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, i) => {
      const row = logs.subarray((from + i) * PHONE_COUNT, (from + i) * PHONE_COUNT + SILENCE);
      return row.reduce((top, log) => Math.max(top, log), Number.NEGATIVE_INFINITY);
    }),
  );
  return mean(tops);
}

/** Frames of silence up to the words around it, and whether there are such words. */
function around({ spans }: Reading, survey: Survey, { from, to }: Span, before: number): Evidence {
  const last = spans[before - 1]?.to ?? 0;
  const next = spans[before]?.from ?? survey.speech.length - 1;
  return {
    silence_before: from - last - speechIn(survey, last, from),
    silence_after: next - to - speechIn(survey, to, next),
    at_start: before === 0 ? 1 : 0,
    at_end: before === spans.length ? 1 : 0,
  };
}

/** What the decoder thinks of the words around it: it wants to say what was said there. */
function decoded(ofWord: ReadonlyMap<number, readonly TokenEvidence[]>, before: number, end: number): Evidence {
  const worst = (word: number) => Math.min(0, ...(ofWord.get(word) ?? []).map(({ lettered }) => lettered));
  const [next] = ofWord.get(before) ?? [];
  return {
    d_before: worst(before - 1),
    d_after: before === end ? 0 : worst(before),
    d_first: before === end ? 0 : (next?.lettered ?? 0),
    d_end: next?.end ?? 0,
  };
}

function margins(reading: Reading, words: readonly SpokenWord[], before: number): Evidence {
  const byPhone = (word: number) => {
    const phones = words[word]?.pronunciations[0]?.length;
    return phones ? Math.min(MOST_MARGIN, (reading.margins[word] ?? 0) / phones) : OUTSIDE_MARGIN;
  };
  return { m_before: byPhone(before - 1), m_after: byPhone(before) };
}
