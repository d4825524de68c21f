import type { Pronounced, ScoredSound, ScoredWord } from "../../domain/pronunciation.ts";
import { SAMPLE_RATE } from "../../domain/speech.ts";
import { confidenceIn } from "./confidence.ts";
import { judged } from "./judgement.ts";
import type { HeardChunk, Hearing } from "./listener.ts";
import { FRAME_SECONDS } from "./moonshine.ts";
import type { PhoneEvidence } from "./phone_evidence.ts";
import { SILENCE, soundOf } from "./phones.ts";
import { ENGINE } from "./scorer_ready.ts";
import type { Scores } from "./scores.ts";
import type { SpokenWord } from "./spoken_words.ts";
import type { HeardWord } from "./word_evidence.ts";

/** What was heard as the port's answer; scores of the whole are those of its passages, weighted by their words. */
export function pronounced({ chunks, passages }: Hearing, words: readonly SpokenWord[], scores: Scores): Pronounced {
  const judgements = passages.map((passage) => judged(passage, scores));
  const count = judgements.reduce((sum, own) => sum + own.words.length, 0);
  const overall = (name: "accuracy" | "fluency" | "total") =>
    judgements.reduce((sum, own) => sum + (scores.clipPoints(own.clip[name]) * own.words.length) / count, 0);
  const heard = passages.flatMap((passage, p) =>
    passage.words.map((word, i) => scoredWord(word, scores.points(judgements[p]?.words[i] ?? 0), chunks)),
  );
  return {
    words: heard.length > 0 ? heard : words.map(unsaid),
    added: [],
    transcript: chunks
      .map(({ transcript }) => transcript)
      .join(" ")
      .trim(),
    accuracy: overall("accuracy"),
    fluency: overall("fluency"),
    total: overall("total"),
    // So much text cannot be said in so short a time.
    wrong_text: heard.length === 0,
    weak_below: scores.weakBelow,
    confidence: confidenceIn(passages),
    engine: ENGINE,
    method: "acoustic",
    scoring_version: scores.version,
  };
}

function scoredWord({ word, phones }: HeardWord, score: number, chunks: readonly HeardChunk[]): ScoredWord {
  const { text, start, end } = word;
  return {
    ...{ text, start, end, score },
    said: true,
    replaced: false,
    heard: null,
    start_ms: milliseconds(phones[0]?.from ?? 0, chunks),
    end_ms: milliseconds(phones.at(-1)?.to ?? 0, chunks),
    sounds: phones.map(scoredSound),
  };
}

const unsaid = ({ text, start, end }: SpokenWord): ScoredWord => ({
  ...{ text, start, end },
  ...{ said: false, score: 0, replaced: false, heard: null, start_ms: null, end_ms: null, sounds: [] },
});

// Another sound is named where it has at least this share of what was heard, and so many times that of the expected one.
const CLEARLY_HEARD = 0.4;
const CLEARLY_LIKELIER = 2;

function scoredSound({ phone, gop, shares }: PhoneEvidence): ScoredSound {
  const sounds = shares.subarray(0, SILENCE);
  const likeliest = sounds.indexOf(Math.max(...sounds));
  const [own, other] = [shares[phone] ?? 0, shares[likeliest] ?? 0];
  const another = likeliest !== phone && other >= CLEARLY_HEARD && other >= CLEARLY_LIKELIER * own;
  return { sound: soundOf(phone), score: 100 * Math.exp(gop), heard: another ? soundOf(likeliest) : null };
}

/** Frames are counted over all chunks; each chunk loses the last two of its own to the encoder's windows. */
function milliseconds(frame: number, chunks: readonly HeardChunk[]): number {
  const chunk = chunks.findLast(({ firstFrame }) => firstFrame <= frame);
  const seconds = (chunk?.from ?? 0) / SAMPLE_RATE + (frame - (chunk?.firstFrame ?? 0)) * FRAME_SECONDS;
  return Math.round(seconds * 1000);
}
