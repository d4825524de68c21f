import { align } from "../../domain/alignment.ts";
import type { AddedWord, Pronounced, ScoredSound, ScoredWord } from "../../domain/pronunciation.ts";
import { SAMPLE_RATE } from "../../domain/speech.ts";
import { confidenceIn } from "./confidence.ts";
import type { Addition, Followed } from "./followed.ts";
import { judged } from "./judgement.ts";
import { chunkAt, type HeardChunk } from "./listener.ts";
import type { Fate } from "./misreadings.ts";
import { FRAME_SECONDS } from "./moonshine.ts";
import type { PhoneEvidence } from "./phone_evidence.ts";
import { SILENCE, soundOf } from "./phones.ts";
import { ENGINE } from "./scorer_ready.ts";
import type { Scores } from "./scores.ts";
import type { SpokenWord } from "./spoken_words.ts";
import type { HeardWord } from "./word_evidence.ts";

/** What was heard as the port's answer; scores of the whole are those of its passages, weighted by their words. */
export function pronounced(followed: Followed, words: readonly SpokenWord[], text: string, scores: Scores): Pronounced {
  const { chunks, passages, fates } = followed;
  const judgements = passages.map((passage) => judged(passage, scores));
  const count = judgements.reduce((sum, own) => sum + own.words.length, 0);
  const overall = (name: "accuracy" | "fluency" | "total") =>
    judgements.reduce((sum, own) => sum + (scores.clipPoints(own.clip[name]) * own.words.length) / count, 0);
  const heard = passages.flatMap((passage, p) =>
    passage.words.map((word, i) => ({
      ...word,
      score: scores.points(judgements[p]?.words[i] ?? 0),
      marked: judgements[p]?.marked[i] ?? [],
    })),
  );
  const transcript = chunks
    .map(({ transcript }) => transcript)
    .join(" ")
    .trim();
  const instead = heardInstead(text, transcript);
  let said = 0;
  return {
    words: words.map((word, i) => {
      const fate = fates[i];
      const own = fate?.kind === "left_out" ? undefined : heard[said++];
      return own && fate ? scoredWord(own, fate, instead, chunks) : unsaid(word);
    }),
    added: followed.added.map((addition) => addedWord(addition, chunks)),
    transcript,
    accuracy: overall("accuracy"),
    fluency: overall("fluency"),
    total: overall("total"),
    // Without passages: so much text cannot be said in so short a time.
    wrong_text: followed.otherText || passages.length === 0,
    weak_below: scores.weakBelow,
    confidence: confidenceIn(passages),
    engine: ENGINE,
    method: "acoustic",
    scoring_version: scores.version,
  };
}

// A word in whose place another one was said scores no more than this, and the less the surer that is.
const MOST_REPLACED = 30;

/** Words of the transcript in the place of words of the text, by where these begin. */
function heardInstead(text: string, transcript: string): ReadonlyMap<number, string> {
  const places = align(text, transcript).differences.flatMap(({ kind, start, heard }) =>
    kind === "replaced" && start !== null && heard !== null ? [[start, heard] as const] : [],
  );
  return new Map(places);
}

type Scored = HeardWord & { readonly score: number; readonly marked: readonly number[] };

function scoredWord(
  { word, phones, score, marked }: Scored,
  fate: Fate,
  instead: ReadonlyMap<number, string>,
  chunks: readonly HeardChunk[],
): ScoredWord {
  const { text, start, end } = word;
  const replaced = fate.kind === "replaced";
  return {
    ...{ text, start, end, replaced },
    score: replaced ? Math.min(score, (2 * MOST_REPLACED) / (1 + Math.exp(fate.doubt))) : score,
    said: true,
    heard: replaced ? (instead.get(start) ?? null) : null,
    start_ms: milliseconds(phones[0]?.from ?? 0, chunks),
    end_ms: milliseconds(phones.at(-1)?.to ?? 0, chunks),
    sounds: phones.map((phone, i) => scoredSound(phone, marked[i] ?? 0)),
  };
}

const unsaid = ({ text, start, end }: SpokenWord): ScoredWord => ({
  ...{ text, start, end },
  ...{ said: false, score: 0, replaced: false, heard: null, start_ms: null, end_ms: null, sounds: [] },
});

const addedWord = ({ text, after, from, to }: Addition, chunks: readonly HeardChunk[]): AddedWord => ({
  ...{ text, after },
  start_ms: milliseconds(from, chunks),
  end_ms: milliseconds(to, chunks),
});

// Another sound is named where it has at least this share of what was heard, and so many times that of the expected one.
const CLEARLY_HEARD = 0.4;
const CLEARLY_LIKELIER = 2;

function scoredSound({ phone, shares }: PhoneEvidence, marked: number): ScoredSound {
  const sounds = shares.subarray(0, SILENCE);
  const likeliest = sounds.indexOf(Math.max(...sounds));
  const [own, other] = [shares[phone] ?? 0, shares[likeliest] ?? 0];
  const another = likeliest !== phone && other >= CLEARLY_HEARD && other >= CLEARLY_LIKELIER * own;
  return { sound: soundOf(phone), score: 100 * (1 - marked), heard: another ? soundOf(likeliest) : null };
}

/** Frames are counted over all chunks; each chunk loses the last two of its own to the encoder's windows. */
function milliseconds(frame: number, chunks: readonly HeardChunk[]): number {
  const chunk = chunkAt(chunks, frame);
  const seconds = (chunk?.from ?? 0) / SAMPLE_RATE + (frame - (chunk?.firstFrame ?? 0)) * FRAME_SECONDS;
  return Math.round(seconds * 1000);
}
