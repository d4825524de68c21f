/** States in an order in which every arc but the loop of a state on itself leads forward. */
export type Graph = {
  /** What is emitted in each state: an index into a row of emissions. */
  readonly emits: Uint8Array;
  /** Arcs into state s are `from[first[s]]` to `from[first[s + 1] - 1]`; at most 254, loops are not among them. */
  readonly first: Int32Array;
  readonly from: Int32Array;
  /** Added to the score where an arc is taken: 0 costs nothing, negative is a penalty. */
  readonly weight: Float64Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

export type Path = {
  /** The state at each frame. */
  readonly states: Int32Array;
  readonly score: number;
};

// Bytes of backpointers that are held at once: 120 s of speech and 2,000 states take half of it.
const ROOM = 16_000_000;
const IMPOSSIBLE = Number.NEGATIVE_INFINITY;

/**
 * The best path through a graph, a state for each frame; null where the frames are too few for any. `emissions` has a row of
 * `width` for each frame. Where backpointers of all frames do not fit into ROOM, they are made anew block by block from the
 * scores at its beginning, which takes twice the time and no memory that grows with frames times states.
 */
export function bestPath(graph: Graph, emissions: Float64Array, width: number, room = ROOM): Path | null {
  const count = graph.emits.length;
  const frames = Math.floor(emissions.length / width);
  if (frames === 0 || count === 0) return null;
  const block = frames * count <= room ? frames : Math.max(1, Math.ceil(Math.sqrt(frames)));
  const pointers = new Uint8Array(block * count);

  let scores = new Float64Array(count).fill(IMPOSSIBLE);
  let next = new Float64Array(count);
  for (const state of graph.starts) scores[state] = emissions[graph.emits[state] ?? 0] ?? IMPOSSIBLE;
  const begins: Float64Array[] = [];
  const run = (from: number, to: number) => {
    for (let frame = from; frame < to; frame++) {
      const row = emissions.subarray(frame * width, (frame + 1) * width);
      advance(graph, row, scores, next, pointers, (frame - from) * count);
      [scores, next] = [next, scores];
    }
  };
  // A block's frames are those behind `at`, which is the last of the block before.
  for (let at = 0; at < frames - 1; at += block) {
    begins.push(block < frames ? scores.slice() : scores);
    run(at + 1, Math.min(frames, at + 1 + block));
  }

  let state = graph.ends[0] ?? 0;
  for (const end of graph.ends) if ((scores[end] ?? 0) > (scores[state] ?? 0)) state = end;
  const score = scores[state] ?? IMPOSSIBLE;
  if (score === IMPOSSIBLE) return null;

  const states = new Int32Array(frames);
  states[frames - 1] = state;
  for (let b = begins.length - 1; b >= 0; b--) {
    const [at, end] = [b * block, Math.min(frames, b * block + 1 + block)];
    if (b < begins.length - 1) {
      scores = (begins[b] ?? scores).slice();
      run(at + 1, end);
    }
    for (let frame = end - 1; frame > at; frame--) {
      const pointer = pointers[(frame - at - 1) * count + state] ?? 0;
      if (pointer > 0) state = graph.from[(graph.first[state] ?? 0) + pointer - 1] ?? state;
      states[frame - 1] = state;
    }
  }
  return { states, score };
}

/** One frame further. A pointer of 0 is the state itself, n the n-th arc into it. */
function advance(
  { emits, first, from, weight }: Graph,
  row: Float64Array,
  scores: Float64Array,
  next: Float64Array,
  pointers: Uint8Array,
  at: number,
): void {
  for (let state = 0; state < emits.length; state++) {
    const begin = first[state] ?? 0;
    const end = first[state + 1] ?? 0;
    let best = IMPOSSIBLE;
    let arc = 0;
    for (let i = begin; i < end; i++) {
      const score = (scores[from[i] ?? 0] ?? 0) + (weight[i] ?? 0);
      if (score > best) {
        best = score;
        arc = i - begin + 1;
      }
    }
    const stay = scores[state] ?? 0;
    if (best <= stay) {
      best = stay;
      arc = 0;
    }
    next[state] = best + (row[emits[state] ?? 0] ?? 0);
    pointers[at + state] = arc;
  }
}
