import { PHONE_COUNT, type Phone, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";
import type { SpokenWord } from "./spoken_words.ts";
import { bestPath, type Graph } from "./viterbi.ts";

/** Frames [from, to) in which one phone of a word is said. */
export type Segment = { readonly word: number; readonly phone: Phone; readonly from: number; readonly to: number };

export type Alignment = {
  /** Of every word one after the other, silence left out. */
  readonly segments: readonly Segment[];
  /** What the best path has of each frame: log-posterior less half the log-prior of its phone. */
  readonly frameScores: Float64Array;
};

// Half of the prior is taken away, so that rare phones are not passed over.
const PRIOR_SHARE = 0.5;

type State = { readonly phone: Phone; readonly word: number };

/** A text as states: each word in each of its pronunciations, with or without silence before, between and behind. */
function textGraph(words: readonly SpokenWord[]): { graph: Graph; states: readonly State[] } {
  const states: State[] = [{ phone: SILENCE, word: -1 }];
  const arcs: number[][] = [[]];
  const starts = [0];
  let ends: number[] = [0];
  const add = (state: State, from: readonly number[]) => {
    arcs.push([...from]);
    return states.push(state) - 1;
  };
  words.forEach(({ pronunciations }, word) => {
    const lasts: number[] = [];
    for (const phones of pronunciations) {
      let last = -1;
      phones.forEach((phone, i) => {
        last = add({ phone, word }, i === 0 ? ends : [last]);
        if (i === 0 && word === 0) starts.push(last);
      });
      lasts.push(last);
    }
    const silence = add({ phone: SILENCE, word: -1 }, lasts);
    ends = [...lasts, silence];
  });
  const first = new Int32Array(states.length + 1);
  arcs.forEach((into, state) => {
    first[state + 1] = (first[state] ?? 0) + into.length;
  });
  const from = Int32Array.from(arcs.flat());
  const graph = {
    emits: Uint8Array.from(states, ({ phone }) => phone),
    ...{ first, from, weight: new Float64Array(from.length) },
    ...{ starts, ends },
  };
  return { graph, states };
}

/** Where each phone of the text is said; null where the sound is too short to hold the text. */
export function align(words: readonly SpokenWord[], posteriors: Posteriors, priors: Float32Array): Alignment | null {
  const emissions = Float64Array.from(posteriors.logs, (log, i) => log - PRIOR_SHARE * (priors[i % PHONE_COUNT] ?? 0));
  const { graph, states } = textGraph(words);
  const path = bestPath(graph, emissions, PHONE_COUNT);
  if (!path) return null;
  const segments: Segment[] = [];
  let from = 0;
  for (let frame = 1; frame <= path.states.length; frame++) {
    const state = path.states[from] ?? 0;
    if (path.states[frame] === state) continue;
    const { phone, word } = states[state] ?? { phone: SILENCE, word: -1 };
    if (word >= 0) segments.push({ word, phone, from, to: frame });
    from = frame;
  }
  const frameScores = Float64Array.from(
    path.states,
    (state, frame) => emissions[frame * PHONE_COUNT + (graph.emits[state] ?? 0)] ?? 0,
  );
  return { segments, frameScores };
}
