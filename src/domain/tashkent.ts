/** Tashkent's clock is so far ahead of UTC; it has had no daylight saving since 1992. */
export const TASHKENT_MS = 5 * 60 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/** The number of the day that a moment belongs to in Tashkent, where a school's day begins. */
export const dayOf = (time: string | Date): number => Math.floor((new Date(time).getTime() + TASHKENT_MS) / DAY_MS);
