import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { percentile } from "./numbers.ts";

/** Samples of one frame: 20 ms. */
export const FRAME = SAMPLE_RATE / 50;

/** Of each whole 20 ms in dB below full scale, at least -120. */
export function levels(samples: Samples): Float64Array {
  const decibels = new Float64Array(Math.floor(samples.length / FRAME));
  for (let frame = 0; frame < decibels.length; frame++) {
    let sum = 0;
    for (let i = frame * FRAME; i < (frame + 1) * FRAME; i++) sum += (samples[i] ?? 0) ** 2;
    decibels[frame] = 20 * Math.log10(Math.sqrt(sum / FRAME) + 1e-6);
  }
  return decibels;
}

/** From the noise, the quietest tenth, to the loudest twentieth, and the level above which there is speech. */
export function rangeOf(loud: Float64Array): { floor: number; top: number; threshold: number } {
  const [floor, top] = [percentile(loud, 0.1), percentile(loud, 0.95)];
  return { floor, top, threshold: Math.max(floor + 6, top - 30) };
}
