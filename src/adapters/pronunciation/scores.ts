import { readFileSync } from "node:fs";
import { finite, type Judge, judge, list, numbers, record } from "./judge.ts";
import { clamp } from "./numbers.ts";

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
