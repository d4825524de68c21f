import type { TextToSpeech } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { isSpeakable, pieces, readable } from "../../domain/reading.ts";
import { quotedEnglish, spokenUzbek } from "../../domain/uzbek_speech.ts";
import { chosenVoice, type Voice } from "../../domain/voices.ts";
import { supervise } from "../children/supervisor.ts";
import { espeakReady } from "./espeak_ready.ts";
import { ESPEAK_VOICES, espeakName } from "./espeak_voices.ts";

/** What the child is asked: one piece of a text, with a silence behind it. `voice` is espeak's own name. */
export type Say = {
  stretches: { voice: string; text: string }[];
  words_per_minute: number;
  pause_ms: number;
};

// A few sentences, about 15 s of speech: short enough that listeners take turns, long enough to sound like one breath.
const PIECE = 200;
// Slower than the 175 that espeak likes, so that a learner can follow.
const WORDS_PER_MINUTE = 150;
// What espeak itself does between sentences, and at a comma; between pieces it cannot.
const SENTENCE_PAUSE_MS = 300;
const CLAUSE_PAUSE_MS = 120;

type Options = {
  /** Pieces that may be under way or wait; one more is refused with `busy`. */
  readonly queue?: number;
  /** Milliseconds without work after which the child's 200 MB are given back. */
  readonly idleMs?: number;
  readonly ready?: boolean;
};

/** espeak-ng in a child process; without its optional package it has no voices. */
export function espeak({ queue = 64, idleMs = 10 * 60_000, ready = espeakReady().ok }: Options = {}): TextToSpeech {
  const voices = ready ? ESPEAK_VOICES : [];
  const child = supervise<Say, Uint8Array>({
    script: `${import.meta.dir}/espeak_child.ts`,
    timeoutMs: 30_000,
    queue,
    nice: 5,
    broken: "speech_failed",
    idleMs,
  });
  return {
    voices,
    speak: async (text, { signal, ...wanted }) => {
      const voice = chosenVoice(voices, wanted);
      const script = scriptOf(text, voice);
      const say = (one: Say) => unlessAborted(signal, () => child.call(one));
      const [first, ...others] = script;
      if (!first) throw new AppError("speech_failed", {}, { cause: new Error("there is nothing to say") });
      return { voice, sound: inTurn(await say(first), others, say) };
    },
    stop: () => child.stop(),
  };
}

/** Asked for as it is listened to: who leaves the loop leaves nothing under way. */
async function* inTurn(first: Uint8Array, others: readonly Say[], say: (one: Say) => Promise<Uint8Array>) {
  yield first;
  for (const one of others) yield await say(one);
}

/** A piece takes a moment, and a child that is killed half a second to come back: it ends its piece for nobody. */
async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const gone = () => new AppError("speech_failed", {}, { cause: signal?.reason });
  if (signal?.aborted) throw gone();
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(gone());
  signal?.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}

function scriptOf(text: string, voice: Voice): Say[] {
  const parts = pieces(readable(text), PIECE);
  return parts.map((piece, i) => ({
    stretches: stretchesOf(piece, voice),
    words_per_minute: WORDS_PER_MINUTE,
    pause_ms: i === parts.length - 1 ? 0 : /[.!?…。]["”»)]*$/.test(piece) ? SENTENCE_PAUSE_MS : CLAUSE_PAUSE_MS,
  }));
}

function stretchesOf(piece: string, voice: Voice): Say["stretches"] {
  const name = espeakName(voice);
  if (voice.language !== "uz") return [{ voice: name, text: piece }];
  return quotedEnglish(piece)
    .filter(({ text }) => isSpeakable(text))
    .map(({ text, isEnglish }) => (isEnglish ? { voice: "en-us", text } : { voice: name, text: espeakUzbek(text) }));
}

/** As its `uz` reads best: a tutuq of U+02BC would be read out by its name, the plain apostrophe is one. */
export const espeakUzbek = (text: string): string => spokenUzbek(text).replaceAll("ʼ", "'");
