import type { Samples } from "../../domain/speech.ts";
import { align } from "./alignment.ts";
import { type Fit, phoneSeconds, surroundings } from "./clip_evidence.ts";
import { LONGEST_SENTENCE, type Moonshine, openMoonshine, type States } from "./moonshine.ts";
import { mean } from "./numbers.ts";
import { type Pace, paceOf } from "./pace.ts";
import { type Chunk, chunksOf } from "./pauses.ts";
import { phoneEvidence } from "./phone_evidence.ts";
import { PHONE_COUNT } from "./phones.ts";
import { joined, openProbe, type Posteriors, type Probe } from "./probe.ts";
import type { SpokenWord } from "./spoken_words.ts";
import type { TokenEvidence } from "./token_evidence.ts";
import { openTokens, type Tokens } from "./tokens.ts";
import { type Evidence, type HeardWord, wordEvidence } from "./word_evidence.ts";

export type Models = {
  readonly encoder: string;
  readonly decoder: string;
  readonly probe: string;
  readonly priors: readonly number[];
  readonly threads: number;
};

/** A chunk of the recording as the encoder and the probe hear it. */
export type HeardChunk = Chunk & {
  readonly states: States;
  readonly posteriors: Posteriors;
  /** Its first frame among those of the recording. */
  readonly firstFrame: number;
  /** Without knowing the text. */
  readonly transcript: string;
};

/** A chunk and the words of the text that are said in it; at least one. */
export type Passage = {
  readonly chunk: HeardChunk;
  readonly words: readonly HeardWord[];
  readonly pace: Pace;
  readonly fit: Fit;
  /** Of each word, with that of its surroundings. */
  readonly evidence: readonly Evidence[];
};

export type Hearing = {
  readonly chunks: readonly HeardChunk[];
  /** Of all chunks. */
  readonly posteriors: Posteriors;
  readonly priors: Float32Array;
  /** In the order of the text. Empty where the sound is too short to hold the text. */
  readonly passages: readonly Passage[];
};

export type Listener = { hear(samples: Samples, words: readonly SpokenWord[]): Promise<Hearing> };

export type Parts = { readonly moonshine: Moonshine; readonly probe: Probe; readonly tokens: Tokens };

export async function openListener(models: Models): Promise<Listener> {
  const tokens = await openTokens();
  const parts = { tokens, probe: await openProbe(models), moonshine: await openMoonshine(models, tokens.lettered) };
  return { hear: (samples, words) => hear(parts, samples, words) };
}

export async function hear(parts: Parts, samples: Samples, words: readonly SpokenWord[]): Promise<Hearing> {
  const { priors } = parts.probe;
  const chunks: HeardChunk[] = [];
  let firstFrame = 0;
  for (const chunk of chunksOf(samples)) {
    // What the decoder left of the chunk before: a long reading would pile it up to 200 MB.
    if (firstFrame > 0) Bun.gc(true);
    const heard = await hearChunk(parts, samples, chunk, firstFrame);
    firstFrame += heard.states.frames;
    chunks.push(heard);
  }
  const posteriors = joined(chunks.map((chunk) => chunk.posteriors));
  const alignment = align(words, posteriors, priors);
  if (!alignment) return { chunks, posteriors, priors, passages: [] };

  const phones = Map.groupBy(
    alignment.segments.map((segment) => phoneEvidence(segment, posteriors, priors)),
    ({ word }) => word,
  );
  const inChunk = Map.groupBy(words.keys(), (word) => {
    const own = phones.get(word);
    const middle = ((own?.[0]?.from ?? 0) + (own?.at(-1)?.to ?? 0)) / 2;
    return chunks.findLast((chunk) => chunk.firstFrame <= middle);
  });
  const passages: Passage[] = [];
  for (const [chunk, indices] of inChunk) {
    if (!chunk) continue;
    const own = indices.flatMap((i) => words[i] ?? []);
    const tokens = await forced(parts, chunk.states, own);
    const heard = own.map(
      (word, i): HeardWord => ({
        word,
        phones: phones.get(indices[i] ?? -1) ?? [],
        tokens: tokens.filter((token) => token.word === i),
      }),
    );
    const pace = paceOf(samples.subarray(chunk.from, chunk.to));
    passages.push({
      chunk,
      words: heard,
      pace,
      fit: fitOf(chunk, alignment.frameScores),
      evidence: evidenceOf(heard, pace),
    });
  }
  return { chunks, posteriors, priors, passages };
}

async function hearChunk(parts: Parts, samples: Samples, chunk: Chunk, firstFrame: number): Promise<HeardChunk> {
  const { moonshine, probe, tokens } = parts;
  const sound = samples.slice(chunk.from, chunk.to);
  const states = await moonshine.encode(sound);
  const heard = await moonshine.listen(states, mostTokens(sound));
  return { ...chunk, states, posteriors: await probe.read(states), firstFrame, transcript: tokens.text(heard) };
}

// Moonshine's authors: more tokens a second than this are a loop, not speech.
const TOKENS_A_SECOND = 6.5;
const mostTokens = (sound: Samples) =>
  Math.min(LONGEST_SENTENCE, Math.max(4, Math.floor((sound.length / 16_000) * TOKENS_A_SECOND)));

/** Forces the words on a chunk; more than the decoder can hold go in several sentences. */
async function forced({ moonshine, tokens }: Parts, states: States, words: readonly SpokenWord[]) {
  const found: TokenEvidence[] = [];
  for (let from = 0; from < words.length; ) {
    const sentence = tokens.sentence(words.slice(from));
    const beyond = sentence[LONGEST_SENTENCE]?.word ?? words.length - from;
    // A single word that is longer than the decoder can hold is judged by its beginning.
    const count = Math.max(1, beyond);
    const part = tokens.sentence(words.slice(from, from + count)).slice(0, LONGEST_SENTENCE);
    const evidence = await moonshine.force(states, part);
    const shift = from;
    found.push(...evidence.map((token) => ({ ...token, word: token.word + shift })));
    from += count;
  }
  return found;
}

function fitOf({ firstFrame, states, posteriors }: HeardChunk, frameScores: Float64Array): Fit {
  const own = frameScores.subarray(firstFrame, firstFrame + states.frames);
  let clearness = 0;
  for (let frame = 0; frame < posteriors.frames; frame++) {
    const row = posteriors.logs.subarray(frame * PHONE_COUNT, (frame + 1) * PHONE_COUNT);
    clearness += row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) / posteriors.frames;
  }
  return { path: own.reduce((sum, score) => sum + score, 0) / own.length, clearness };
}

function evidenceOf(words: readonly HeardWord[], pace: Pace): Evidence[] {
  const meanPhone = mean(phoneSeconds(words));
  const rows = words.map((_, i) => wordEvidence(words, i, meanPhone));
  const around = surroundings(words, rows, pace);
  return rows.map((row) => ({ ...row, ...around }));
}
