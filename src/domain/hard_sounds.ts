import type { Sound } from "./pronunciation.ts";

// What can be said of a sound that Uzbek speakers find hard, and of consonants that stand together.

export type HintLanguage = "uz" | "en";

/** What the tongue and the lips do, in both languages: no capital, no full stop. */
export type Tip = {
  readonly uz: string;
  readonly en: string;
  /** Two words that differ in the sound, the right one first. */
  readonly pair: readonly [string, string];
};

export type HardSound = Tip & {
  /** What to do where this other sound was likely in its place. */
  readonly instead?: Readonly<Record<Sound, Tip>>;
};

export const tip = (uz: string, en: string, ...pair: [string, string]): Tip => ({ uz, en, pair });
