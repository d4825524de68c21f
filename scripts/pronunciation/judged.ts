import { align, unlikeness } from "../../src/domain/alignment.ts";
import type { Pronounced, ScoredWord } from "../../src/domain/pronunciation.ts";
import { measureSpeech, syllablesIn } from "../../src/domain/sound.ts";
import type { Samples } from "../../src/domain/speech.ts";
import { wordsOf } from "../../src/domain/words.ts";
import { type LabelledClip, paired, placesOf } from "./labelled.ts";

// One recording as everybody judges it: the experts, the scorer, and the simple methods that it has to beat.

/** The score of each word by each judge. */
export type JudgedWord = {
  readonly text: string;
  /** 0 to 10. */
  readonly experts: number;
  /** 0 to 100. */
  readonly ours: number;
  /** The scorer finds fault with it: weak, left out or replaced. */
  readonly flagged: boolean;
  /** By comparing the transcript: 1 where the word was heard, less the less alike the one in its place is, 0 without one. */
  readonly transcript: number;
};

export type Judged = {
  readonly clip: LabelledClip;
  readonly samples: Samples;
  readonly result: Pronounced;
  /** Null where the experts' words and the scorer's do not split alike. */
  readonly words: readonly JudgedWord[] | null;
  /** 1 - word error rate of the transcript, not below 0. */
  readonly transcript: number;
  /** Syllables a second from the first to the last sound, pauses included. */
  readonly rate: number;
};

/** What an assessment calls an error. */
export const isFlagged = ({ said, replaced, score }: ScoredWord, { weak_below }: Pronounced): boolean =>
  !said || replaced || score < weak_below;

function syllableRate(samples: Samples, text: string): number {
  const { speech_ms, pause_ratio } = measureSpeech(samples, { text });
  const syllables = wordsOf(text).reduce((sum, word) => sum + syllablesIn(word), 0);
  return speech_ms > 0 ? (1000 * syllables * (1 - pause_ratio)) / speech_ms : 0;
}

export function judged(clip: LabelledClip, samples: Samples, result: Pronounced): Judged {
  const { differences, accuracy } = align(clip.text, result.transcript);
  const places = placesOf(clip);
  const likeness = (i: number): number => {
    const { start, end } = places?.[i] ?? { start: 0, end: 0 };
    const own = differences.filter(
      (one) => one.start !== null && one.end !== null && one.start >= start && one.end <= end,
    );
    return Math.min(
      1,
      ...own.map(({ kind, expected, heard }) =>
        kind === "same" ? 1 : 1 - unlikeness((expected ?? "").toLowerCase(), (heard ?? "").toLowerCase()) / 100,
      ),
    );
  };
  const pairs = paired(clip, result.words);
  return {
    clip,
    samples,
    result,
    words:
      pairs?.map(({ label, scored }, i) => ({
        text: label.text,
        experts: label.accuracy,
        ours: scored.score,
        flagged: isFlagged(scored, result),
        transcript: likeness(i),
      })) ?? null,
    transcript: accuracy,
    rate: syllableRate(samples, clip.text),
  };
}
