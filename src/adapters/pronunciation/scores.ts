import { readFileSync } from "node:fs";
import { clamp } from "./numbers.ts";
import { evaluateRidge, evaluateTrees, type Ridge, type Tree, type Trees } from "./trees.ts";
import type { Evidence } from "./word_evidence.ts";

/** The fitted weights as scores.json keeps them. */
export type Scores = {
  /** Grows with every fit. */
  readonly version: number;
  /** 0 to 100: words that score lower are mispronounced. */
  readonly weakBelow: number;
  /** From the experts' scale (0 to 10) to 0 to 100. */
  points(expert: number): number;
  /** Each on the experts' scale, not cut to 0 to 10. */
  readonly word: Judge;
  readonly clip: { readonly accuracy: Judge; readonly fluency: Judge; readonly total: Judge };
};

type Judge = (evidence: Evidence) => number;

const fault = (what: string) => new Error(`scores.json: ${what}`);

export function openScores(file: string): Scores {
  const content = record(JSON.parse(readFileSync(file, "utf8")), "no object");
  const clip = record(content.clip, "no clip");
  return {
    version: finite(content.version, "version"),
    weakBelow: finite(content.weak_below, "weak_below"),
    points: mapping(content.points),
    word: judge(content.word, "word"),
    clip: {
      accuracy: judge(clip.accuracy, "clip.accuracy"),
      fluency: judge(clip.fluency, "clip.fluency"),
      total: judge(clip.total, "clip.total"),
    },
  };
}

/** Straight lines between points [expert, points], both of which grow. */
function mapping(value: unknown): (expert: number) => number {
  const points = list(value, "points").map((point) => numbers(point, "points"));
  const grow = points.every(([x = 0, y = 0], i) => {
    const [before = -1, lower = -1] = points[i - 1] ?? [];
    return x > before && y >= lower;
  });
  if (points.length < 2 || !grow) throw fault("points do not grow");
  return (expert) => {
    const at = points.findIndex(([x = 0], i) => i > 0 && (expert <= x || i === points.length - 1));
    const [[x0 = 0, y0 = 0] = [], [x1 = 1, y1 = 0] = []] = [points[at - 1], points[at]];
    return clamp(y0 + ((expert - x0) / (x1 - x0)) * (y1 - y0), 0, 100);
  };
}

/** The mean of boosted trees and a ridge, where both are there. */
function judge(value: unknown, where: string): Judge {
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

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw fault(what);
  return { ...value };
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw fault(what);
  return value;
}

function finite(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw fault(what);
  return value;
}

const numbers = (value: unknown, what: string): number[] => list(value, what).map((number) => finite(number, what));
