import { adviceOn } from "./answer_advice.ts";
import { guessLanguage, isInAnother, type ToldLanguage } from "./answer_language.ts";
import { comparable } from "./comparable.ts";
import { type Comparison, compare } from "./comparison.ts";
import type { Correction } from "./corrections.ts";
import { explain } from "./explanations.ts";
import { measureText } from "./measures.ts";
import type { Level } from "./users.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

/** `not_supported`: no checker knows the language, or the answer is in another one than it should be. */
type GrammarState = "checked" | "unavailable" | "not_supported";

export type AnswerToAnalyse = {
  readonly answer: string;
  /** What the answer should be like; null where there is none. */
  readonly reference_text: string | null;
  /** ISO 639-1: the language that the answer should be in. */
  readonly language: string;
  readonly grammar: GrammarState;
  readonly corrections: readonly Correction[];
  /** Of the answer's words; null where the language has no list. */
  readonly levels: ReadonlyMap<string, Level> | null;
};

/** Null where there is no reference with words in it. */
type Compared = { readonly [K in keyof Comparison]: Comparison[K] | null };

/** What can be counted in a learner's answer and said about it. Nothing here understands what it means. */
export type AnswerAnalysis = Compared & {
  readonly language: string;
  readonly guessed_language: ToldLanguage | null;
  readonly grammar: GrammarState;
  readonly corrections: readonly (Omit<Correction, "message"> & { readonly explanation: string })[];
  /** Null for every language but English. */
  readonly vocabulary: Vocabulary | null;
  readonly measures: {
    readonly word_count: number;
    readonly distinct_words: number;
    readonly sentence_count: number;
    /** Moving-average type-token ratio, 0 to 1; null without words. */
    readonly lexical_variety: number | null;
  };
  /** One to four Uzbek sentences, the last of which says what to do next. */
  readonly advice: readonly string[];
  readonly engine: "deterministic";
  readonly analysis_version: number;
};

/** Grows with every change of a formula. */
const ANALYSIS_VERSION = 1;

/** Of the answer and of the reference, in UTF-16 code units. */
export const MOST_CHARACTERS = 5_000;

/** More are no help to a learner. */
const MOST_CORRECTIONS = 100;

const NOTHING_COMPARED: Compared = {
  similarity: null,
  word_error_rate: null,
  completeness: null,
  copied_share: null,
  missing_words: null,
  extra_words: null,
  replaced: null,
  differences: null,
};

export function analyseAnswer(input: AnswerToAnalyse): AnswerAnalysis {
  const { answer, language, levels, grammar } = input;
  const corrections = input.corrections.slice(0, MOST_CORRECTIONS);
  const own = comparable(answer, language);
  const reference = input.reference_text === null ? null : comparable(input.reference_text, language);
  const comparison = reference === null || reference.tokens.length === 0 ? null : compare(reference, own);
  const measures = measureText(own.text, input.corrections);
  const levelOf = (word: string) => levels?.get(word) ?? null;
  const vocabulary = levels && vocabularyOf(answer, measures.right, levelOf);
  const guessed = guessLanguage(answer);
  // Half of the right words in the right order say enough about the language.
  const elsewhere = (comparison?.completeness ?? 0) < 0.5 && isInAnother(answer, language, measures.misspelled);
  return {
    language,
    guessed_language: guessed,
    ...(comparison ?? NOTHING_COMPARED),
    grammar,
    corrections: corrections.map(({ message: _, ...correction }) => ({
      ...correction,
      explanation: explain({ ...correction, message: "" }),
    })),
    vocabulary,
    measures: {
      word_count: measures.word_count,
      distinct_words: measures.distinct_words,
      sentence_count: measures.sentence_count,
      lexical_variety: measures.lexical_variety,
    },
    advice: adviceOn({ language, guessed, elsewhere, own, comparison, corrections, measures, vocabulary }),
    engine: "deterministic",
    analysis_version: ANALYSIS_VERSION,
  };
}
