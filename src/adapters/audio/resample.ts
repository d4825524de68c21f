import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";

// Zero crossings of the sinc on each side, and how much of the band passes: 16 and 0.95 keep what aliases 60 dB down.
const CROSSINGS = 16;
const PASS = 0.95;
// The usual rates need at most 640 positions between two samples; odd ones are rounded to this many.
const MOST_PHASES = 1024;

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/**
 * To 16 kHz by a windowed sinc. Each output sample lies at one of a few positions between two input samples, so the
 * filter is worked out once for each position and applied as a plain weighted sum.
 */
export function resample(input: Float32Array, from: number): Samples {
  if (from === SAMPLE_RATE) return input;
  const band = PASS * Math.min(1, SAMPLE_RATE / from);
  const half = Math.ceil(CROSSINGS / band);
  const phases = Math.min(SAMPLE_RATE / divisor(from, SAMPLE_RATE), MOST_PHASES);
  const filters = Array.from({ length: phases }, (_, phase) => sinc(phase / phases, band, half));
  const output = new Float32Array(Math.floor((input.length * SAMPLE_RATE) / from));
  for (let i = 0; i < output.length; i++) {
    const position = Math.round(((i * from) / SAMPLE_RATE) * phases);
    const filter = filters[position % phases];
    if (!filter) continue;
    const start = Math.floor(position / phases) - half + 1;
    const end = Math.min(filter.length, input.length - start);
    let sum = 0;
    for (let k = Math.max(0, -start); k < end; k++) sum += (filter[k] ?? 0) * (input[start + k] ?? 0);
    output[i] = sum;
  }
  return output;
}

/** Weights of the `2 * half` samples around a point `offset` after the middle one; they add up to one. */
function sinc(offset: number, band: number, half: number): Float32Array {
  const weights = new Float32Array(2 * half);
  let total = 0;
  for (let k = 0; k < weights.length; k++) {
    const x = k - half + 1 - offset;
    const lobe = x === 0 ? 1 : Math.sin(Math.PI * band * x) / (Math.PI * band * x);
    const weight = Math.abs(x) >= half ? 0 : lobe * Math.cos((Math.PI * x) / (2 * half)) ** 2;
    weights[k] = weight;
    total += weight;
  }
  return weights.map((weight) => weight / total);
}

/** One channel from several: their mean. */
export function mix(channels: readonly Float32Array[]): Float32Array {
  const [first, ...others] = channels;
  if (!first) return new Float32Array(0);
  if (others.length === 0) return first;
  const mono = Float32Array.from(first);
  for (const other of others) for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) + (other[i] ?? 0);
  for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) / channels.length;
  return mono;
}

/** The pieces of a recording, one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
