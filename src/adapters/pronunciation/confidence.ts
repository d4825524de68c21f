import type { Confidence } from "../../domain/pronunciation.ts";
import type { Passage } from "./listener.ts";
import { mean } from "./numbers.ts";

/** dB between speech and noise: below, the noise is heard as sounds. */
const NOISY = 12;
const QUIET = 25;
/** Mean log-posterior of the likeliest phone of a frame: nearer to 0 is clearer. */
const UNCLEAR = -0.8;
const CLEAR = -0.55;
/** With fewer words the mean of a clip is as uncertain as one of them. */
const FEW_WORDS = 2;
const ENOUGH_WORDS = 4;

/** How far scores may be relied on, by what was heard: noise, unclear sound and few words speak against them. */
export function confidenceIn(passages: readonly Passage[]): Confidence {
  const words = passages.reduce((sum, passage) => sum + passage.words.length, 0);
  const snr = mean(passages.map(({ pace }) => pace.snr));
  const clearness = mean(passages.map(({ fit }) => fit.clearness));
  if (words < FEW_WORDS || snr < NOISY || clearness < UNCLEAR) return "low";
  return words >= ENOUGH_WORDS && snr >= QUIET && clearness >= CLEAR ? "high" : "medium";
}
