import { SAMPLE_RATE, type Samples, type Transcript } from "./speech.ts";
import { wordsOf } from "./words.ts";

/** How an answer was spoken, whatever it says. */
export type SpeechMeasures = {
  readonly duration_ms: number;
  /** Time in which something sounds: from the first to the last sound, pauses left out. */
  readonly speech_ms: number;
  /** Words a minute from the first to the last sound, pauses included; 0 without words or sound. */
  readonly wpm: number;
  /** Syllables a second of speech_ms, pauses left out; null without words or sound. */
  readonly articulation_rate: number | null;
  /** Pauses of PAUSE_MS and longer between the first and the last sound. */
  readonly pause_count: number;
  /** Share of the time from the first to the last sound that is pauses, 0 to 1. */
  readonly pause_ratio: number;
  readonly longest_pause_ms: number;
  /** Share of samples cut off at full scale, 0 to 1; above 0.02 the words cannot be judged. */
  readonly clipping: number;
  /** Root mean square of what sounds, dB below full scale: -20 is loud speech, -45 hardly audible. */
  readonly level_db: number;
  readonly silent: boolean;
};

/**
 * Shorter gaps belong to the articulation of stops, not to hesitation: Goldman-Eisler (1968) cut at 250 ms, and De Jong
 * & Bosker (2013) found that 250 ms predicts second-language proficiency best.
 */
const PAUSE_MS = 250;

export const FRAME_MS = 20;
const FRAME = (SAMPLE_RATE * FRAME_MS) / 1000;
// Room noise of a quiet recording lies near -60 dBFS; speech that a recogniser understands peaks above -45.
const SILENCE_DB = -55;
const FLOOR_DB = -100;
// A single click is no speech: what sounds for less than 3 frames at either end is not where the speech begins.
const SHORTEST_SOUND = 3;
const FULL_SCALE = 0.99;
// A wave that is cut off stays at its limit for several samples; a loud one touches it for one.
const CUT_OFF = 3;

export const decibels = (meanSquare: number): number =>
  meanSquare > 0 ? Math.max(FLOOR_DB, 10 * Math.log10(meanSquare)) : FLOOR_DB;

// A cheap sound card shifts the whole wave. Taken for sound, the shift fills every pause and hides the speech; below this (-54 dB)
// it does neither, and the recordings of learners that figures are measured on stay below a third of it.
const LEAST_OFFSET = 0.002;

const offsetOf = (sum: number, count: number): number => {
  const mean = sum / count;
  return Math.abs(mean) >= LEAST_OFFSET ? mean : 0;
};

/** Samples around zero: without the constant offset that a sound card may add. Those that have none are given as they are. */
export function centred(samples: Samples): Samples {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ?? 0;
  const offset = offsetOf(sum, samples.length);
  return offset === 0 ? samples : samples.map((sample) => sample - offset);
}

/** Mean square of each 20 ms around the offset; a frame with samples that are no numbers counts as silent. */
function frames(samples: Samples): Float64Array {
  const powers = new Float64Array(Math.ceil(samples.length / FRAME));
  const means = new Float64Array(powers.length);
  let all = 0;
  for (let f = 0; f < powers.length; f++) {
    const end = Math.min(samples.length, (f + 1) * FRAME);
    let [sum, squares] = [0, 0];
    for (let i = f * FRAME; i < end; i++) {
      const sample = samples[i] ?? 0;
      sum += sample;
      squares += sample * sample;
    }
    if (!Number.isFinite(squares)) continue;
    const count = end - f * FRAME;
    powers[f] = squares / count;
    means[f] = sum / count;
    all += sum;
  }
  const offset = offsetOf(all, samples.length);
  if (offset === 0) return powers;
  return powers.map((power, f) => Math.max(0, power - 2 * offset * (means[f] ?? 0) + offset * offset));
}

function clippedShare(samples: Samples): number {
  let [clipped, run] = [0, 0];
  for (let i = 0; i <= samples.length; i++) {
    if (Math.abs(samples[i] ?? 0) >= FULL_SCALE) run++;
    else if (run > 0) {
      if (run >= CUT_OFF) clipped += run;
      run = 0;
    }
  }
  return samples.length === 0 ? 0 : clipped / samples.length;
}

