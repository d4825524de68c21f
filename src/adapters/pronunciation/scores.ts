import { readFileSync } from "node:fs";
import { finite, type Judge, judge, list, numbers, record } from "./judge.ts";
import { type Network, readNetworks, type Standard } from "./network.ts";
import { clamp } from "./numbers.ts";
import { PHONE_INPUTS } from "./phone_inputs.ts";
import { PHONE_COUNT } from "./phones.ts";

/** The fitted weights as scores.json keeps them. */
export type Scores = {
  /** Grows with every fit. */
  readonly version: number;
  /** 0 to 100: words that score lower are mispronounced. */
  readonly weakBelow: number;
  /** From the experts' scale (0 to 10) to 0 to 100. */
  points(expert: number): number;
  /** The same for scores of a whole clip. */
  clipPoints(expert: number): number;
  /** Of the probe: see there. */
  readonly priors: readonly number[];
  /** Each on the experts' scale, not cut to 0 to 10. */
  readonly word: Judge;
  readonly clip: { readonly accuracy: Judge; readonly fluency: Judge; readonly total: Judge };
  readonly network: {
    readonly networks: readonly Network[];
    readonly phone: Standard;
    readonly clip: Standard & { readonly features: readonly string[] };
  };
  /** From what trees and what networks say. */
  readonly blend: Readonly<Record<"word" | "accuracy" | "fluency" | "total", Blend>>;
};

type Blend = (trees: number, networks: number) => number;

const fault = (what: string) => new Error(`scores.json: ${what}`);

type Files = { readonly scores: string; readonly network: string };

export function openScores(files: Files): Scores {
  const content = record(JSON.parse(readFileSync(files.scores, "utf8")), "no object");
  const clip = record(content.clip, "no clip");
  return {
    version: finite(content.version, "version"),
    weakBelow: finite(content.weak_below, "weak_below"),
    points: mapping(content.points, "points"),
    clipPoints: mapping(content.clip_points, "clip_points"),
    priors: priorsIn(content.priors),
    word: judge(content.word, "word"),
    clip: {
      accuracy: judge(clip.accuracy, "clip.accuracy"),
      fluency: judge(clip.fluency, "clip.fluency"),
      total: judge(clip.total, "clip.total"),
    },
    network: networkIn(content.network, files.network),
    blend: blendIn(content.blend),
  };
}

function priorsIn(value: unknown): number[] {
  const priors = numbers(value, "priors");
  if (priors.length !== PHONE_COUNT) throw fault("not a prior for each phone");
  return priors;
}

function networkIn(value: unknown, file: string): Scores["network"] {
  const { count, hidden, ...parts } = record(value, "network");
  const [phone, clip] = [standardIn(parts.phone, "network.phone"), standardIn(parts.clip, "network.clip")];
  if (phone.features.join() !== PHONE_INPUTS.join()) throw fault("the network was fitted on other inputs");
  const shape = {
    phoneInputs: phone.mean.length,
    clipInputs: clip.mean.length,
    hidden: finite(hidden, "network.hidden"),
  };
  const bytes = readFileSync(file);
  const weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return { networks: readNetworks(weights, finite(count, "network.count"), shape), phone, clip };
}

function standardIn(value: unknown, where: string): Standard & { readonly features: readonly string[] } {
  const { features, mean, sd } = record(value, where);
  const standard = { features: list(features, where).map(String), mean: numbers(mean, where), sd: numbers(sd, where) };
  const count = standard.features.length;
  if (standard.mean.length !== count || standard.sd.length !== count) throw fault(`${where} has not a number for each`);
  return standard;
}

function blendIn(value: unknown): Scores["blend"] {
  const parts = record(value, "blend");
  const blend = (name: string): Blend => {
    const [ofTrees = 0, ofNetworks = 0, offset = 0] = numbers(parts[name], `blend.${name}`);
    return (trees, networks) => ofTrees * trees + ofNetworks * networks + offset;
  };
  return { word: blend("word"), accuracy: blend("accuracy"), fluency: blend("fluency"), total: blend("total") };
}

/** Straight lines between points [expert, points], both of which grow. */
function mapping(value: unknown, where: string): (expert: number) => number {
  const points = list(value, where).map((point) => numbers(point, where));
  const grow = points.every(([x = 0, y = 0], i) => {
    const [before = -1, lower = -1] = points[i - 1] ?? [];
    return x > before && y >= lower;
  });
  if (points.length < 2 || !grow) throw fault(`${where} do not grow`);
  return (expert) => {
    const at = points.findIndex(([x = 0], i) => i > 0 && (expert <= x || i === points.length - 1));
    const [[x0 = 0, y0 = 0] = [], [x1 = 1, y1 = 0] = []] = [points[at - 1], points[at]];
    return clamp(y0 + ((expert - x0) / (x1 - x0)) * (y1 - y0), 0, 100);
  };
}
