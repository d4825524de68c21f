import { type Alignment, align, type Difference } from "./alignment.ts";
import { spokenCorrections } from "./correction_kinds.ts";
import type { Correction } from "./corrections.ts";
import { type Criterion, exactParts, freeParts, toCriteria } from "./criteria.ts";
import { explain } from "./explanations.ts";
import { type Cap, feedbackOn } from "./feedback.ts";
import { speaksToGrader } from "./instructions.ts";
import { isOffLanguage } from "./language.ts";
import { measureText, type TextMeasures } from "./measures.ts";
import type { Assessment } from "./pronunciation.ts";
import type { SpeechMeasures } from "./sound.ts";
import type { HeardWord } from "./speech.ts";
import { copiedShare, type Demands, demandsOf } from "./task.ts";
import { wordsOf } from "./words.ts";

/** What is graded. For an oral answer the reference is read aloud; for a text it is a model answer (see `isExact`). */
export type Answer = {
  readonly kind: "oral" | "text";
  /** ISO 639-1: the language that the answer should be in. */
  readonly language: string;
  /** The text, or the transcript. */
  readonly answer: string;
  readonly reference_text: string | null;
  /** Title and description. */
  readonly task: string;
  readonly speech: SpeechMeasures | null;
  readonly heard: readonly HeardWord[] | null;
  /** How the reference was pronounced; null where nobody could say. */
  readonly pronunciation: Assessment | null;
  readonly corrections: readonly Correction[];
  readonly max_score: number;
};

/** A proposal for a grade. The criteria's scores add up to `score`, their maxima to the homework's `max_score`. */
export type AutoGrade = {
  /** 0 to max_score, one decimal. */
  readonly score: number;
  readonly criteria: readonly Criterion[];
  /** In Uzbek, three to eight sentences: two of them a language model's at most. */
  readonly feedback: string;
  /** How far a teacher may rely on it: nothing here understands what an answer means. */
  readonly confidence: "low" | "medium" | "high";
  /** `deterministic`, or the language model's name and `WITH_CHECKS`. */
  readonly engine: string;
  readonly grading_version: number;
  /** `instruction_to_grader`, the cap's name where one holds, why pronunciation was not assessed, and what `withModel` adds. */
  readonly flags: readonly string[];
  readonly analysis: {
    /** What was counted, where a language model's judgement moved the score; the same scale. */
    readonly counted_score?: number;
    readonly differences: readonly Difference[] | null;
    readonly word_error_rate: number | null;
    readonly completeness: number | null;
    readonly speech: SpeechMeasures | null;
    readonly word_count: number;
    readonly distinct_words: number;
    readonly sentence_count: number;
    /** Moving-average type-token ratio, 0 to 1; null without words. */
    readonly lexical_variety: number | null;
    readonly corrections: readonly (Correction & { readonly explanation: string })[];
  };
};

/** Grows with every change of a formula, so that stored grades say which one they came from. */
export const GRADING_VERSION = 3;

/** What a language model's name is followed by in `engine`: it never judges alone. */
export const WITH_CHECKS = " with deterministic checks";

/** The share of max_score that is left, whatever else is right. */
const CAPS: Readonly<Record<Cap, number>> = {
  blank: 0,
  off_language: 0.1,
  copied_task: 0.1,
  repeated_filler: 0.1,
  copied_reference: 0.3,
  too_short: 0.3,
};

/** True where counting has the last word: a cap holds, or there is one right answer. No language model is asked then. */
export const isSettled = ({ flags, analysis }: Pick<AutoGrade, "flags" | "analysis">): boolean =>
  analysis.differences !== null || flags.some((flag) => flag in CAPS);

// What is enough where the task does not say: a paragraph, or half a minute of speech.
const DEFAULT_WORDS = { text: 50, oral: 40 };
const WORDS_PER_SENTENCE = 7;
// 72 a minute: the pace of an A2 speaker who thinks between sentences.
const WORDS_PER_SECOND = 1.2;

/** From so many words on, the same words in the same order are copied, not found by chance; a short answer has to agree. */
const COPY_WORDS = 8;
const MODEL_WORDS = 12;
const COPIED = 0.8;
/** See `TextMeasures.freshness`. */
const FILLER = 0.3;

function wantedWords({ kind, reference_text }: Answer, { words, sentences, seconds }: Demands): number {
  if (words !== null) return words;
  if (sentences !== null) return sentences * WORDS_PER_SENTENCE;
  if (kind === "oral" && seconds !== null) return Math.round(seconds * WORDS_PER_SECOND);
  // A model answer is as long as a teacher writes: somewhat less is enough.
  return reference_text === null ? DEFAULT_WORDS[kind] : Math.max(1, Math.round(0.6 * wordsOf(reference_text).length));
}

/** One right answer, compared word by word: reading aloud, dictation, translation. */
const isExact = (kind: Answer["kind"], { exact }: Demands) => kind === "oral" || exact;

type Seen = {
  readonly measures: TextMeasures;
  readonly alignment: Alignment | null;
  readonly wanted_words: number;
  /** Share of words that the spelling check does not know, of all corrections: those of speech have no spelling. */
  readonly misspelled: number;
};

