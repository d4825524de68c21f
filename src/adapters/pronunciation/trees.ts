import { clamp } from "./numbers.ts";

/** One regression tree: at node i the value of `feature[i]` goes `left[i]` up to `value[i]`, else `right[i]`; a leaf has no feature (below 0) and answers `value[i]`. */
export type Tree = {
  readonly feature: Int32Array;
  readonly value: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
};

/** Gradient-boosted trees: `init` plus `rate` times the sum of what the trees answer. */
export type Trees = { readonly init: number; readonly rate: number; readonly trees: readonly Tree[] };

/** A linear model of standardised inputs. */
export type Ridge = {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
};

// Further from the mean than this many standard deviations the corpus has nothing to say.
const FURTHEST = 4;

/** Inputs are compared in single precision, as where the trees were grown. */
export function evaluateTrees({ init, rate, trees }: Trees, inputs: Float32Array): number {
  let sum = init;
  for (const { feature, value, left, right } of trees) {
    let node = 0;
    for (let at = feature[0] ?? -1; at >= 0; at = feature[node] ?? -1) {
      node = ((inputs[at] ?? 0) <= (value[node] ?? 0) ? left[node] : right[node]) ?? 0;
    }
    sum += rate * (value[node] ?? 0);
  }
  return sum;
}

export function evaluateRidge({ mean, sd, weights, bias }: Ridge, inputs: readonly number[]): number {
  return inputs.reduce((sum, input, i) => {
    const standard = (input - (mean[i] ?? 0)) / (sd[i] ?? 1);
    return sum + (weights[i] ?? 0) * clamp(standard, -FURTHEST, FURTHEST);
  }, bias);
}
