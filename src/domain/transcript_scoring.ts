import { align, unlikeness } from "./alignment.ts";
import { comparable } from "./comparable.ts";
import { fluencyShare, spanMinutes } from "./criteria.ts";
import { AppError } from "./errors.ts";
import type { AddedWord, Pronounced, ScoredWord } from "./pronunciation.ts";
import { tenths } from "./rounding.ts";
import { measureSpeech } from "./sound.ts";
import type { HeardWord, Samples, Transcript } from "./speech.ts";
import { spokenUzbek } from "./uzbek_speech.ts";
import { type Token, tokensOf } from "./words.ts";

// What a transcript tells about a reading. Recognisers hear what should have been said, so it is never more than a hint.

/** Grows with every change of a formula. */
const TRANSCRIPT_SCORING_VERSION = 1;

/**
 * A word that was heard as it stands in the text has 50 to 100, by how sure the recogniser was; one heard as another word that is
 * like it has 50 at most. So a word is weak where it was heard as another one, or with a confidence under 0.2.
 */
const WEAK_BELOW = 60;

/** Below this two words share letters by chance (as in comparison.ts). */
const LIKE = 0.5;

/** What a recogniser that gives no figure is thought to be: as good as a guess (as in sent_sound.ts). */
const UNKNOWN = 0.5;

/**
 * Another text was read where both it and what was heard have this many words, and of the shorter of the two less than this share
 * is the text's or like it. Who stops early still reads the right text. Whisper's base model heard no word rightly in 3 of 50 short
 * readings by learners (tuning clips of speechocean762), in none of the 23 with seven words and more; two unrelated texts share up
 * to a third of their words by chance, a fifth of long ones, so not every wrong text is found.
 */
const FEWEST_WORDS = 7;
const OF_THE_TEXT = 0.25;

/** A written word and how it is compared: small letters, one kind of apostrophe, numbers as words, Uzbek in Latin letters. */
type Compared = Pick<Token, "text" | "start" | "end"> & { readonly said: string };

function comparedWords(text: string, language: string): Compared[] {
  const written = Map.groupBy(comparable(text, language).tokens, ({ start }) => start);
  return [...written.values()].flatMap((tokens) => {
    const [first] = tokens;
    if (!first) return [];
    const { text, start, end } = first;
    const said = language === "uz" ? spokenUzbek(text) : tokens.map(({ key }) => key).join(" ");
    return [{ text, start, end, said }];
  });
}

type Times = { readonly start_ms: number | null; readonly end_ms: number | null };
type Heard = Compared & Times & Pick<HeardWord, "confidence">;

/** The words of a transcript, compared in their sentence: what `'s` stands for is told by the next word. */
function heardWords({ text, words }: Transcript, language: string): Heard[] {
  if (words.length === 0)
    return comparedWords(text, language).map((word) => ({
      ...word,
      start_ms: null,
      end_ms: null,
      confidence: UNKNOWN,
    }));
  const starts: number[] = [];
  let sentence = "";
  for (const word of words) {
    starts.push(sentence.length);
    sentence += `${word.text} `;
  }
  let at = 0;
  return comparedWords(sentence, language).flatMap((compared) => {
    while ((starts[at + 1] ?? Number.POSITIVE_INFINITY) <= compared.start) at++;
    const word = words[at];
    if (!word) return [];
    const { start_ms, end_ms, confidence } = word;
    return [{ ...compared, start_ms, end_ms, confidence }];
  });
}

/** One compared word of the text beside what was heard in its place; null where nothing was. */
type Part = { readonly heard: Heard | null; readonly score: number; readonly like: boolean };

function likeness(expected: string, heard: string): number {
  const share = 1 - unlikeness(expected, heard) / 100;
  return share > LIKE ? share : 0;
}

function scored({ text, start, end }: Compared, parts: readonly Part[]): ScoredWord {
  const heard = [...new Set(parts.flatMap((part) => part.heard ?? []))];
  const mean = parts.reduce((sum, { score }) => sum + score, 0) / Math.max(1, parts.length);
  return {
    text,
    start,
    end,
    said: heard.length > 0,
    score: tenths(mean),
    replaced: heard.length > 0 && !parts.some(({ like }) => like),
    heard: heard.length > 0 ? heard.map((word) => word.text).join(" ") : null,
    start_ms: heard[0]?.start_ms ?? null,
    end_ms: heard.at(-1)?.end_ms ?? null,
    sounds: [],
  };
}