/**
 * The level that divides speech from pause: 6 dB above the noise floor (the quietest tenth), but not more than 30 dB
 * below the loudest twentieth, where only breath and echo are left; at most 6 dB below it, so that sound without any
 * pause is not taken for noise. De Jong & Wempe (2009) gate at a fixed distance from the maximum in the same way.
 */
function gate(levels: Float64Array): number {
  const sorted = levels.slice().sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? FLOOR_DB;
  return Math.max(SILENCE_DB, Math.min(Math.max(at(0.1) + 6, at(0.95) - 30), at(0.95) - 6));
}

type Run = { readonly from: number; readonly to: number };

/** Stretches of frames that sound; clicks shorter than SHORTEST_SOUND are left out. */
function sounding(levels: Float64Array, threshold: number): Run[] {
  const runs: Run[] = [];
  let from = -1;
  for (let f = 0; f <= levels.length; f++) {
    const loud = (levels[f] ?? FLOOR_DB) >= threshold && f < levels.length;
    if (loud && from < 0) from = f;
    if (!loud && from >= 0) {
      if (f - from >= SHORTEST_SOUND) runs.push({ from, to: f });
      from = -1;
    }
  }
  return runs;
}

// Endings that are written and not said: make, makes, liked; not those of table, tables, boxes, wanted.
const MUTE = /(?<![^aeiouy]l)e$|(?<![sxzcgl]|[cs]h)es$|(?<![td])ed$/;

/** The power of each FRAME_MS, its level in dB, and the stretches that sound. */
export function framesOf(samples: Samples): { powers: Float64Array; levels: Float64Array; runs: Run[] } {
  const powers = frames(samples);
  const levels = powers.map(decibels);
  return { powers, levels, runs: sounding(levels, gate(levels)) };
}

/** Syllables of a word by its groups of vowels, mute endings left out: an estimate, right for 9 words of 10. */
export function syllablesIn(word: string): number {
  const said = word.length > 3 ? word.replace(MUTE, "") : word;
  return Math.max(1, said.match(/[aeiouyаеёиоуыэюяў]+/g)?.length ?? 0);
}

/** Nothing that could be speech: no 20 ms of it reach -55 dBFS. Quiet speech is not silent. */
export function isSilent(samples: Samples): boolean {
  return frames(samples).every((power) => decibels(power) < SILENCE_DB);
}

/** As they are stored and shown: no digit that the measuring does not carry. */
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** Measures of pace and pauses from the sound (16 kHz) and the number of its words. */
export function measureSpeech(samples: Samples, { text }: Pick<Transcript, "text">): SpeechMeasures {
  const { powers, levels, runs } = framesOf(samples);
  const [first, last] = [runs[0], runs.at(-1)];
  const span = first && last ? (last.to - first.from) * FRAME_MS : 0;
  const pauses = runs
    .slice(1)
    .map(({ from }, i) => (from - (runs[i]?.to ?? from)) * FRAME_MS)
    .filter((gap) => gap >= PAUSE_MS);
  const paused = pauses.reduce((sum, gap) => sum + gap, 0);
  const loud = runs.flatMap(({ from, to }) => [...powers.subarray(from, to)]);
  const words = wordsOf(text);
  const syllables = words.reduce((sum, word) => sum + syllablesIn(word), 0);
  return {
    duration_ms: Math.round((samples.length * 1000) / SAMPLE_RATE),
    speech_ms: span - paused,
    wpm: rounded(span > 0 ? (words.length * 60_000) / span : 0, 1),
    articulation_rate: span > 0 && syllables > 0 ? rounded((syllables * 1000) / (span - paused), 2) : null,
    pause_count: pauses.length,
    pause_ratio: rounded(span > 0 ? paused / span : 0, 3),
    longest_pause_ms: Math.max(0, ...pauses),
    clipping: rounded(clippedShare(samples), 4),
    level_db: rounded(decibels(loud.reduce((sum, power) => sum + power, 0) / Math.max(1, loud.length)), 1),
    silent: levels.every((level) => level < SILENCE_DB),
  };
}
