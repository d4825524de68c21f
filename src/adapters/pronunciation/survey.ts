import { clamp, mean, percentile } from "./numbers.ts";
import { PHONE_COUNT, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";
import type { Costs } from "./skip_paths.ts";
import { type Reading, readWithSkips } from "./skips.ts";
import type { SpokenWord } from "./spoken_words.ts";
import type { TokenEvidence } from "./token_evidence.ts";
import type { Evidence } from "./word_evidence.ts";

// A first look at a recording, before any score: how the text fits it if words may have been left out.

/** Words are left out in runs, and nothing is said that is not in the text. */
const STRICT: Costs = { skip: 24, skipWord: 1, skipPhone: 0.5, other: Number.POSITIVE_INFINITY, otherFrame: 0 };
/** Any word may be left out, and anything be said in its place. */
const LOOSE: Costs = { skip: 4, skipWord: 1, skipPhone: 0.5, other: 4, otherFrame: 1.5 };

export type Survey = {
  readonly strict: Reading;
  readonly loose: Reading;
  /** Frames of speech before each frame, silence weighed by its probability; one more than frames. */
  readonly speech: Float64Array;
};

export function surveyOf(words: readonly SpokenWord[], posteriors: Posteriors, priors: Float32Array): Survey {
  const speech = new Float64Array(posteriors.frames + 1);
  for (let frame = 0; frame < posteriors.frames; frame++) {
    const silence = Math.exp(posteriors.logs[frame * PHONE_COUNT + SILENCE] ?? 0);
    speech[frame + 1] = (speech[frame] ?? 0) + 1 - silence;
  }
  return {
    strict: readWithSkips(words, posteriors, priors, STRICT),
    loose: readWithSkips(words, posteriors, priors, LOOSE),
    speech,
  };
}

/** Frames of speech in [from, to). */
export const speechIn = ({ speech }: Survey, from: number, to: number): number =>
  (speech[to] ?? 0) - (speech[from] ?? 0);

// Beyond these a number says nothing more.
const LEAST_LOG = -14;
const [LEAST_MARGIN, MOST_MARGIN] = [-40, 80];
const [LEAST_BY_PHONE, MOST_BY_PHONE] = [-12, 20];
const MOST_ROOM = 20;

/**
 * Of each word what speaks for and against its being in the recording. Tokens are of the words by their index; a token of the
 * index behind the last word tells how likely the sentence ends there.
 */
export function misreadingEvidence(
  words: readonly SpokenWord[],
  tokens: readonly TokenEvidence[],
  survey: Survey,
): Evidence[] {
  const phones = words.map(({ pronunciations }) => pronunciations[0]?.length ?? 1);
  const ofWord = Map.groupBy(tokens, ({ word }) => word);
  const ends = [...words.keys(), words.length].map((i) => log(ofWord.get(i)?.[0]?.end));
  const own = words.map((_, i) => ({
    phones: phones[i] ?? 1,
    ...decoded(ofWord.get(i) ?? []),
    ...fitting("s", survey.strict, survey, phones, i),
    ...fitting("l", survey.loose, survey, phones, i),
  }));
  const whole = wholeEvidence(own, survey, phones);
  return own.map((row, i) => ({
    ...row,
    d_end: ends[i] ?? 0,
    a_d_end: ends[i + 1] ?? 0,
    ...neighbours(own, i),
    ...whole,
  }));
}

const log = (value: number | undefined) => Math.max(LEAST_LOG, value ?? LEAST_LOG);

/** d_: what the decoder thinks of the word. */
function decoded(tokens: readonly TokenEvidence[]): Evidence {
  const lettered = tokens.map((token) => token.lettered);
  return {
    d_min: log(Math.min(...lettered)),
    d_mean: log(mean(lettered)),
    d_first: log(lettered[0]),
    d_entropy: mean(tokens.map(({ entropy }) => entropy)),
  };
}

/** s_ and l_: how it fits the sounds in the strict and the loose reading. */
function fitting(prefix: string, reading: Reading, survey: Survey, phones: readonly number[], index: number): Evidence {
  const margin = reading.margins[index] ?? 0;
  return {
    [`${prefix}_out`]: reading.spans[index] ? 0 : 1,
    [`${prefix}_margin`]: clamp(margin, LEAST_MARGIN, MOST_MARGIN),
    [`${prefix}_phone`]: clamp(margin / (phones[index] ?? 1), LEAST_BY_PHONE, MOST_BY_PHONE),
    [`${prefix}_room`]: Math.min(MOST_ROOM, room(reading, survey, phones, index)),
  };
}

/** Frames of speech for each phone: of its own where the word is said, else of the gap that it shares with others left out. */
function room({ spans }: Reading, survey: Survey, phones: readonly number[], index: number): number {
  const own = spans[index];
  if (own) return speechIn(survey, own.from, own.to) / (phones[index] ?? 1);
  let [first, last] = [index, index];
  while (first > 0 && !spans[first - 1]) first--;
  while (last + 1 < spans.length && !spans[last + 1]) last++;
  const from = spans[first - 1]?.to ?? 0;
  const to = spans[last + 1]?.from ?? survey.speech.length - 1;
  return speechIn(survey, from, to) / phones.slice(first, last + 1).reduce((sum, count) => sum + count, 0);
}

/** b_ and a_: the words before and after it; outside the text everything fits. r_: by how much it fits better than the worst of the others. */
function neighbours(rows: readonly Evidence[], index: number): Evidence {
  const at = (i: number, name: string, outside: number) => rows[i]?.[name] ?? outside;
  const beside = (prefix: string, step: number): Evidence => ({
    [`${prefix}_d_min`]: at(index + step, "d_min", 0),
    [`${prefix}_s_phone`]: at(index + step, "s_phone", 5),
    [`${prefix}_l_phone`]: at(index + step, "l_phone", 5),
    [`${prefix}_l_phone2`]: at(index + 2 * step, "l_phone", 5),
    [`${prefix}_s_out`]: at(index + step, "s_out", 0),
  });
  const worst = (name: string) => Math.min(0, ...rows.flatMap((row, i) => (i === index ? [] : [row[name] ?? 0])));
  const above = (name: string) => (rows[index]?.[name] ?? 0) - worst(name);
  return { ...beside("b", -1), ...beside("a", 1), r_d_min: above("d_min"), r_l_phone: above("l_phone") };
}

/** c_: the whole text. */
function wholeEvidence(rows: readonly Evidence[], survey: Survey, phones: readonly number[]): Evidence {
  const column = (name: string) => rows.map((row) => row[name] ?? 0);
  const total = phones.reduce((sum, count) => sum + count, 0);
  const byPhones = (name: string) =>
    column(name).reduce((sum, value, i) => sum + (value * (phones[i] ?? 0)) / total, 0);
  const best = (name: string) =>
    mean(
      column(name)
        .toSorted((a, b) => b - a)
        .slice(0, 3),
    );
  const speech = survey.speech.at(-1) ?? 0;
  const within = (spans: readonly ({ from: number; to: number } | null)[]) =>
    spans.reduce((sum, span) => sum + (span ? speechIn(survey, span.from, span.to) : 0), 0) / Math.max(1, speech);
  return {
    c_d_mean: mean(column("d_mean")),
    c_d_min: mean(column("d_min")),
    c_d_median: percentile(column("d_min"), 0.5),
    c_d_best: best("d_min"),
    c_s_phone: byPhones("s_phone"),
    c_s_out: byPhones("s_out"),
    c_l_phone: byPhones("l_phone"),
    c_l_median: percentile(column("l_phone"), 0.5),
    c_l_best: best("l_margin"),
    c_l_out: byPhones("l_out"),
    c_density: Math.log((speech + 1) / total),
    c_covered: within(survey.loose.spans),
    c_other: within(survey.loose.others),
    c_words: Math.log(rows.length),
  };
}
