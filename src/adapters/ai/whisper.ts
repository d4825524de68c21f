import type { SpeechToText } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { type HeardWord, SAMPLE_RATE, type Samples, type Transcript } from "../../domain/speech.ts";
import { supervise } from "../children/supervisor.ts";
import { speechParts } from "./speech_parts.ts";
import { engineName } from "./whisper_ready.ts";

/** What the child is asked: one part of a recording, at most about 27 s. */
export type Listen = { samples: Samples; language: string | undefined; audio_ctx: number };

type Token = { text: string; p: number; from: number; to: number };
export type Heard = { language: string; segments: { text: string; tokens: Token[] }[] };

type Options = {
  /** The model's path. */
  readonly model: string;
  /** Recordings that may be under way; one more is refused with `busy`. */
  readonly queue?: number;
  /** Milliseconds without work after which the model's memory is given back. */
  readonly idleMs?: number;
};

// The native code aborts on nothing, and nobody says anything in less.
const SHORTEST = 0.2 * SAMPLE_RATE;

/** Speech recognition on this machine: whisper.cpp in a polite child process. */
export function whisper({ model, queue = 64, idleMs = 10 * 60_000 }: Options): SpeechToText {
  const engine = engineName(model);
  const child = supervise<Listen, Heard>({
    script: `${import.meta.dir}/whisper_child.ts`,
    env: { RECOGNISER_MODEL: model },
    timeoutMs: 60_000,
    queue,
    nice: 10,
    broken: "recognition_failed",
    idleMs,
  });
  let open = 0;

  // One part at a time, so that a short recording never waits for all of a long one.
  const listen = async (samples: Samples, wanted: string | undefined, signal?: AbortSignal): Promise<Transcript> => {
    const parts = samples.length < SHORTEST ? [] : speechParts(samples);
    if (!parts) throw new AppError("recognition_failed", {}, { cause: new Error("samples are not finite") });
    let language = wanted;
    const spoken: Spoken[] = [];
    for (const { from, to } of parts) {
      const sound = padded(samples.subarray(from, to));
      const seconds = sound.length / SAMPLE_RATE;
      const heard = await child.call(
        { samples: sound, language, audio_ctx: audioContext(seconds) },
        // A machine without vector instructions needs four times the length and more.
        { signal, timeoutMs: 30_000 + seconds * 10_000 },
      );
      language ??= heard.language;
      const words = heard.segments.flatMap(({ text, tokens }) => fold(text, tokens));
      spoken.push(...believable(words, (to - from) / SAMPLE_RATE).map((word) => shifted(word, from)));
    }
    return {
      text: spoken.map(({ text }) => text).join(" "),
      language: language ?? "en",
      words: inOrder(spoken, samples.length),
      engine,
    };
  };

  return {
    engine,
    languages: isEnglishOnly(model) ? ["en"] : [...LANGUAGES],
    transcribe: async (samples, { language, signal } = {}) => {
      if (signal?.aborted) throw new AppError("recognition_failed", {}, { cause: signal.reason });
      if (open >= queue) throw new AppError("busy", { retry_after: 5 });
      open++;
      try {
        return await listen(samples, known(language, model), signal);
      } finally {
        open--;
      }
    },
    stop: () => child.stop(),
  };
}

/** The encoder's share of its 30 s window that a clip needs, 50 steps a second, with some room behind the speech. */
export const audioContext = (seconds: number) => Math.min(1500, Math.ceil((seconds * 50 + 64) / 32) * 32);

/** whisper.cpp hears nothing in less than a second, and the last word needs a little silence behind it. */
function padded(sound: Samples): Samples {
  const all = new Float32Array(Math.max(1.2 * SAMPLE_RATE, sound.length + 0.3 * SAMPLE_RATE));
  all.set(sound);
  return all;
}

// The languages of Whisper's vocabulary; any other code would name a token that means something else.
export const LANGUAGES = new Set(
  `en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy
  sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo
  uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su`.split(/\s+/),
);

