/** As points and scores are kept and shown. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;

/** In tenths; null of nothing. */
export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : tenths(values.reduce((sum, value) => sum + value, 0) / values.length);
