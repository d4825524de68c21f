import type { Samples } from "../../domain/speech.ts";
import { stretchesBeside } from "./added.ts";
import { align } from "./alignment.ts";
import type { Lexicon } from "./lexicon.ts";
import {
  chunkAt,
  type HeardChunk,
  type Hearing,
  hearSound,
  type Parts,
  passagesOf,
  type Sound,
  transcribe,
} from "./listener.ts";
import type { Fate, Misreadings } from "./misreadings.ts";
import { PHONE_COUNT, SILENCE } from "./phones.ts";
import type { Reading, Span } from "./skips.ts";
import { type SpokenWord, spokenWords } from "./spoken_words.ts";
import { misreadingEvidence, type Survey, surveyOf } from "./survey.ts";
import type { TokenEvidence } from "./token_evidence.ts";
import type { Evidence } from "./word_evidence.ts";

/** A word that is said and not in the text; frames of the recording. */
export type Addition = Span & {
  readonly text: string;
  /** Index of the word of the text that it is said behind, -1 before the first. */
  readonly after: number;
};

/** Somebody's reading of a text, with what is wrong about the words themselves. */
export type Followed = Hearing & {
  /** Of each word of the text; the passages have those that were not left out. */
  readonly fates: readonly Fate[];
  readonly added: readonly Addition[];
  /** Something else was read. */
  readonly otherText: boolean;
};

export type Follower = Parts & { readonly lexicon: Lexicon; readonly misreadings: Misreadings };

export async function follow(follower: Follower, samples: Samples, words: readonly SpokenWord[]): Promise<Followed> {
  const sound = await hearSound(follower, samples);
  const survey = surveyOf(words, sound.posteriors, sound.priors);
  const looks = await looksAt(sound, words, survey);
  const found = follower.misreadings.fates(looks.flatMap(({ evidence }) => evidence));
  const otherText = isOther(follower.misreadings, looks) || found.every(({ kind }) => kind === "left_out");
  // Of another text every word counts as said: what is found in it means nothing.
  const fates = otherText ? found.map((fate): Fate => ({ ...fate, kind: "said" })) : found;
  const said = [...words.keys()].filter((i) => fates[i]?.kind !== "left_out");
  const own = said.flatMap((i) => words[i] ?? []);
  const heard = { ...sound, passages: await passagesOf(sound, own) };
  const added = otherText ? [] : await additions(follower, heard, survey);
  // What was added must not count as the sounds of the words around it.
  const passages = added.length === 0 ? heard.passages : await passagesOf(hushed(sound, added), own);
  return {
    ...{ ...sound, passages, fates, otherText },
    added: added.map((one) => ({ ...one, after: said[one.after] ?? -1 })),
  };
}

/** A first look at a chunk and the words that may be in it. */
export type Look = { readonly evidence: readonly Evidence[]; readonly speech: number };

/** Chunk by chunk, in the order of the text. */
export async function looksAt(sound: Sound, words: readonly SpokenWord[], survey: Survey): Promise<Look[]> {
  const looks: Look[] = [];
  for (const [chunk, indices] of placed(survey.strict, sound.chunks)) {
    // As between chunks that are heard: what the decoder left of the one before.
    if (looks.length > 0) Bun.gc(true);
    const [first, last] = [indices[0] ?? 0, indices.at(-1) ?? 0];
    const own = words.slice(first, last + 1);
    const part = partOf(survey, first, last + 1, chunk);
    const evidence = misreadingEvidence(own, await sound.force(chunk, own), part);
    looks.push({ evidence, speech: part.speech.at(-1) ?? 0 });
  }
  return looks;
}

/** The words by the chunks that they are said in; one that is left out goes with the word before it. */
function placed({ spans }: Reading, chunks: readonly HeardChunk[]): Map<HeardChunk, number[]> {
  let at = spans.find((span) => span !== null) ?? { from: 0, to: 0 };
  const inChunk = new Map<HeardChunk, number[]>();
  spans.forEach((span, word) => {
    at = span ?? at;
    const chunk = chunkAt(chunks, (at.from + at.to) / 2);
    if (chunk) inChunk.set(chunk, [...(inChunk.get(chunk) ?? []), word]);
  });
  return inChunk;
}

/** What a survey says of the words [first, end) and one chunk. */
function partOf({ strict, loose, speech }: Survey, first: number, end: number, chunk: HeardChunk): Survey {
  const [from, to] = [chunk.firstFrame, chunk.firstFrame + chunk.states.frames];
  const inside = (frame: number) => Math.min(to, Math.max(from, frame)) - from;
  const moved = (span: Span): Span => ({ from: inside(span.from), to: inside(span.to) });
  const part = ({ spans, others, margins }: Reading): Reading => ({
    spans: spans.slice(first, end).map((span) => span && moved(span)),
    others: others
      .filter((other) => other.to > from && other.from < to)
      .map((other) => ({ ...moved(other), before: other.before - first })),
    margins: margins.slice(first, end),
  });
  return {
    strict: part(strict),
    loose: part(loose),
    speech: speech.slice(from, to + 1).map((sum) => sum - (speech[from] ?? 0)),
  };
}

