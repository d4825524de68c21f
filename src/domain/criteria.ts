import type { Alignment } from "./alignment.ts";
import type { Correction } from "./corrections.ts";
import { type TextMeasures, WINDOW } from "./measures.ts";
import type { Assessment } from "./pronunciation.ts";
import { tenths } from "./rounding.ts";
import type { SpeechMeasures } from "./sound.ts";

/** One part of a grade. `score` and `max` are points of the homework's own scale; `evidence` quotes what it rests on. */
export type Criterion = {
  readonly name: string;
  readonly score: number;
  readonly max: number;
  readonly evidence: readonly string[];
  readonly comment: string;
};

/** A part of a grade before it is turned into points: `share` and `weight` from 0 to 1. */
type Part = Omit<Criterion, "score" | "max"> & { readonly share: number; readonly weight: number };

const EVIDENCE = 10;
const unit = (value: number) => Math.min(1, Math.max(0, value));
const percent = (share: number) => `${Math.round(share * 100)} %`;

// Every share below falls or stays when one more word is wrong. Whoever changes a formula: tests/domain/grading_test.ts
// tries it on random answers.

/**
 * Pace and pauses of speech, 0 to 1: 0.6 for the pace and 0.4 for the pauses. The pace is that of right words, as in
 * oral reading tests (words correct per minute): 0 at 20, full at 100, where Hasbrouck & Tindal (2017) have the median
 * of fluent young readers; there is no reward for haste. Pauses are free up to 0.2 of the time and cost all at 0.6:
 * fluent read speech has 0.1 to 0.3 (jfk.wav 0.32). Both agree weakly with what people call fluency, hence the low weight.
 */
export function fluencyShare(speech: SpeechMeasures, rightPerMinute: number): number {
  const pace = unit((rightPerMinute - 20) / 80);
  const pauses = unit(1 - (speech.pause_ratio - 0.2) / 0.4);
  return 0.6 * pace + 0.4 * pauses;
}

/** From the first to the last sound. */
export const spanMinutes = (speech: SpeechMeasures) =>
  speech.speech_ms / Math.max(0.01, 1 - speech.pause_ratio) / 60_000;

function fluency(speech: SpeechMeasures, rightWords: number, trust: number, weight: number): Part {
  const span = spanMinutes(speech);
  const rate = span > 0 ? rightWords / span : 0;
  return {
    name: "fluency",
    // Fluent silence, and fluent words that nobody asked for, are no fluency: `trust` is how much was to the point.
    share: unit(trust) * fluencyShare(speech, rate),
    weight,
    evidence: [
      `daqiqasiga ${Math.round(rate)} ta toʻgʻri soʻz`,
      `toʻxtashlar: ${speech.pause_count} ta, ${percent(speech.pause_ratio)}`,
    ],
    comment: "Surʼat va toʻxtashlar. Taxminiy oʻlchov, shuning uchun ulushi kichik.",
  };
}

/**
 * How the words came out that were said, times the share of the text's words that were: leaving out what is hard to say earns nothing.
 * The scorer was never measured on Uzbek speakers, hence the small weight.
 */
function pronounced({ accuracy_score, completeness_score, words }: Assessment): Part {
  const weak = words.filter(({ error_type }) => error_type === "Mispronunciation");
  return {
    name: "pronunciation",
    share: unit((accuracy_score / 100) * (completeness_score / 100)),
    weight: 0.2,
    evidence: weak
      .toSorted((a, b) => a.score - b.score)
      .slice(0, EVIDENCE)
      .map(({ word, heard }) => (heard === null ? word : `${word} → ${heard}`)),
    comment: `Talaffuz: tovushlar uchun 100 dan ${Math.round(accuracy_score)} ball, ${weak.length} ta soʻz zaif chiqdi. Dastur oʻzbek oʻquvchilarida sinalmagan, shuning uchun ulushi kichik.`,
  };
}

/** Weights of a reading; beside the pronunciation each of the others is a little smaller. */
const READING = { accuracy: 0.55, completeness: 0.3, fluency: 0.15 };
const READING_ALOUD = { accuracy: 0.45, completeness: 0.25, fluency: 0.1 };

/**
 * A text to be read aloud or written down as it is. Accuracy is 1 - word error rate (so a missing, a replaced and an
 * added word weigh the same), completeness the share of the text's words said in order: a missing or replaced word
 * costs twice, an added one once.
 */
export function exactParts(
  alignment: Alignment,
  speech: SpeechMeasures | null,
  pronunciation: Assessment | null,
): Part[] {
  const { differences, same, missing, replaced, added, accuracy, completeness } = alignment;
  const total = same + missing + replaced;
  const wrong = differences.filter(({ kind }) => kind === "replaced" || kind === "added");
  const gone = differences.filter(({ kind }) => kind === "missing");
  const weights = pronunciation ? READING_ALOUD : READING;
  const parts: Part[] = [
    {
      name: "accuracy",
      share: accuracy,
      weight: weights.accuracy,
      evidence: wrong
        .slice(0, EVIDENCE)
        .map(({ expected, heard }) => (expected ? `${expected} → ${heard}` : `+ ${heard}`)),
      comment: `Soʻzlarning aniqligi: ${replaced} ta soʻz almashgan, ${added} ta soʻz qoʻshilgan.`,
    },
    {
      name: "completeness",
      share: completeness,
      weight: weights.completeness,
      evidence: gone.slice(0, EVIDENCE).map(({ expected }) => expected ?? ""),
      comment: `Toʻliqlik: matndagi ${total} ta soʻzdan ${Math.round(completeness * total)} tasi oʻz oʻrnida.`,
    },
  ];
  if (pronunciation) parts.push(pronounced(pronunciation));
  return speech ? [...parts, fluency(speech, completeness * total, completeness, weights.fluency)] : parts;
}

