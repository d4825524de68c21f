import { AppError } from "../../domain/errors.ts";
import { type HeardWord, SAMPLE_RATE, type Samples, type Transcript } from "../../domain/speech.ts";
import { type Part, speechParts } from "./speech_parts.ts";

/** Seconds in one request: 7.7 MB of sound, 10.2 MB in base64. Gemini takes requests of 20 MB, OpenAI files of 25 MB. */
const LONGEST_S = 240;
/** Nobody says anything in less. */
const SHORTEST = 0.2 * SAMPLE_RATE;
/** What a vendor that gives no figure is thought to be: as good as a guess. */
const UNKNOWN = 0.5;

/** One stretch of a recording as it is sent, and where in it somebody speaks; positions are samples of the recording. */
export type Stretch = { readonly from: number; readonly to: number; readonly spoken: readonly Part[] };

/** Cuts a recording at its pauses into what fits a request; silence gives none. */
export function stretches(samples: Samples, longest_s = LONGEST_S): Stretch[] {
  const parts = samples.length < SHORTEST ? [] : speechParts(samples);
  if (!parts) throw new AppError("recognition_failed", {}, { cause: new Error("samples are not finite") });
  const cut: { from: number; to: number; spoken: Part[] }[] = [];
  for (const part of parts) {
    const last = cut.at(-1);
    if (last && part.to - last.from <= longest_s * SAMPLE_RATE) {
      last.to = part.to;
      last.spoken.push(part);
    } else cut.push({ ...part, spoken: [part] });
  }
  return cut;
}

/** 16-bit WAV of one channel, as every vendor takes it. */
export function wavOf(samples: Samples): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, name: string) => bytes.set(new TextEncoder().encode(name), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  // Little-endian, as every machine is that Bun runs on.
  const numbers = new Int16Array(bytes.buffer, 44);
  for (let i = 0; i < samples.length; i++) numbers[i] = Math.max(-1, Math.min(1, samples[i] ?? 0)) * 0x7fff;
  return bytes;
}

/** What a vendor heard in one stretch. Times are milliseconds from its start, and missing where the vendor gives none. */
export type Heard = {
  readonly text: string;
  readonly language: string | undefined;
  readonly words?: readonly HeardWord[] | undefined;
};

type Listen = (wav: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<Heard>;

/** Sends what is speech, all stretches at once so that a long recording takes no longer than a short one, and puts it together. */
export async function transcribed(
  samples: Samples,
  { engine, language, signal }: { engine: string; language: string | undefined; signal: AbortSignal | undefined },
  listen: Listen,
): Promise<Transcript> {
  const others = new AbortController();
  const end = () => others.abort(signal?.reason);
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();
  try {
    others.signal.throwIfAborted();
    const cut = stretches(samples);
    const all = await Promise.all(
      cut.map(async (stretch) => {
        const { text, words, ...heard } = await listen(
          wavOf(samples.subarray(stretch.from, stretch.to)),
          others.signal,
        );
        const said = text.trim().replace(/\s+/g, " ");
        return { ...heard, text: said, words: words ? inOrder(words, stretch) : evenly(said, stretch.spoken) };
      }),
    );
    return {
      text: all
        .map(({ text }) => text)
        .filter(Boolean)
        .join(" "),
      language: language ?? all.find(({ text }) => text !== "")?.language ?? "en",
      words: all.flatMap(({ words }) => words),
      engine,
    };
  } catch (error) {
    if (signal?.aborted) throw new AppError("recognition_failed", {}, { cause: signal.reason });
    throw speechFailure(error);
  } finally {
    signal?.removeEventListener("abort", end);
    others.abort();
  }
}

/** Speech knows no block: one that cannot be written down or read aloud has failed. */
export const speechFailure = (error: unknown): unknown =>
  error instanceof AppError && error.code === "ai_blocked"
    ? new AppError("ai_failed", {}, { cause: error.cause })
    : error;

/** A word without the punctuation around it; empty where nothing else is in it. */
const bare = (word: string): string => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");

const msOf = (samples: number): number => Math.floor((samples / SAMPLE_RATE) * 1000);

/** Words without times get equal shares of the time in which somebody speaks. */
function evenly(text: string, spoken: readonly Part[]): HeardWord[] {
  const words = text.split(" ").map(bare).filter(Boolean);
  const total = spoken.reduce((sum, { from, to }) => sum + to - from, 0);
  const at = (share: number): number => {
    let left = share * total;
    for (const { from, to } of spoken) {
      if (left <= to - from) return msOf(from + left);
      left -= to - from;
    }
    return msOf(spoken.at(-1)?.to ?? 0);
  };
  return words.map((word, i) => ({
    text: word,
    start_ms: at(i / words.length),
    end_ms: at((i + 1) / words.length),
    confidence: UNKNOWN,
  }));
}

/** Into the recording's time; a vendor's times overlap and run past the end now and then. */
function inOrder(words: readonly HeardWord[], { from, to }: Stretch): HeardWord[] {
  let last = msOf(from);
  const within = (ms: number) => Math.round(Math.min(msOf(to), Math.max(last, msOf(from) + ms)));
  return words.flatMap(({ text, start_ms, end_ms, confidence }) => {
    const word = bare(text);
    if (word === "") return [];
    const start = within(start_ms);
    last = start;
    last = within(end_ms);
    return [
      { text: word, start_ms: start, end_ms: last, confidence: Number.isFinite(confidence) ? confidence : UNKNOWN },
    ];
  });
}