/** Another text was read where more than half of the speech is of none of the words that should be in it. */
function isOther(misreadings: Misreadings, looks: readonly Look[]): boolean {
  const of = (some: readonly Look[]) => some.reduce((sum, { speech }) => sum + speech, 0);
  const other = looks.filter(({ evidence: [any] }) => any && misreadings.isOtherText(any));
  return of(other) > of(looks) / 2;
}

/** What is said beside the words of the passages; `after` counts among these words. */
async function additions(follower: Follower, hearing: Hearing, survey: Survey): Promise<Addition[]> {
  const { passages, posteriors, priors } = hearing;
  const words = passages.flatMap((passage) => passage.words.map(({ word }) => word));
  if (words.length === 0) return [];
  const stretches = stretchesBeside(words, await tokensOf(hearing), posteriors, priors, survey);
  const added: Addition[] = [];
  for (const stretch of stretches) {
    if (!follower.misreadings.isAdded(stretch.evidence)) continue;
    for (const part of inChunks(stretch, hearing.chunks)) {
      const heard = await heardIn(follower, part);
      if (isRepeated(heard, words, stretch.before)) continue;
      added.push(...timed(heard, part, hearing).map((one) => ({ ...one, after: stretch.before - 1 })));
    }
  }
  return added;
}

// Natural logarithm of next to nothing.
const HARDLY = -20;

/** The sound as if nobody had said what was added. */
function hushed(sound: Sound, added: readonly Span[]): Sound {
  const logs = sound.posteriors.logs.slice();
  for (const { from, to } of added) {
    for (let at = from * PHONE_COUNT; at < to * PHONE_COUNT; at++) logs[at] = at % PHONE_COUNT === SILENCE ? 0 : HARDLY;
  }
  return { ...sound, posteriors: { ...sound.posteriors, logs } };
}

/** Of all passages' words one after the other, and of the end. */
export async function tokensOf(hearing: Hearing): Promise<TokenEvidence[]> {
  const tokens: TokenEvidence[] = [];
  let count = 0;
  for (const [i, { chunk, words }] of hearing.passages.entries()) {
    const own = await hearing.force(
      chunk,
      words.map(({ word }) => word),
    );
    const isLast = i === hearing.passages.length - 1;
    const shift = count;
    const kept = own.filter(({ word }) => isLast || word < words.length);
    tokens.push(...kept.map((token) => ({ ...token, word: token.word + shift })));
    count += words.length;
  }
  return tokens;
}

type Part = Span & { readonly chunk: HeardChunk };

// The probe's word on where a stretch begins and ends is some frames too narrow.
const MARGIN = 3;

/** A stretch with a little of what is around it, cut at the borders of chunks. */
function inChunks({ from, to }: Span, chunks: readonly HeardChunk[]): Part[] {
  return chunks.flatMap((chunk) => {
    const [first, end] = [chunk.firstFrame, chunk.firstFrame + chunk.states.frames];
    const part = { chunk, from: Math.max(first, from - MARGIN), to: Math.min(end, to + MARGIN) };
    return part.to - part.from > 2 * MARGIN ? [part] : [];
  });
}

// What people say while they think is no word that they added.
const HESITATION = /^(u+h*m*|e+r+m*|a+h+|h+m+|m+h*m+|o+h+)$/;

async function heardIn(follower: Follower, { chunk, from, to }: Part): Promise<SpokenWord[]> {
  const { size, data, middle } = chunk.states;
  const frames = to - from;
  const rows = (numbers: Float32Array) =>
    numbers.slice((from - chunk.firstFrame) * size, (to - chunk.firstFrame) * size);
  const states = { frames, size, data: rows(data), middle: rows(middle) };
  return spokenWords(await transcribe(follower, states), follower.lexicon).filter(
    ({ said }) => !HESITATION.test(said.toLowerCase()),
  );
}

/** Somebody began again: the words are those right before that place, or right behind it. */
function isRepeated(heard: readonly SpokenWord[], words: readonly SpokenWord[], before: number): boolean {
  const key = (word: SpokenWord | undefined) => word?.keys.join(" ");
  const same = (from: number) => from >= 0 && heard.every((word, i) => key(words[from + i]) === key(word));
  return same(before - heard.length) || same(before);
}

/** Each word with its place in the part; with the whole part where the words do not fit into it. */
function timed(heard: readonly SpokenWord[], part: Part, { posteriors, priors }: Hearing): Omit<Addition, "after">[] {
  const logs = posteriors.logs.subarray(part.from * PHONE_COUNT, part.to * PHONE_COUNT);
  const alignment = align(heard, { frames: part.to - part.from, logs }, priors);
  return heard.map(({ said }, i) => {
    const own = alignment?.segments.filter(({ word }) => word === i) ?? [];
    const [from, to] = [own[0]?.from ?? 0, own.at(-1)?.to ?? part.to - part.from];
    return { text: said, from: part.from + from, to: part.from + to };
  });
}
