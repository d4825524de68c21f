import type { Samples } from "../../domain/speech.ts";
import { align } from "./alignment.ts";
import { type Fit, phoneSeconds, surroundings } from "./clip_evidence.ts";
import { FRAME_SECONDS, LONGEST_SENTENCE, type Moonshine, openMoonshine, type States } from "./moonshine.ts";
import { mean } from "./numbers.ts";
import { type Pace, paceOf } from "./pace.ts";
import { type Chunk, chunksOf } from "./pauses.ts";
import { phoneEvidence } from "./phone_evidence.ts";
import { PHONE_COUNT } from "./phones.ts";
import { joined, openProbe, type Posteriors, type Probe } from "./probe.ts";
import type { SpokenWord } from "./spoken_words.ts";
import type { TokenEvidence } from "./token_evidence.ts";
import { END, openTokens, type Tokens } from "./tokens.ts";
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

/** A recording as it is heard without its text. */
export type Sound = {
  readonly samples: Samples;
  readonly chunks: readonly HeardChunk[];
  /** Of all chunks. */
  readonly posteriors: Posteriors;
  readonly priors: Float32Array;
  /**
   * Forces words on a chunk, only once the same words. Evidence of each token, `word` counted among these words, and of the
   * end of the sentence, whose word is the one behind the last.
   */
  force(chunk: HeardChunk, words: readonly SpokenWord[]): Promise<readonly TokenEvidence[]>;
};

export type Hearing = Sound & {
  /** In the order of the text. Empty where the sound is too short to hold the text. */
  readonly passages: readonly Passage[];
};

export type Parts = { readonly moonshine: Moonshine; readonly probe: Probe; readonly tokens: Tokens };

export async function openParts(models: Models): Promise<Parts> {
  const tokens = await openTokens();
  return { tokens, probe: await openProbe(models), moonshine: await openMoonshine(models, tokens.lettered) };
}

/** Listens to somebody who says all of the words and nothing else. */
export async function hear(parts: Parts, samples: Samples, words: readonly SpokenWord[]): Promise<Hearing> {
  const sound = await hearSound(parts, samples);
  return { ...sound, passages: await passagesOf(sound, words) };
}

export async function hearSound(parts: Parts, samples: Samples): Promise<Sound> {
  const chunks: HeardChunk[] = [];
  let firstFrame = 0;
  for (const chunk of chunksOf(samples)) {
    // What the decoder left of the chunk before: a long reading would pile it up to 200 MB.
    if (firstFrame > 0) Bun.gc(true);
    const heard = await hearChunk(parts, samples, chunk, firstFrame);
    firstFrame += heard.states.frames;
    chunks.push(heard);
  }
  const forced = new Map<string, Promise<TokenEvidence[]>>();
  return {
    ...{ samples, chunks, priors: parts.probe.priors },
    posteriors: joined(chunks.map((chunk) => chunk.posteriors)),
    force: (chunk, words) => {
      const key = [chunk.firstFrame, ...words.map(({ said }) => said)].join(" ");
      const found = forced.get(key) ?? force(parts, chunk.states, words);
      forced.set(key, found);
      return found;
    },
  };
}

/** Where the words are said, all of them; chunk by chunk what speaks for and against each. */
export async function passagesOf(sound: Sound, words: readonly SpokenWord[]): Promise<Passage[]> {
  const { samples, chunks, posteriors, priors } = sound;
  const alignment = align(words, posteriors, priors);
  if (!alignment) return [];
  const phones = Map.groupBy(
    alignment.segments.map((segment) => phoneEvidence(segment, posteriors, priors)),
    ({ word }) => word,
  );
  const inChunk = Map.groupBy(words.keys(), (word) => {
    const own = phones.get(word);
    return chunkAt(chunks, ((own?.[0]?.from ?? 0) + (own?.at(-1)?.to ?? 0)) / 2);
  });
  const passages: Passage[] = [];
  for (const [chunk, indices] of inChunk) {
    if (!chunk) continue;
    const own = indices.flatMap((i) => words[i] ?? []);
    const tokens = await sound.force(chunk, own);
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
  return passages;
}

/** The chunk that a frame of the recording lies in. */
export const chunkAt = (chunks: readonly HeardChunk[], frame: number): HeardChunk | undefined =>
  chunks.findLast(({ firstFrame }) => firstFrame <= frame);

async function hearChunk(parts: Parts, samples: Samples, chunk: Chunk, firstFrame: number): Promise<HeardChunk> {
  const { moonshine, probe } = parts;
  const states = await moonshine.encode(samples.slice(chunk.from, chunk.to));
  const transcript = await transcribe(parts, states);
  return { ...chunk, states, posteriors: await probe.read(states), firstFrame, transcript };
}

// Moonshine's authors: more tokens a second than this are a loop, not speech.
const TOKENS_A_SECOND = 6.5;

/** What is heard without knowing the text. */
export async function transcribe({ moonshine, tokens }: Parts, states: States): Promise<string> {
  const most = Math.floor(states.frames * FRAME_SECONDS * TOKENS_A_SECOND);
  const limit = Math.min(LONGEST_SENTENCE, Math.max(4, most));
  const heard = await moonshine.listen(states, limit);
  return tokens.text(heard.length < limit ? heard : withoutLoop(heard));
}

/** Tokens that end with the same ones again and again keep the first of them. */
export function withoutLoop(tokens: readonly number[]): number[] {
  for (let length = 1; 2 * length <= tokens.length; length++) {
    let from = tokens.length - length;
    while (from > 0 && tokens[from - 1] === tokens[from - 1 + length]) from--;
    if (tokens.length - from >= 2 * length) return tokens.slice(0, from + length);
  }
  return [...tokens];
}

// Of the longest sentence, but for its end.
const MOST_TOKENS = LONGEST_SENTENCE - 1;

/** More words than the decoder can hold go in several sentences. */
async function force({ moonshine, tokens }: Parts, states: States, words: readonly SpokenWord[]) {
  const found: TokenEvidence[] = [];
  for (let from = 0; from < words.length; ) {
    const rest = tokens.sentence(words.slice(from));
    const beyond = rest[MOST_TOKENS]?.word ?? words.length - from;
    // A single word that is longer than the decoder can hold is judged by its beginning.
    const count = Math.max(1, beyond);
    const sentence = tokens.sentence(words.slice(from, from + count)).slice(0, MOST_TOKENS);
    const last = from + count === words.length ? [{ id: END, word: count, same: [END] }] : [];
    const evidence = await moonshine.force(states, [...sentence, ...last]);
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
