import type { Samples } from "../../domain/speech.ts";
import { levels, rangeOf } from "./loudness.ts";

/** What loudness alone says of a clip; times in seconds. */
export type Pace = {
  /** From the first to the last sound. */
  readonly span: number;
  /** The span without its pauses. */
  readonly speech: number;
  /** Pauses' share of the span, 0 to 1. */
  readonly pauseShare: number;
  readonly pauses: number;
  /** dB from the quietest tenth to the loudest twentieth. */
  readonly snr: number;
};

const FRAME_SECONDS = 0.02;
/** Frames; 200 ms. Other measures of the platform count from 250 ms: the weights were fitted with these. */
const PAUSE = 10;
const NOTHING: Pace = { span: 0.1, speech: 0.1, pauseShare: 0, pauses: 0, snr: 0 };

export function paceOf(samples: Samples): Pace {
  const loud = levels(samples);
  const { floor, top, threshold } = rangeOf(loud);
  const sounds = Array.from(loud.entries()).filter(([, level]) => level > threshold);
  const [first, last] = [sounds[0]?.[0], sounds.at(-1)?.[0]];
  if (first === undefined || last === undefined) return NOTHING;
  const gaps = sounds.slice(1).map(([frame], i) => frame - (sounds[i]?.[0] ?? frame) - 1);
  const pauses = gaps.filter((gap) => gap >= PAUSE);
  const span = (last + 1 - first) * FRAME_SECONDS;
  const paused = pauses.reduce((sum, gap) => sum + gap * FRAME_SECONDS, 0);
  return { span, speech: span - paused, pauseShare: paused / span, pauses: pauses.length, snr: top - floor };
}
