// How well two judges agree, and how far a figure would move with other speakers.

/** One judge's score beside the other's, for the same thing. */
export type Pair = readonly [number, number];

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Linear between the two nearest values, as NumPy does by default; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low === undefined || high === undefined ? Number.NaN : low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Pearson's r, -1 to 1; NaN where one judge gives everything the same score. */
export function pearson(pairs: readonly Pair[]): number {
  const [x, y] = [mean(pairs.map(([a]) => a)), mean(pairs.map(([, b]) => b))];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xx += (a - x) ** 2;
    yy += (b - y) ** 2;
    xy += (a - x) * (b - y);
  }
  return xy / Math.sqrt(xx * yy);
}

/** Mean of the absolute differences. */
export const absoluteError = (pairs: readonly Pair[]): number => mean(pairs.map(([a, b]) => Math.abs(a - b)));

/**
 * Area under the ROC curve: how often a bad one scores lower than a good one, ties counted as half (Mann and Whitney's U);
 * NaN where either has none.
 */
export function auc(good: readonly number[], bad: readonly number[]): number {
  const all = [...good.map((score) => ({ score, good: 1 })), ...bad.map((score) => ({ score, good: 0 }))];
  all.sort((a, b) => a.score - b.score);
  let ranks = 0;
  for (let from = 0, to = 0; from < all.length; from = to) {
    while (to < all.length && all[to]?.score === all[from]?.score) to++;
    // Ranks count from 1; whoever ties shares the mean of their ranks.
    const rank = (from + 1 + to) / 2;
    ranks += rank * all.slice(from, to).reduce((sum, { good }) => sum + good, 0);
  }
  return (ranks - (good.length * (good.length + 1)) / 2) / (good.length * bad.length);
}

/** At most so many, from the whole list: one that is sorted by speaker does not give the first speakers alone. */
export const spread = <T>(items: readonly T[], most: number): T[] =>
  items.filter((_, i) => Math.floor((i * most) / items.length) !== Math.floor(((i - 1) * most) / items.length));

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Resampling = { resamples?: number; seed?: number };

/**
 * The 95 % percentile interval of a figure when whole groups (speakers) are drawn again: clips of one speaker are alike, so
 * drawing single clips would promise too much. Draws in which the figure is not a number do not count.
 */
export function interval<T>(
  items: readonly T[],
  groupOf: (item: T) => string,
  figure: (items: readonly T[]) => number,
  { resamples = 1000, seed = 1 }: Resampling = {},
): readonly [low: number, high: number] {
  const groups = [...Map.groupBy(items, groupOf).values()];
  const random = seeded(seed);
  const drawn = Array.from({ length: resamples }, () =>
    figure(groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? [])),
  ).filter((value) => !Number.isNaN(value));
  return [quantile(drawn, 0.025), quantile(drawn, 0.975)];
}
