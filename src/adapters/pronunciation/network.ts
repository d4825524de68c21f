import { clamp } from "./numbers.ts";

// A small network over the phones of a clip, after GOPT (Gong et al. 2022) with convolutions for attention: it is told how
// each phone fits, and says how likely experts mark it, what they give each word, and what they give the whole.

/** Weights and biases of one layer; weights lie row by row, a row for each input. */
type Layer = { readonly weights: Float32Array; readonly biases: Float32Array };

export type Network = {
  readonly phoneIn: Layer;
  /** Each reads a phone with the one before and the one behind. */
  readonly mixing: readonly Layer[];
  readonly error: Layer;
  readonly wordIn: Layer;
  readonly wordOut: Layer;
  readonly clipIn: Layer;
  readonly clipOut: Layer;
};

export type Shape = { readonly phoneInputs: number; readonly clipInputs: number; readonly hidden: number };

/** What the experts would say, each 0 to 1; `phones` is the share of them that would mark it. */
export type Verdict = {
  readonly phones: Float32Array;
  readonly words: readonly number[];
  readonly accuracy: number;
  readonly fluency: number;
  readonly total: number;
};

const MIXING_LAYERS = 3;
/** Accuracy, fluency, prosody and total, as the experts' forms have them. */
const CLIP_OUTPUTS = 4;

/** Reads networks that lie one behind the other; throws where the file has other numbers than the shape asks for. */
export function readNetworks(numbers: Float32Array, count: number, shape: Shape): Network[] {
  const { phoneInputs, clipInputs, hidden } = shape;
  let at = 0;
  const take = (length: number) => {
    at += length;
    return numbers.subarray(at - length, at);
  };
  const layer = (inputs: number, outputs: number): Layer => ({
    weights: take(inputs * outputs),
    biases: take(outputs),
  });
  const networks = Array.from({ length: count }, () => ({
    phoneIn: layer(phoneInputs, hidden),
    mixing: Array.from({ length: MIXING_LAYERS }, () => layer(3 * hidden, hidden)),
    error: layer(hidden, 1),
    wordIn: layer(2 * hidden + 1, hidden),
    wordOut: layer(hidden, 1),
    clipIn: layer(2 * hidden + 3 + clipInputs, hidden),
    clipOut: layer(hidden, CLIP_OUTPUTS),
  }));
  if (at !== numbers.length || !numbers.every(Number.isFinite)) throw new Error("network.f32 does not fit scores.json");
  return networks;
}

/** `phones` are standardised inputs of each phone, `wordOf` its word (each has one or more), `clip` those of the whole. */
export function evaluate(
  network: Network,
  phones: readonly Float32Array[],
  wordOf: readonly number[],
  clip: Float32Array,
): Verdict {
  let states = phones.map((inputs) => relu(apply(network.phoneIn, inputs)));
  const nothing = new Float32Array(network.phoneIn.biases.length);
  for (const layer of network.mixing) {
    const before = states;
    states = before.map((own, i) => {
      const around = concat(before[i - 1] ?? nothing, own, before[i + 1] ?? nothing);
      return sum(own, relu(apply(layer, around)));
    });
  }
  const errors = Float32Array.from(states, (state) => sigmoid(first(apply(network.error, state)) - 2));
  const words = [...Map.groupBy(wordOf.keys(), (i) => wordOf[i] ?? 0).values()].map((own) => {
    const inside = own.flatMap((i) => states[i] ?? []);
    const worst = Math.max(...own.map((i) => errors[i] ?? 0));
    const state = relu(apply(network.wordIn, concat(meanOf(inside), mostOf(inside), Float32Array.of(worst))));
    return { state, score: 0.98 - 0.9 * worst + first(apply(network.wordOut, state)) };
  });
  const scores = words.map(({ score }) => score);
  const inside = words.map(({ state }) => state);
  const meanScore = scores.reduce((total, score) => total + score, 0) / scores.length;
  const meanError = errors.reduce((total, error) => total + error, 0) / errors.length;
  const summary = Float32Array.of(meanScore, Math.min(...scores), meanError);
  const whole = concat(meanOf(inside), mostOf(inside), summary, clip);
  const [accuracy = 0, fluency = 0, , total = 0] = apply(network.clipOut, relu(apply(network.clipIn, whole))).map(
    (offset) => 0.8 * meanScore + 0.1 + offset,
  );
  return { phones: errors, words: scores, accuracy, fluency, total };
}

export type Standard = { readonly mean: readonly number[]; readonly sd: readonly number[] };

/** Inputs as the network knows them: in standard deviations from the mean, `furthest` of them at most. */
export const standardised = (inputs: ArrayLike<number>, { mean, sd }: Standard, furthest: number): Float32Array =>
  Float32Array.from(inputs, (input, i) => clamp((input - (mean[i] ?? 0)) / (sd[i] ?? 1), -furthest, furthest));

function apply({ weights, biases }: Layer, inputs: Float32Array): Float32Array {
  const outputs = Float32Array.from(biases);
  let at = 0;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i] ?? 0;
    for (let o = 0; o < outputs.length; o++, at++) outputs[o] = (outputs[o] ?? 0) + input * (weights[at] ?? 0);
  }
  return outputs;
}

const first = (values: Float32Array): number => values[0] ?? 0;

const relu = (values: Float32Array): Float32Array => values.map((value) => Math.max(0, value));

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + (b[i] ?? 0));

const meanOf = (rows: readonly Float32Array[]): Float32Array => rows.reduce(sum).map((value) => value / rows.length);

const mostOf = (rows: readonly Float32Array[]): Float32Array =>
  rows.reduce((a, b) => a.map((value, i) => Math.max(value, b[i] ?? 0)));

function concat(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
