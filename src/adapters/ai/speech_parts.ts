import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";

/** A stretch of a recording in which somebody speaks; positions are samples. */
export type Part = { readonly from: number; readonly to: number };

const FRAME = SAMPLE_RATE / 50;
const frames = (seconds: number) => Math.round(seconds * 50);

// Quieter than this (-60 dB of full scale) is silence, whatever surrounds it.
const SILENCE = 0.001;
// A steady noise is equally loud all the time; speech never is.
const STEADY = 1.5;
// Shorter sounds are clicks.
const CLICK = frames(0.06);
const MARGIN = frames(0.25);
// A breath holds a sentence together; in a long pause the recogniser starts to invent words.
const BREATH = frames(0.4);
const PAUSE = frames(2);
// The recogniser's window is 30 s, and room is left for the silence that is put behind the speech.
const LONGEST = frames(26);
const SHORTEST_CUT = frames(14);

/**
 * Cuts a recording at its pauses into parts that one pass of the recogniser can take, and leaves the silence out.
 * Nothing but silence or steady noise gives no part; null stands for samples that are not numbers.
 */
export function speechParts(samples: Samples): Part[] | null {
  const levels = loudness(samples);
  if (!levels) return null;
  const sorted = levels.toSorted();
  const [floor = 0, loud = 0] = [sorted[Math.floor(sorted.length * 0.1)], sorted[Math.floor(sorted.length * 0.95)]];
  // A click in silence must not hide soft speech, so the loudest frame does not count.
  const peak = sorted.at(-1 - CLICK) ?? 0;
  if (peak < SILENCE || (loud < STEADY * floor && peak < 2 * floor)) return [];

  // When in doubt it is speech: what is left out here is never heard.
  const threshold = Math.max(SILENCE, Math.min(2.5 * floor, 0.08 * Math.max(loud, peak / 4)));
  const parts: { first: number; last: number }[] = [];
  for (const run of runs(levels, threshold)) {
    const before = parts.at(-1);
    const joins = before && run.first - before.last < PAUSE && run.last - before.first <= LONGEST;
    if (joins) before.last = run.last;
    else parts.push(...pieces(run, levels));
  }
  return parts.map(({ first, last }) => ({
    from: Math.max(0, first - MARGIN) * FRAME,
    to: Math.min(samples.length, (last + 1 + MARGIN) * FRAME),
  }));
}

/** The root mean square of each 20 ms; null where a sample is not finite. */
function loudness(samples: Samples): Float32Array | null {
  const levels = new Float32Array(Math.ceil(samples.length / FRAME));
  for (let frame = 0; frame < levels.length; frame++) {
    const end = Math.min(samples.length, (frame + 1) * FRAME);
    let sum = 0;
    for (let i = frame * FRAME; i < end; i++) sum += (samples[i] ?? 0) ** 2;
    if (!Number.isFinite(sum)) return null;
    levels[frame] = Math.sqrt(sum / (end - frame * FRAME));
  }
  return levels;
}

/** Stretches of frames above the threshold, breaths included and clicks left out. */
function runs(levels: Float32Array, threshold: number) {
  const found: { first: number; last: number; loud: number }[] = [];
  levels.forEach((level, frame) => {
    if (level <= threshold) return;
    const run = found.at(-1);
    if (run && frame - run.last <= BREATH) {
      run.last = frame;
      run.loud++;
    } else found.push({ first: frame, last: frame, loud: 1 });
  });
  return found.filter(({ loud }) => loud >= CLICK);
}

/** Somebody who never pauses is cut where it is quietest. */
function pieces({ first, last }: { first: number; last: number }, levels: Float32Array) {
  const cut: { first: number; last: number }[] = [];
  let start = first;
  while (last - start > LONGEST) {
    const at = quietest(levels, start + SHORTEST_CUT, start + LONGEST);
    cut.push({ first: start, last: at });
    start = at + 1;
  }
  return [...cut, { first: start, last }];
}

function quietest(levels: Float32Array, from: number, to: number): number {
  let [best, lowest] = [from, Number.POSITIVE_INFINITY];
  for (let frame = from; frame < to; frame++) {
    const level = levels.subarray(frame - 2, frame + 3).reduce((sum, value) => sum + value, 0);
    if (level < lowest) [best, lowest] = [frame, level];
  }
  return best;
}
