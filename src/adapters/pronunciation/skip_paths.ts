import { PHONE_COUNT, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";
import type { SpokenWord } from "./spoken_words.ts";

// Where a reading stands at each moment and how it came there: moment t is before frame t, place i of the text before word i.

/** What it costs a reading to depart from the text, in nats. */
export type Costs = {
  /** To begin to leave words out, then for each word and for each of its phones. */
  readonly skip: number;
  readonly skipWord: number;
  readonly skipPhone: number;
  /** To begin to say something else between two words, then for each frame of it. Infinity allows nothing else. */
  readonly other: number;
  readonly otherFrame: number;
};

/** The text as states, one for each phone of each pronunciation. */
export type Layout = {
  readonly words: number;
  readonly phone: Uint8Array;
  readonly word: Int32Array;
  /** 1 where a pronunciation begins, and where it ends. */
  readonly begins: Uint8Array;
  readonly ends: Uint8Array;
  /** First state of each word, and behind the last word. */
  readonly first: Int32Array;
  /** Cost of leaving out each word. */
  readonly skip: Float64Array;
};

/** For each frame: emissions in rows of PHONE_COUNT, and the score of saying something else. */
export type Emissions = { readonly frames: number; readonly phones: Float64Array; readonly other: Float64Array };

/** The best score of each way to stand somewhere at a moment. */
export type Standing = {
  /** Of each state, of silence and of something else before each place: with the frame before the moment. */
  readonly states: Float64Array;
  readonly silent: Float64Array;
  readonly other: Float64Array;
  readonly place: Float64Array;
  /** At each place, having just left out the word before it. */
  readonly skipped: Float64Array;
};

export const IMPOSSIBLE = Number.NEGATIVE_INFINITY;

// How a place was reached: by leaving out the word before it, from silence, from something else, or (from FROM_STATE on)
// from the last state of the word before it, counted from that word's first.
export const BY_SKIP = 0;
export const FROM_SILENCE = 1;
export const FROM_OTHER = 2;
export const FROM_STATE = 3;

/** What is kept of some moments one behind the other: of each moment (from, to] and the frame before it. */
export type Steps = {
  readonly from: number;
  readonly skipped: Float32Array;
  /** Of each word: it ends with the frame. */
  readonly ended: Float32Array;
  readonly cameBy: Uint8Array;
  /** 1 where the word before the one that is left out was left out too. */
  readonly ran: Uint8Array;
  /** 1 where what is said begins with the frame. */
  readonly stateBegins: Uint8Array;
  readonly silenceBegins: Uint8Array;
  readonly otherBegins: Uint8Array;
};

// Half of the prior is taken away, as in the plain alignment.
const PRIOR_SHARE = 0.5;

export function layOut(words: readonly SpokenWord[], { skipWord, skipPhone }: Costs): Layout {
  const states = words.flatMap(({ pronunciations }, word) =>
    pronunciations.flatMap((phones) =>
      phones.map((phone, i) => ({ phone, word, begins: i === 0 ? 1 : 0, ends: i === phones.length - 1 ? 1 : 0 })),
    ),
  );
  const first = new Int32Array(words.length + 1);
  for (const { word } of states) first[word + 1] = (first[word + 1] ?? 0) + 1;
  for (let i = 0; i < words.length; i++) first[i + 1] = (first[i + 1] ?? 0) + (first[i] ?? 0);
  const shortest = words.map(({ pronunciations }) => Math.min(...pronunciations.map(({ length }) => length)));
  return {
    words: words.length,
    phone: Uint8Array.from(states, ({ phone }) => phone),
    word: Int32Array.from(states, ({ word }) => word),
    begins: Uint8Array.from(states, ({ begins }) => begins),
    ends: Uint8Array.from(states, ({ ends }) => ends),
    first,
    skip: Float64Array.from(shortest, (phones) => skipWord + phones * skipPhone),
  };
}

export function emissionsOf({ frames, logs }: Posteriors, priors: Float32Array, { otherFrame }: Costs): Emissions {
  const phones = Float64Array.from(logs, (log, i) => log - PRIOR_SHARE * (priors[i % PHONE_COUNT] ?? 0));
  const other = new Float64Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let top = IMPOSSIBLE;
    for (let at = frame * PHONE_COUNT; at < frame * PHONE_COUNT + SILENCE; at++) top = Math.max(top, phones[at] ?? top);
    other[frame] = top - otherFrame;
  }
  return { frames, phones, other };
}

