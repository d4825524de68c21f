import { evaluateRidge, evaluateTrees, type Ridge, type Tree, type Trees } from "./trees.ts";
import type { Evidence } from "./word_evidence.ts";

// Fitted weights as the JSON files keep them, looked through before anything is judged by them.

/** Makes a number of evidence. */
export type Judge = (evidence: Evidence) => number;

const fault = (what: string) => new Error(`weights: ${what}`);

/** `{features, trees?, ridge?}`: the mean of boosted trees and a ridge, where both are there. */
export function judge(value: unknown, where: string): Judge {
  const { features, trees, ridge } = record(value, where);
  const names = list(features, `${where}.features`).map(String);
  const grown = trees === undefined ? undefined : readTrees(trees, names.length, `${where}.trees`);
  const line = ridge === undefined ? undefined : readRidge(ridge, names.length, `${where}.ridge`);
  if (!grown && !line) throw fault(`${where} has no model`);
  return (evidence) => {
    const inputs = names.map((name) => finite(evidence[name], `no evidence ${name} for ${where}`));
    const parts = [
      ...(grown ? [evaluateTrees(grown, Float32Array.from(inputs))] : []),
      ...(line ? [evaluateRidge(line, inputs)] : []),
    ];
    return parts.reduce((sum, part) => sum + part, 0) / parts.length;
  };
}
function readTrees(value: unknown, inputs: number, where: string): Trees {
  const { init, rate, trees } = record(value, where);
  return {
    init: finite(init, where),
    rate: finite(rate, where),
    trees: list(trees, where).map((tree) => readTree(tree, inputs, where)),
  };
}

/** [features, values, left, right]; children lie behind their parents, so that no walk is endless. */
function readTree(tree: unknown, inputs: number, where: string): Tree {
  const [feature = [], value = [], left = [], right = []] = list(tree, where).map((column) => numbers(column, where));
  const inside = (child: number | undefined, node: number) =>
    child !== undefined && child > node && child < value.length;
  const sound = feature.every(
    (name, node) => name < 0 || (name < inputs && inside(left[node], node) && inside(right[node], node)),
  );
  if (!sound || feature.length === 0 || feature.length !== value.length)
    throw fault(`${where} has a tree that is none`);
  return {
    feature: Int32Array.from(feature),
    value: Float64Array.from(value),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
  };
}

function readRidge(value: unknown, inputs: number, where: string): Ridge {
  const { mean, sd, weights, bias } = record(value, where);
  const ridge = {
    mean: numbers(mean, where),
    sd: numbers(sd, where),
    weights: numbers(weights, where),
    bias: finite(bias, where),
  };
  const lengths = [ridge.mean.length, ridge.sd.length, ridge.weights.length];
  if (lengths.some((length) => length !== inputs)) throw fault(`${where} has not a number for each feature`);
  return ridge;
}

export function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw fault(what);
  return { ...value };
}

export function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw fault(what);
  return value;
}

export function finite(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw fault(what);
  return value;
}

export const numbers = (value: unknown, what: string): number[] =>
  list(value, what).map((number) => finite(number, what));
