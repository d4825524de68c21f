import { PHONE_COUNT, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";
import {
  advance,
  BY_SKIP,
  beginning,
  type Costs,
  type Emissions,
  emissionsOf,
  FROM_OTHER,
  FROM_SILENCE,
  FROM_STATE,
  IMPOSSIBLE,
  type Layout,
  layOut,
  roomFor,
  type Steps,
} from "./skip_paths.ts";
import type { SpokenWord } from "./spoken_words.ts";

/** Frames [from, to). */
export type Span = { readonly from: number; readonly to: number };

/** The best reading of a text in which words may be left out and other things be said between them. */
export type Reading = {
  /** Where each word is said; null where it is left out. */
  readonly spans: readonly (Span | null)[];
  /** Stretches that are said and not in the text; `before` is the index of the word behind. */
  readonly others: readonly (Span & { readonly before: number })[];
  /** Of each word: how much better the best reading with it is than the best without it, in nats. */
  readonly margins: Float64Array;
};

// Bytes of steps that are held at once, about: 30 s of reading.
const ROOM = 8_000_000;

/**
 * The best reading, and of each word what it would cost to say or to leave it out. Steps that do not fit into ROOM are made
 * anew block by block from where the reading stands at its beginning, which takes half as long again.
 */
export function readWithSkips(
  words: readonly SpokenWord[],
  posteriors: Posteriors,
  priors: Float32Array,
  costs: Costs,
  room = ROOM,
): Reading {
  const layout = layOut(words, costs);
  const emissions = emissionsOf(posteriors, priors, costs);
  const { frames } = emissions;
  const bytes = layout.phone.length + 12 * (layout.words + 1);
  const block = Math.max(1, Math.floor(room / bytes));
  const begins = Array.from({ length: Math.ceil(frames / block) }, (_, i) => i * block);

  const standing = beginning(layout, costs);
  const copies = begins.map((from, i) => {
    const copy = structuredClone(standing);
    if (i === begins.length - 1) return copy;
    for (let frame = from; frame < from + block; frame++) advance(layout, emissions, costs, standing, frame);
    return copy;
  });

  const held = roomFor(layout, Math.min(block, frames));
  const tracer = traceBack(layout, frames);
  const weigher = weighBack(layout, emissions, costs);
  for (let i = begins.length - 1; i >= 0; i--) {
    const from = begins[i] ?? 0;
    const to = Math.min(frames, from + block);
    const steps = { ...held, from };
    const at = copies[i] ?? standing;
    for (let frame = from; frame < to; frame++) advance(layout, emissions, costs, at, frame, steps);
    for (let frame = to - 1; frame >= from; frame--) {
      tracer.back(frame, steps);
      weigher.back(frame, steps);
    }
  }
  return {
    spans: tracer.spans,
    others: tracer.others.toReversed(),
    margins: weigher.margins(beginning(layout, costs)),
  };
}

/** What the best path was doing: standing at a place, or saying a state, silence or something else. */
type Doing = "place" | "state" | "silence" | "other";

/** Back from the end of the sound and of the text, where every path ends. */
function traceBack({ words, phone, begins, word, first }: Layout, frames: number) {
  const [states, places] = [phone.length, words + 1];
  const spans: (Span | null)[] = Array.from({ length: words }, () => null);
  const others: (Span & { before: number })[] = [];
  let doing: Doing = "place";
  // Which place or state, and the moment at which it ended.
  let which = words;
  let until = frames;
  const back = (frame: number, steps: Steps) => {
    const row = frame - steps.from;
    while (doing === "place") {
      const by = steps.cameBy[row * places + which] ?? FROM_SILENCE;
      if (by === BY_SKIP) {
        let more = steps.ran[row * places + which];
        which--;
        while (more === 1 && which > 0) {
          more = steps.ran[row * places + which];
          which--;
        }
        continue;
      }
      until = frame + 1;
      doing = by === FROM_SILENCE ? "silence" : by === FROM_OTHER ? "other" : "state";
      if (doing === "state") which = (first[which - 1] ?? 0) + by - FROM_STATE;
    }
    if (doing === "silence" && steps.silenceBegins[row * places + which] === 1) doing = "place";
    if (doing === "other" && steps.otherBegins[row * places + which] === 1) {
      others.push({ from: frame, to: until, before: which });
      doing = "place";
    }
    if (doing !== "state" || steps.stateBegins[row * states + which] !== 1) return;
    if (begins[which] === 0) {
      which--;
      return;
    }
    which = word[which] ?? 0;
    spans[which] = { from: frame, to: until };
    doing = "place";
  };
  return { spans, others, back };
}

/** Backward from the end, to know of each word the best reading with it and without it. */
function weighBack(layout: Layout, { phones, other }: Emissions, costs: { skip: number; other: number }) {
  const { words, phone, word, begins, ends, skip } = layout;
  const nowhere = (count: number) => new Float64Array(count).fill(IMPOSSIBLE);
  const [withIt, without, entry] = [nowhere(words), nowhere(words), nowhere(words)];
  // What is best from here to the end: from each state, silence or other thing, its emission of this frame included; from
  // each place; and from each place where the word before it was left out.
  const [states, silent, elsewhere] = [nowhere(phone.length), nowhere(words + 1), nowhere(words + 1)];
  const [place, skipped] = [nowhere(words + 1), nowhere(words + 1)];

  const settle = (end: number) => {
    for (let i = words; i >= 0; i--) {
      let best = Math.max(silent[i] ?? IMPOSSIBLE, (elsewhere[i] ?? IMPOSSIBLE) - costs.other);
      if (i === words) best = Math.max(best, end);
      const leaving = i < words ? (skipped[i + 1] ?? IMPOSSIBLE) - (skip[i] ?? 0) : IMPOSSIBLE;
      if (i < words) best = Math.max(best, entry[i] ?? IMPOSSIBLE, leaving - costs.skip);
      place[i] = best;
      skipped[i] = Math.max(best, leaving);
    }
  };
  const leave = (forward: ArrayLike<number>, row: number) => {
    for (let k = 0; k < words; k++) {
      const out = (forward[row + k + 1] ?? IMPOSSIBLE) + (skipped[k + 1] ?? IMPOSSIBLE);
      if (out > (without[k] ?? IMPOSSIBLE)) without[k] = out;
    }
  };
  settle(0);

  /** From the moment behind a frame to the one before it. */
  const back = (frame: number, steps: Steps) => {
    const row = frame - steps.from;
    leave(steps.skipped, row * (words + 1));
    for (let k = 0; k < words; k++) {
      const through = (steps.ended[row * words + k] ?? IMPOSSIBLE) + (place[k + 1] ?? IMPOSSIBLE);
      if (through > (withIt[k] ?? IMPOSSIBLE)) withIt[k] = through;
    }
    const emitted = frame * PHONE_COUNT;
    entry.fill(IMPOSSIBLE);
    for (let s = 0; s < phone.length; s++) {
      const k = word[s] ?? 0;
      const on = (ends[s] ? place[k + 1] : states[s + 1]) ?? IMPOSSIBLE;
      const score = Math.max(states[s] ?? IMPOSSIBLE, on) + (phones[emitted + (phone[s] ?? 0)] ?? 0);
      states[s] = score;
      if (begins[s] && score > (entry[k] ?? IMPOSSIBLE)) entry[k] = score;
    }
    for (let i = 0; i <= words; i++) {
      const here = place[i] ?? IMPOSSIBLE;
      silent[i] = Math.max(silent[i] ?? IMPOSSIBLE, here) + (phones[emitted + SILENCE] ?? 0);
      elsewhere[i] = Math.max(elsewhere[i] ?? IMPOSSIBLE, here) + (other[frame] ?? 0);
    }
    settle(IMPOSSIBLE);
  };
  const margins = (start: { readonly skipped: Float64Array }) => {
    leave(start.skipped, 0);
    return withIt.map((best, k) => best - (without[k] ?? 0));
  };
  return { back, margins };
}
