import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { FRAME, levels, rangeOf } from "./loudness.ts";

/** A stretch of a recording that is listened to at once; positions are samples. */
export type Chunk = { readonly from: number; readonly to: number };

const frames = (seconds: number) => Math.round((seconds * SAMPLE_RATE) / FRAME);

// The scores were fitted on clips of 1 to 20 s, most of them below 6; what fits is never cut.
const WHOLE = 15 * SAMPLE_RATE;
const SHORTEST = frames(8);
const LONGEST = frames(15);
// The longer a pause the better it is cut at; a stop closes the mouth for up to 150 ms.
const PAUSE = frames(0.2);
// A cut without a pause goes where this much sound is quietest.
const WINDOW = frames(0.1);

/** Cuts a recording of more than 15 s at pauses into chunks of 8 to 15 s that follow each other without gaps. */
export function chunksOf(samples: Samples): Chunk[] {
  if (samples.length <= WHOLE) return [{ from: 0, to: samples.length }];
  const loud = levels(samples);
  const quiet = quietRuns(loud);
  const cuts = [0];
  let start = 0;
  while (loud.length - start > LONGEST) {
    // The last two chunks share what is left, so that none is short.
    const last = Math.min(start + LONGEST, Math.max(start + SHORTEST, loud.length - SHORTEST));
    start = cutBetween(loud, quiet, start + Math.min(SHORTEST, Math.floor((loud.length - start) / 2)), last);
    cuts.push(start);
  }
  return cuts.map((cut, i) => {
    const next = cuts[i + 1];
    return { from: cut * FRAME, to: next === undefined ? samples.length : next * FRAME };
  });
}

type Run = { readonly from: number; readonly to: number };

/** Runs of frames that are nearer to the noise than to the speech. */
function quietRuns(loud: Float64Array): Run[] {
  const { threshold } = rangeOf(loud);
  const runs: Run[] = [];
  let from = -1;
  for (let frame = 0; frame <= loud.length; frame++) {
    const quiet = frame < loud.length && (loud[frame] ?? 0) <= threshold;
    if (quiet && from < 0) from = frame;
    if (!quiet && from >= 0) {
      if (frame - from >= PAUSE) runs.push({ from, to: frame });
      from = -1;
    }
  }
  return runs;
}

/** The middle of the longest pause between two frames, or the quietest place where there is none. */
function cutBetween(loud: Float64Array, quiet: readonly Run[], first: number, last: number): number {
  let best: Run | undefined;
  for (const run of quiet) {
    const inside = { from: Math.max(run.from, first), to: Math.min(run.to, last) };
    if (inside.to - inside.from < PAUSE) continue;
    if (!best || inside.to - inside.from > best.to - best.from) best = inside;
  }
  return best ? Math.floor((best.from + best.to) / 2) : quietest(loud, first, last);
}

function quietest(loud: Float64Array, first: number, last: number): number {
  let [best, lowest] = [first, Number.POSITIVE_INFINITY];
  for (let frame = first; frame + WINDOW <= last; frame++) {
    const power = loud.subarray(frame, frame + WINDOW).reduce((sum, level) => sum + 10 ** (level / 10), 0);
    if (power < lowest) [best, lowest] = [frame + Math.floor(WINDOW / 2), power];
  }
  return best;
}