const isEnglishOnly = (model: string) => /\.en[.-]/.test(model);

function known(language: string | undefined, model: string): string | undefined {
  // Models named .en know one language and fail when asked to detect it.
  if (isEnglishOnly(model)) return "en";
  const code = language?.toLowerCase().split(/[-_]/)[0] ?? "";
  return LANGUAGES.has(code) ? code : undefined;
}

/** A word as the recogniser writes it, punctuation included. */
type Spoken = HeardWord;

const LETTER = /[\p{L}\p{N}]/u;

/** Folds tokens, which are pieces of words, into words. */
export function fold(text: string, tokens: readonly Token[]): Spoken[] {
  const groups: Token[][] = [];
  for (const token of tokens) {
    if (/^\[_.*\]$/.test(token.text) || token.text.startsWith("<|")) continue;
    const group = groups.at(-1);
    if (group && !token.text.startsWith(" ")) group.push(token);
    else groups.push([token]);
  }
  // A letter may be spread over two tokens and unreadable in each: the segment's text has it whole.
  const whole = text.trim().split(/\s+/);
  return groups.flatMap((group, i) => {
    const own = group.map((token) => token.text).join("");
    const word = (whole.length === groups.length ? whole[i] : own)?.trim() ?? "";
    const lettered = group.filter((token) => LETTER.test(token.text) || token.text.includes("\uFFFD"));
    const [first, last] = [lettered[0], lettered.at(-1)];
    if (!first || !last || !LETTER.test(word)) return [];
    const confidence = lettered.reduce((sum, { p }) => sum + p, 0) / lettered.length;
    return [{ text: word, start_ms: first.from, end_ms: last.to, confidence }];
  });
}

// Nobody speaks faster for longer; six a second is twice the usual.
const WORDS_PER_SECOND = 6;

/** A recogniser that lost its way repeats itself or writes on and on, and is sure of it: that is cut. */
export function believable(words: readonly Spoken[], seconds: number): Spoken[] {
  const kept: Spoken[] = [];
  const plain = (word: Spoken | undefined) => word?.text.toLowerCase().replace(/[^\p{L}\p{N}']/gu, "");
  for (let i = 0; i < words.length; ) {
    const loop = [1, 2, 3, 4, 5, 6, 7, 8].find((length) => {
      // "No, no, no, no" is said; eight times is not, nor a phrase four times.
      const end = i + length * (length === 1 ? 8 : 4);
      if (end > words.length) return false;
      for (let at = i + length; at < end; at++) if (plain(words[at]) !== plain(words[at - length])) return false;
      return true;
    });
    const word = words[i];
    if (!loop) {
      if (word) kept.push(word);
      i++;
      continue;
    }
    kept.push(...words.slice(i, i + loop));
    let end = i + loop;
    while (end < words.length && plain(words[end]) === plain(words[end - loop])) end++;
    i = end;
  }
  return kept.slice(0, Math.ceil(seconds * WORDS_PER_SECOND) + 1);
}

function shifted(word: Spoken, from: number): Spoken {
  const offset = (from / SAMPLE_RATE) * 1000;
  return { ...word, start_ms: word.start_ms + offset, end_ms: word.end_ms + offset };
}

/** Words without their punctuation; the recogniser's times overlap and run past the end now and then. */
function inOrder(spoken: readonly Spoken[], length: number): HeardWord[] {
  const end = Math.floor((length / SAMPLE_RATE) * 1000);
  let last = 0;
  return spoken.map(({ text, start_ms, end_ms, confidence }) => {
    const start = Math.round(Math.min(end, Math.max(last, start_ms)));
    last = Math.round(Math.min(end, Math.max(start, end_ms)));
    const word = text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
    return { text: word, start_ms: start, end_ms: last, confidence: Math.round(confidence * 1000) / 1000 };
  });
}
