import { readFileSync } from "node:fs";
import type { States } from "./moonshine.ts";
import { PHONE_COUNT } from "./phones.ts";

/** For each frame the natural logarithms of how likely each phone is, a row of PHONE_COUNT. */
export type Posteriors = { readonly frames: number; readonly logs: Float32Array };

export type Probe = {
  read(states: States): Posteriors;
  /** Natural logarithm of how common each phone is in speech; PHONE_COUNT of them. */
  readonly priors: Float32Array;
};

// A frame is judged with its neighbours: one before, itself, one behind.
const CONTEXT = [-1, 0, 1] as const;

/** A linear softmax over the encoder's states. The file: weights (3 · size rows of PHONE_COUNT), biases, logs of the priors. */
export function openProbe(file: string): Probe {
  const bytes = readFileSync(file);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  const rows = numbers.length / PHONE_COUNT - 2;
  const size = rows / CONTEXT.length;
  if (!Number.isInteger(size) || size < 1 || bytes.length % 4 !== 0 || !numbers.every(Number.isFinite)) {
    throw new Error(`${file} is no phone probe`);
  }
  const weights = Float64Array.from(numbers.subarray(0, rows * PHONE_COUNT));
  const biases = Float64Array.from(numbers.subarray(rows * PHONE_COUNT, (rows + 1) * PHONE_COUNT));
  const priors = numbers.slice((rows + 1) * PHONE_COUNT);
  return {
    priors,
    read: (states) => {
      if (states.size !== size) throw new Error(`the probe reads ${size} numbers a frame, not ${states.size}`);
      const logs = new Float32Array(states.frames * PHONE_COUNT);
      const scores = new Float64Array(PHONE_COUNT);
      for (let frame = 0; frame < states.frames; frame++) {
        scores.set(biases);
        CONTEXT.forEach((offset, place) => {
          // At the ends a frame is its own neighbour.
          const row = Math.min(states.frames - 1, Math.max(0, frame + offset)) * size;
          addProduct(scores, states.data.subarray(row, row + size), weights, place * size * PHONE_COUNT);
        });
        logs.set(logSoftmax(scores), frame * PHONE_COUNT);
      }
      return { frames: states.frames, logs };
    },
  };
}

/** Row by row: the weights are read in the order in which they lie. */
function addProduct(sums: Float64Array, values: Float32Array, weights: Float64Array, from: number): void {
  let at = from;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    for (let phone = 0; phone < PHONE_COUNT; phone++, at++) {
      sums[phone] = (sums[phone] ?? 0) + value * (weights[at] ?? 0);
    }
  }
}

function logSoftmax(scores: Float64Array): Float64Array {
  const top = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const logOfSum = top + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0));
  return scores.map((score) => score - logOfSum);
}

/** Chunks' frames one behind the other. */
export function joined(parts: readonly Posteriors[]): Posteriors {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  const logs = new Float32Array(frames * PHONE_COUNT);
  let at = 0;
  for (const part of parts) {
    logs.set(part.logs, at * PHONE_COUNT);
    at += part.frames;
  }
  return { frames, logs };
}
