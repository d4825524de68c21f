import { PHONE_COUNT, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";
import type { SpokenWord } from "./spoken_words.ts";

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

const IMPOSSIBLE = Number.NEGATIVE_INFINITY;
// Half of the prior is taken away, as in the plain alignment.
const PRIOR_SHARE = 0.5;

/** The text as states, one for each phone of each pronunciation; place i is before word i, place n behind the last. */
type Layout = {
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
type Sound = { readonly frames: number; readonly emissions: Float64Array; readonly other: Float64Array };

// How a place before a word was reached: by leaving out the word before it, from silence, from something else, or (from
// FROM_STATE on) from the last state of the word before it, counted from that word's first.
const BY_SKIP = 0;
const FROM_SILENCE = 1;
const FROM_OTHER = 2;
const FROM_STATE = 3;

/** Rows of words + 1 places for each moment; moment t is before frame t, so there is one more than frames. */
type Forward = {
  readonly place: Float32Array;
  /** At each place, having just left out the word before it. */
  readonly skipped: Float32Array;
  /** Of each word (rows of words, for each frame): it ends with this frame. */
  readonly ended: Float32Array;
  readonly cameBy: Uint8Array;
  /** 1 where the word before was left out too. */
  readonly ran: Uint8Array;
  /** 1 where the state, silence or other thing begins with this frame. */
  readonly stateBegins: Uint8Array;
  readonly silenceBegins: Uint8Array;
  readonly otherBegins: Uint8Array;
};

export function readWithSkips(
  words: readonly SpokenWord[],
  posteriors: Posteriors,
  priors: Float32Array,
  costs: Costs,
): Reading {
  const layout = layOut(words, costs);
  const sound = emissionsOf(posteriors, priors, costs);
  const forward = goForward(layout, sound, costs);
  return { ...trace(layout, sound, forward), margins: weigh(layout, sound, forward, costs) };
}

function layOut(words: readonly SpokenWord[], { skipWord, skipPhone }: Costs): Layout {
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

function emissionsOf({ frames, logs }: Posteriors, priors: Float32Array, { otherFrame }: Costs): Sound {
  const emissions = Float64Array.from(logs, (log, i) => log - PRIOR_SHARE * (priors[i % PHONE_COUNT] ?? 0));
  const other = new Float64Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let top = IMPOSSIBLE;
    for (let at = frame * PHONE_COUNT; at < frame * PHONE_COUNT + SILENCE; at++)
      top = Math.max(top, emissions[at] ?? top);
    other[frame] = top - otherFrame;
  }
  return { frames, emissions, other };
}

function goForward(layout: Layout, { frames, emissions, other }: Sound, costs: Costs): Forward {
  const { words, phone, word, begins, ends, first, skip } = layout;
  const [states, places] = [phone.length, words + 1];
  const place = new Float32Array((frames + 1) * places).fill(IMPOSSIBLE);
  const skipped = new Float32Array((frames + 1) * places).fill(IMPOSSIBLE);
  const ended = new Float32Array(frames * words).fill(IMPOSSIBLE);
  const cameBy = new Uint8Array((frames + 1) * places);
  const ran = new Uint8Array((frames + 1) * places);
  const stateBegins = new Uint8Array(frames * states);
  const silenceBegins = new Uint8Array(frames * places);
  const otherBegins = new Uint8Array(frames * places);

  /** Arrives at place i of the moment whose row is `row` by leaving out the word before it. */
  const leaveOut = (row: number, i: number) => {
    const begun = (place[row + i - 1] ?? IMPOSSIBLE) - costs.skip;
    const running = skipped[row + i - 1] ?? IMPOSSIBLE;
    ran[row + i] = running >= begun ? 1 : 0;
    const best = Math.max(begun, running) - (skip[i - 1] ?? 0);
    skipped[row + i] = best;
    if (best > (place[row + i] ?? IMPOSSIBLE)) {
      place[row + i] = best;
      cameBy[row + i] = BY_SKIP;
    }
  };
  place[0] = 0;
  for (let i = 1; i < places; i++) leaveOut(0, i);

  let now = new Float64Array(states).fill(IMPOSSIBLE);
  let next = new Float64Array(states);
  const silent = new Float64Array(places).fill(IMPOSSIBLE);
  const elsewhere = new Float64Array(places).fill(IMPOSSIBLE);
  for (let frame = 0; frame < frames; frame++) {
    const [row, behind] = [frame * places, (frame + 1) * places];
    const emitted = frame * PHONE_COUNT;
    for (let s = 0; s < states; s++) {
      const entering = begins[s] ? (place[row + (word[s] ?? 0)] ?? IMPOSSIBLE) : (now[s - 1] ?? IMPOSSIBLE);
      const staying = now[s] ?? IMPOSSIBLE;
      stateBegins[frame * states + s] = entering > staying ? 1 : 0;
      const score = Math.max(entering, staying) + (emissions[emitted + (phone[s] ?? 0)] ?? 0);
      next[s] = score;
      const at = frame * words + (word[s] ?? 0);
      if (ends[s] && score > (ended[at] ?? IMPOSSIBLE)) ended[at] = score;
    }
    [now, next] = [next, now];
    for (let i = 0; i < places; i++) {
      const here = place[row + i] ?? IMPOSSIBLE;
      const quiet = silent[i] ?? IMPOSSIBLE;
      silenceBegins[row + i] = here > quiet ? 1 : 0;
      silent[i] = Math.max(here, quiet) + (emissions[emitted + SILENCE] ?? 0);
      const begun = here - costs.other;
      const more = elsewhere[i] ?? IMPOSSIBLE;
      otherBegins[row + i] = begun > more ? 1 : 0;
      elsewhere[i] = Math.max(begun, more) + (other[frame] ?? 0);
      let [best, by] = [silent[i] ?? IMPOSSIBLE, FROM_SILENCE];
      if ((elsewhere[i] ?? IMPOSSIBLE) > best) [best, by] = [elsewhere[i] ?? best, FROM_OTHER];
      for (let s = first[i - 1] ?? 0; i > 0 && s < (first[i] ?? 0); s++) {
        if (ends[s] && (now[s] ?? IMPOSSIBLE) > best)
          [best, by] = [now[s] ?? best, FROM_STATE + s - (first[i - 1] ?? 0)];
      }
      place[behind + i] = best;
      cameBy[behind + i] = by;
      if (i > 0) leaveOut(behind, i);
    }
  }
  return { place, skipped, ended, cameBy, ran, stateBegins, silenceBegins, otherBegins };
}

/** Back from the end of the sound and of the text, where every path ends. */
function trace(layout: Layout, { frames }: Sound, forward: Forward): Pick<Reading, "spans" | "others"> {
  const { words, phone, begins, first } = layout;
  const [states, places] = [phone.length, words + 1];
  const spans: (Span | null)[] = Array.from({ length: words }, () => null);
  const others: (Span & { before: number })[] = [];
  /** The frame at which what lasts to moment `to` began. */
  const began = (table: Uint8Array, width: number, column: number, to: number) => {
    let frame = to - 1;
    while (frame > 0 && table[frame * width + column] === 0) frame--;
    return frame;
  };
  let [moment, i] = [frames, words];
  while (moment > 0 || i > 0) {
    const at = moment * places + i;
    const by = forward.cameBy[at] ?? BY_SKIP;
    if (by === BY_SKIP) {
      let run = forward.ran[at];
      i--;
      while (run === 1) {
        run = forward.ran[moment * places + i];
        i--;
      }
    } else if (by === FROM_SILENCE) {
      moment = began(forward.silenceBegins, places, i, moment);
    } else if (by === FROM_OTHER) {
      const from = began(forward.otherBegins, places, i, moment);
      others.unshift({ from, to: moment, before: i });
      moment = from;
    } else {
      const to = moment;
      let state = (first[i - 1] ?? 0) + by - FROM_STATE;
      moment = began(forward.stateBegins, states, state, moment);
      while (begins[state] === 0) {
        state--;
        moment = began(forward.stateBegins, states, state, moment);
      }
      i--;
      spans[i] = { from: moment, to };
    }
  }
  return { spans, others };
}

/** Backward from the end, to know of each word the best reading with it and without it. */
function weigh(layout: Layout, { frames, emissions, other }: Sound, forward: Forward, costs: Costs): Float64Array {
  const { words, phone, word, begins, ends, skip } = layout;
  const [states, places] = [phone.length, words + 1];
  const withIt = new Float64Array(words).fill(IMPOSSIBLE);
  const without = new Float64Array(words).fill(IMPOSSIBLE);
  // What is best from here to the end: from each state, silence or other thing, its own emission of this frame included.
  let now = new Float64Array(states).fill(IMPOSSIBLE);
  let next = new Float64Array(states);
  const silent = new Float64Array(places).fill(IMPOSSIBLE);
  const elsewhere = new Float64Array(places).fill(IMPOSSIBLE);
  // From each place, and from each place where the word before it was left out.
  const place = new Float64Array(places).fill(IMPOSSIBLE);
  const skipped = new Float64Array(places).fill(IMPOSSIBLE);
  const entry = new Float64Array(words).fill(IMPOSSIBLE);

  const settle = (moment: number) => {
    for (let i = words; i >= 0; i--) {
      let best = Math.max(silent[i] ?? IMPOSSIBLE, (elsewhere[i] ?? IMPOSSIBLE) - costs.other);
      if (i === words && moment === frames) best = 0;
      let leaving = IMPOSSIBLE;
      if (i < words) {
        leaving = (skipped[i + 1] ?? IMPOSSIBLE) - (skip[i] ?? 0);
        best = Math.max(best, entry[i] ?? IMPOSSIBLE, leaving - costs.skip);
      }
      place[i] = best;
      skipped[i] = Math.max(best, leaving);
    }
    for (let k = 0; k < words; k++) {
      const out = (forward.skipped[moment * places + k + 1] ?? IMPOSSIBLE) + (skipped[k + 1] ?? IMPOSSIBLE);
      if (out > (without[k] ?? IMPOSSIBLE)) without[k] = out;
      if (moment === 0) continue;
      const through = (forward.ended[(moment - 1) * words + k] ?? IMPOSSIBLE) + (place[k + 1] ?? IMPOSSIBLE);
      if (through > (withIt[k] ?? IMPOSSIBLE)) withIt[k] = through;
    }
  };
  settle(frames);
  for (let frame = frames - 1; frame >= 0; frame--) {
    const emitted = frame * PHONE_COUNT;
    entry.fill(IMPOSSIBLE);
    for (let s = 0; s < states; s++) {
      const on = ends[s] ? (place[(word[s] ?? 0) + 1] ?? IMPOSSIBLE) : (now[s + 1] ?? IMPOSSIBLE);
      const score = Math.max(now[s] ?? IMPOSSIBLE, on) + (emissions[emitted + (phone[s] ?? 0)] ?? 0);
      next[s] = score;
      const k = word[s] ?? 0;
      if (begins[s] && score > (entry[k] ?? IMPOSSIBLE)) entry[k] = score;
    }
    [now, next] = [next, now];
    for (let i = 0; i < places; i++) {
      const here = place[i] ?? IMPOSSIBLE;
      silent[i] = Math.max(silent[i] ?? IMPOSSIBLE, here) + (emissions[emitted + SILENCE] ?? 0);
      elsewhere[i] = Math.max(elsewhere[i] ?? IMPOSSIBLE, here) + (other[frame] ?? 0);
    }
    settle(frame);
  }
  return withIt.map((best, k) => best - (without[k] ?? 0));
}