function capOf(answer: Answer, { measures, alignment, wanted_words, misspelled }: Seen): Cap | null {
  const { kind, language, task, reference_text, speech } = answer;
  const count = measures.word_count;
  if (count === 0 || (kind === "oral" && speech?.silent)) return "blank";
  // Half of the right words in the right order say enough about the language.
  if (alignment && alignment.completeness >= 0.5) return null;
  if (isOffLanguage(answer.answer, language, misspelled)) return "off_language";
  if (alignment) return null;
  const words = measures.tokens.map(({ key }) => key);
  if (count >= 3 && (new Set(words).size === 1 || (count >= 10 && measures.freshness < FILLER)))
    return "repeated_filler";
  if (count >= COPY_WORDS && copiedShare(answer.answer, task) >= COPIED) return "copied_task";
  const model = reference_text !== null && count >= MODEL_WORDS ? reference_text : "";
  if (copiedShare(answer.answer, model) >= COPIED) return "copied_reference";
  return count < Math.min(wanted_words, Math.max(3, wanted_words / 5)) ? "too_short" : null;
}

/** Share of the model answer's different longer words that the answer has among its right words, 0 to 1. */
function coveredShare(reference: string | null, { right }: TextMeasures): number | null {
  if (reference === null) return null;
  // Five letters stand for a word in all its forms: travel, travels, travelling.
  const stem = (word: string) => word.slice(0, 5);
  const wanted = new Set(
    wordsOf(reference)
      .filter((word) => word.length > 3)
      .map(stem),
  );
  const said = new Set(right.map(({ key }) => stem(key)));
  return wanted.size === 0 ? null : [...wanted].filter((word) => said.has(word)).length / wanted.size;
}

/** A recogniser hears what should have been said, and counting sees no meaning: only comparing written texts is sure. */
function confidenceOf(answer: Answer, seen: Seen, cap: Cap | null, checked: boolean): AutoGrade["confidence"] {
  if (cap === "blank") return "high";
  if (cap !== null) return "medium";
  const { heard, speech, kind } = answer;
  if (kind === "text") {
    if (seen.alignment) return "high";
    return checked && seen.measures.word_count >= 80 ? "medium" : "low";
  }
  if (!heard || heard.length < 10 || !seen.alignment || (speech?.clipping ?? 0) > 0.02) return "low";
  return heard.reduce((sum, { confidence }) => sum + confidence, 0) / heard.length >= 0.7 ? "medium" : "low";
}

/** Sounds that somebody listened to count, not words that were compared once more, nor what the scorer itself is unsure of. */
const heardWell = (pronunciation: Assessment | null): Assessment | null =>
  pronunciation?.method === "acoustic" && pronunciation.confidence !== "low" ? pronunciation : null;

/** Grades an answer by what can be counted in it; the same answer always gets the same grade. */
export function gradeAnswer(answer: Answer): AutoGrade {
  const { kind, language, reference_text, heard, speech, max_score } = answer;
  const demands = demandsOf(answer.task);
  const corrections = kind === "oral" ? spokenCorrections(answer.corrections) : answer.corrections;
  const measures = measureText(answer.answer, corrections);
  const spoken = heard && heard.length > 0 ? heard : answer.answer;
  const alignment =
    reference_text !== null && isExact(kind, demands)
      ? align(reference_text, kind === "oral" ? spoken : answer.answer)
      : null;
  const wanted_words = wantedWords(answer, demands);
  const { misspelled } = kind === "oral" ? measureText(answer.answer, answer.corrections) : measures;
  const seen = { measures, alignment, wanted_words, misspelled };
  const cap = capOf(answer, seen);
  const checked = language === "en";
  const pronunciation = kind === "oral" && alignment ? heardWell(answer.pronunciation) : null;
  const covered = alignment ? null : coveredShare(reference_text, measures);

  const parts = alignment
    ? exactParts(alignment, kind === "oral" ? speech : null, pronunciation)
    : freeParts({
        kind,
        measures,
        corrections,
        speech: kind === "oral" ? speech : null,
        wanted_words,
        covered,
        checked,
      });
  const criteria = toCriteria(parts, max_score, cap === null ? 1 : CAPS[cap]);
  const score = Math.round(criteria.reduce((sum, criterion) => sum + criterion.score, 0) * 10) / 10;
  const flagged = speaksToGrader(answer.answer);
  return {
    score: Math.min(max_score, Math.max(0, score)),
    criteria,
    feedback: feedbackOn({
      ...answer,
      cap,
      flagged,
      alignment,
      measures,
      corrections,
      checked,
      wanted_words,
      covered,
      pronunciation,
    }),
    confidence: confidenceOf(answer, seen, cap, checked),
    engine: "deterministic",
    grading_version: GRADING_VERSION,
    flags: [...(flagged ? ["instruction_to_grader"] : []), ...(cap === null ? [] : [cap])],
    analysis: {
      differences: alignment?.differences ?? null,
      word_error_rate: alignment?.word_error_rate ?? null,
      completeness: alignment?.completeness ?? null,
      speech,
      word_count: measures.word_count,
      distinct_words: measures.distinct_words,
      sentence_count: measures.sentence_count,
      lexical_variety: measures.lexical_variety,
      corrections: corrections.map((correction) => ({ ...correction, explanation: explain(correction) })),
    },
  };
}
