import type { Recording } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";

/** The kinds of file that may reach a decoder. */
export type Format = "wav" | "mp3" | "ogg" | "webm" | "m4a" | "flac";

const MIME: Record<Format, string> = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  webm: "audio/webm",
  m4a: "audio/mp4",
  flac: "audio/flac",
};

const MIN_SECONDS = 0.2;
// Encoders pad the last frame: a recording of exactly the longest length is not refused for it.
const SLACK_SECONDS = 0.5;

export const unreadable = (cause?: unknown) => new AppError("audio_unreadable", {}, { cause });

/** Refuses what lasts longer than allowed, by what a header says or by what was decoded. */
export function checkLength(seconds: number, maxSeconds: number): void {
  if (seconds > maxSeconds + SLACK_SECONDS) throw new AppError("audio_too_long", { max_minutes: maxSeconds / 60 });
}

/** Samples after which a decoder may stop, because the recording is too long whatever follows. */
export const enough = (maxSeconds: number, rate = SAMPLE_RATE) => Math.ceil((maxSeconds + 2 * SLACK_SECONDS) * rate);

/** The last look at what any decoder made: enough of it, all of it numbers, none beyond full scale. */
export function recording(samples: Samples, format: Format, maxSeconds: number): Recording {
  if (samples.length === 0) throw unreadable();
  const seconds = samples.length / SAMPLE_RATE;
  if (seconds < MIN_SECONDS) throw new AppError("audio_too_short", { min_seconds: MIN_SECONDS });
  checkLength(seconds, maxSeconds);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0;
    if (sample >= -1 && sample <= 1) continue;
    if (!Number.isFinite(sample)) throw unreadable();
    samples[i] = sample < 0 ? -1 : 1;
  }
  return { samples, duration_ms: Math.round(seconds * 1000), mime: MIME[format] };
}