type FreeAnswer = {
  readonly kind: "oral" | "text";
  readonly measures: TextMeasures;
  readonly corrections: readonly Correction[];
  readonly speech: SpeechMeasures | null;
  /** Words that are enough. */
  readonly wanted_words: number;
  /** Share of the model answer's own words that the answer has; null without one. */
  readonly covered: number | null;
  /** Whether a grammar check knows the language. */
  readonly checked: boolean;
};

/** The length that the task asks for, with repetitions taken out; a tenth less is still enough. */
const lengthShare = ({ measures, wanted_words }: FreeAnswer) => unit(measures.substance / (0.9 * wanted_words));

function task(answer: FreeAnswer): Part {
  const { measures, wanted_words, covered } = answer;
  const length = lengthShare(answer);
  return {
    name: "task",
    // A model answer is one of many: half of its own words is all that can be asked for.
    share: covered === null ? length : 0.4 * length + 0.6 * unit(covered / 0.5),
    weight: covered === null ? 0.3 : 0.4,
    evidence: [`${measures.word_count} / ${wanted_words}`, ...(covered === null ? [] : [percent(covered)])],
    comment:
      covered === null
        ? `Hajm: ${measures.word_count} ta soʻz, kutilgani ${wanted_words} ta. Mazmunni oʻqituvchi baholaydi.`
        : `Hajm va namunaviy javob bilan umumiy soʻzlar: ${percent(covered)}. Mazmunni oʻqituvchi baholaydi.`,
  };
}

/**
 * Nothing at a moving-average type-token ratio of 0.4, all at 0.8 (see `variety`). Where fewer than 50 words are asked
 * for, the different words are counted among so many.
 */
function vocabulary({ kind, measures, wanted_words }: FreeAnswer): Part {
  const ratio = Math.min(1, ((measures.lexical_variety ?? 0) * WINDOW) / Math.min(WINDOW, wanted_words));
  return {
    name: "vocabulary",
    share: unit((ratio - 0.4) / 0.4),
    weight: kind === "oral" ? 0.2 : 0.25,
    evidence: [...new Set(measures.right.map(({ key }) => key).filter((word) => word.length > 5))].slice(0, EVIDENCE),
    comment: `Soʻz boyligi: ${measures.distinct_words} xil soʻz (koʻrsatkich ${ratio.toFixed(2).replace(".", ",")}).`,
  };
}

/** Words from which on an answer without errors proves something about grammar. */
const PROOF_WORDS = 25;

/** All at no error, nothing at 15 per 100 words (Harper sees about half of a beginner's errors); a short answer cannot earn it all, however right it is. */
function grammar({ kind, measures, corrections, wanted_words }: FreeAnswer): Part {
  return {
    name: "grammar",
    share: unit(1 - measures.errors_per_100 / 15) * unit(measures.substance / Math.min(PROOF_WORDS, wanted_words)),
    weight: kind === "oral" ? 0.25 : 0.45,
    evidence: corrections
      .slice(0, EVIDENCE)
      .map(({ original, replacements: [best] }) => (best === undefined ? original : `${original} → ${best || "–"}`)),
    comment:
      corrections.length === 0
        ? "Grammatika va imlo: avtomatik tekshiruv xato topmadi (u hamma xatoni ham koʻrmaydi)."
        : `Grammatika va imlo: ${corrections.length} ta joyni tuzatish kerak.`,
  };
}

/** An answer in the learner's own words. */
export function freeParts(answer: FreeAnswer): Part[] {
  const { measures, speech, checked, wanted_words } = answer;
  const parts = [task(answer), vocabulary(answer)];
  if (checked) parts.push(grammar(answer));
  if (speech)
    parts.push(fluency(speech, measures.right.length, measures.substance / Math.min(PROOF_WORDS, wanted_words), 0.25));
  return parts;
}

/**
 * Parts as points: the weights are stretched to add up to 1 (a part that could not be measured gives its weight to the
 * others), each score is rounded to a tenth, and what a cap takes away is taken from every part alike.
 */
export function toCriteria(parts: readonly Part[], maxScore: number, cap: number): Criterion[] {
  const weights = parts.reduce((sum, { weight }) => sum + weight, 0);
  const maxima = parts.map(({ weight }) => tenths((maxScore * weight) / weights));
  // Rounding must not make the maxima add up to more or less than the whole.
  const drift = tenths(maxScore - maxima.reduce((sum, max) => sum + max, 0));
  const shared = parts.map((part, i) => ({ part, max: tenths((maxima[i] ?? 0) + (i === 0 ? drift : 0)) }));
  const earned = shared.reduce((sum, { part, max }) => sum + part.share * max, 0);
  const factor = earned > cap * maxScore ? (cap * maxScore) / earned : 1;
  return shared.map(({ part: { name, share, evidence, comment }, max }) => {
    const points = factor * share * max;
    // Down where a cap holds, so that the rounded parts together never exceed it.
    return { name, score: factor < 1 ? Math.floor(points * 10 + 1e-6) / 10 : tenths(points), max, evidence, comment };
  });
}