/** Before the first frame any words may have been left out. */
export function beginning(layout: Layout, costs: Costs): Standing {
  const [states, places] = [layout.phone.length, layout.words + 1];
  const nowhere = (count: number) => new Float64Array(count).fill(IMPOSSIBLE);
  const standing: Standing = {
    states: nowhere(states),
    ...{ silent: nowhere(places), other: nowhere(places), place: nowhere(places), skipped: nowhere(places) },
  };
  standing.place[0] = 0;
  for (let i = 1; i < places; i++) leaveOut(layout, costs, standing, i);
  return standing;
}

const IS_BEST = 1;
const RAN = 2;

/** Arrives at place i by leaving out the word before it: IS_BEST where that is the best way, RAN where the word before it was left out too. */
function leaveOut({ skip }: Layout, costs: Costs, { place, skipped }: Standing, i: number): number {
  const begun = (place[i - 1] ?? IMPOSSIBLE) - costs.skip;
  const running = skipped[i - 1] ?? IMPOSSIBLE;
  const best = Math.max(begun, running) - (skip[i - 1] ?? 0);
  const isBest = best > (place[i] ?? IMPOSSIBLE);
  skipped[i] = best;
  if (isBest) place[i] = best;
  // A number and no object: a long reading would leave a hundred megabytes of them.
  return (isBest ? IS_BEST : 0) | (running >= begun ? RAN : 0);
}

/** Room for so many frames, to be used again and again: every number of a row is written when its frame comes. */
export function roomFor({ words, phone }: Layout, frames: number): Omit<Steps, "from"> {
  const places = words + 1;
  return {
    skipped: new Float32Array(frames * places),
    ended: new Float32Array(frames * words),
    cameBy: new Uint8Array(frames * places),
    ran: new Uint8Array(frames * places),
    stateBegins: new Uint8Array(frames * phone.length),
    silenceBegins: new Uint8Array(frames * places),
    otherBegins: new Uint8Array(frames * places),
  };
}

/** One frame further, from the moment before it to the moment behind it. */
export function advance(
  layout: Layout,
  emissions: Emissions,
  costs: Costs,
  at: Standing,
  frame: number,
  steps?: Steps,
) {
  const { words, phone, word, begins, ends, first } = layout;
  const { states, silent, other, place, skipped } = at;
  const emitted = frame * PHONE_COUNT;
  const row = steps ? frame - steps.from : 0;
  const [stateRow, placeRow, wordRow] = [row * phone.length, row * (words + 1), row * words];
  steps?.ended.fill(IMPOSSIBLE, wordRow, wordRow + words);
  // Backwards: what enters a state is what the state before it was at the moment before.
  for (let s = phone.length - 1; s >= 0; s--) {
    const entering = (begins[s] ? place[word[s] ?? 0] : states[s - 1]) ?? IMPOSSIBLE;
    const staying = states[s] ?? IMPOSSIBLE;
    const score = Math.max(entering, staying) + (emissions.phones[emitted + (phone[s] ?? 0)] ?? 0);
    states[s] = score;
    if (!steps) continue;
    steps.stateBegins[stateRow + s] = entering > staying ? 1 : 0;
    const ended = wordRow + (word[s] ?? 0);
    if (ends[s] && score > (steps.ended[ended] ?? IMPOSSIBLE)) steps.ended[ended] = score;
  }
  for (let i = 0; i <= words; i++) {
    const here = place[i] ?? IMPOSSIBLE;
    const quiet = silent[i] ?? IMPOSSIBLE;
    silent[i] = Math.max(here, quiet) + (emissions.phones[emitted + SILENCE] ?? 0);
    const begun = here - costs.other;
    const more = other[i] ?? IMPOSSIBLE;
    other[i] = Math.max(begun, more) + (emissions.other[frame] ?? 0);
    let best = silent[i] ?? IMPOSSIBLE;
    let by = FROM_SILENCE;
    if ((other[i] ?? IMPOSSIBLE) > best) {
      best = other[i] ?? best;
      by = FROM_OTHER;
    }
    const begin = first[i - 1] ?? 0;
    for (let s = begin; i > 0 && s < (first[i] ?? 0); s++) {
      if (!ends[s] || (states[s] ?? IMPOSSIBLE) <= best) continue;
      best = states[s] ?? best;
      by = FROM_STATE + s - begin;
    }
    place[i] = best;
    skipped[i] = IMPOSSIBLE;
    const left = i > 0 ? leaveOut(layout, costs, at, i) : 0;
    if (!steps) continue;
    steps.skipped[placeRow + i] = skipped[i] ?? IMPOSSIBLE;
    steps.cameBy[placeRow + i] = left & IS_BEST ? BY_SKIP : by;
    steps.ran[placeRow + i] = left & RAN ? 1 : 0;
    steps.silenceBegins[placeRow + i] = here > quiet ? 1 : 0;
    steps.otherBegins[placeRow + i] = begun > more ? 1 : 0;
  }
}