/** Languages that part their words by no blanks: there are no words in them to compare. */
const UNPARTED: ReadonlySet<string> = new Set(["zh", "yue", "ja", "th", "lo", "my", "km", "bo"]);

/** Which of the languages that a recogniser knows can be compared word by word. */
export const comparedLanguages = (known: readonly string[]): string[] => known.filter((code) => !UNPARTED.has(code));

/** What was heard of each word of the text, and after which of them the words stand that it has not. */
type Comparison = { readonly parts: readonly Part[][]; readonly added: ReadonlyMap<Heard, number> };

function compare(reference: readonly Compared[], heard: readonly Heard[]): Comparison {
  const sentence = reference.map(({ said }) => said).join(" ");
  const { differences } = align(sentence, heard.map(({ said }) => said).join(" "));
  // The alignment goes through the compared words of both sides in order: whose they are is told by counting along.
  const [expectedOf, heardOf] = [owners(reference), owners(heard)];
  const parts = reference.map((): Part[] => []);
  const added = new Map<Heard, number>();
  let [i, j, last] = [0, 0, -1];
  for (const { kind, expected, heard: word } of differences) {
    const source = kind === "missing" ? null : (heard[heardOf[j++] ?? -1] ?? null);
    if (kind === "added") {
      if (source && !added.has(source)) added.set(source, last);
      continue;
    }
    last = expectedOf[i++] ?? last;
    const share = kind === "same" ? 1 : source ? likeness(expected ?? "", word ?? "") : 0;
    const score = kind === "same" ? 50 + 50 * (source?.confidence ?? UNKNOWN) : 50 * share;
    parts[last]?.push({ heard: source, score, like: share > 0 });
  }
  // `it's` beside `it` is no added word.
  for (const { heard: word } of parts.flat()) if (word) added.delete(word);
  return { parts, added };
}

/** For each compared word the index of the written one that it belongs to. */
const owners = (words: readonly Compared[]): number[] => words.flatMap(({ said }, i) => tokensOf(said).map(() => i));

/**
 * Scores a reading by its transcript alone; refuses with `nothing_to_say` a text without words. Accuracy is the mean of the words
 * that were said. Fluency is that of the automatic grade (`fluencyShare`: the pace of right words, and pauses). The total is the
 * mean of both.
 */
export function scoreTranscript(
  samples: Samples,
  transcript: Transcript,
  { text, language }: { readonly text: string; readonly language: string },
): Pronounced {
  const reference = comparedWords(text, language);
  if (reference.length === 0) throw new AppError("nothing_to_say");
  const heard = heardWords(transcript, language);
  const { parts, added } = compare(reference, heard);
  const words = reference.map((word, i) => scored(word, parts[i] ?? []));
  const said = words.filter((word) => word.said);
  const right = words.filter((word) => word.said && !word.replaced).length;
  const speech = measureSpeech(samples, transcript);
  const accuracy = said.reduce((sum, { score }) => sum + score, 0) / Math.max(1, said.length);
  const minutes = spanMinutes(speech);
  const fluency = right === 0 ? 0 : 100 * fluencyShare(speech, minutes > 0 ? right / minutes : 0);
  return {
    words,
    added: [...added].map(([{ text, start_ms, end_ms }, after]): AddedWord => ({ text, after, start_ms, end_ms })),
    transcript: transcript.text,
    accuracy: tenths(accuracy),
    fluency: tenths(fluency),
    total: tenths((accuracy + fluency) / 2),
    wrong_text:
      Math.min(words.length, heard.length) >= FEWEST_WORDS &&
      right < OF_THE_TEXT * Math.min(words.length, heard.length),
    weak_below: WEAK_BELOW,
    confidence: "low",
    engine: transcript.engine,
    method: "transcript",
    scoring_version: TRANSCRIPT_SCORING_VERSION,
  };
}
