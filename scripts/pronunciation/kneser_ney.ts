// Interpolated n-gram models with modified Kneser-Ney smoothing (Chen and Goodman 1999), written with backoff weights.
// Symbols are the characters of strings, so that an n-gram is a string and its beginning and end are slices of it.

/** `scores` and `backoffs` are probabilities; an n-gram's beginning and end are n-grams too. */
export type NGrams = {
  /** Of each length from 1. */
  readonly scores: readonly ReadonlyMap<string, number>[];
  readonly backoffs: ReadonlyMap<string, number>;
};

type Counts = Map<string, number>;

const add = (counts: Counts, key: string, more: number) => counts.set(key, (counts.get(key) ?? 0) + more);

/** How often each n-gram of each length is seen. The first symbol of a sequence is never foretold. */
function seen(sequences: readonly string[], order: number): Counts[] {
  const counts = Array.from({ length: order }, (): Counts => new Map());
  for (const sequence of sequences) {
    for (let end = 2; end <= sequence.length; end++) {
      counts.forEach((own, i) => {
        if (i < end) add(own, sequence.slice(end - i - 1, end), 1);
      });
    }
  }
  return counts;
}

/** Of shorter n-grams counts in how many contexts they are seen, save where nothing can stand before them. */
function diversified(counts: readonly Counts[], begin: string): Counts[] {
  return counts.map((own, i) => {
    const longer = counts[i + 1];
    if (!longer) return own;
    const contexts: Counts = new Map([...own].filter(([gram]) => gram.startsWith(begin)));
    for (const gram of longer.keys()) add(contexts, gram.slice(1), 1);
    return contexts;
  });
}

/** What is taken off counts of 1, 2, and 3 or more. */
function discounts(counts: Counts): (count: number) => number {
  const times = [0, 0, 0, 0, 0];
  for (const count of counts.values()) if (count < times.length) times[count] = (times[count] ?? 0) + 1;
  const [, one = 0, two = 0, three = 0, four = 0] = times;
  // Of single symbols there are too few to tell by.
  if (counts.size < 1_000) return () => 0.5;
  const y = one / (one + 2 * two);
  const off = [0, 1 - (2 * y * two) / one, 2 - (3 * y * three) / two, 3 - (4 * y * four) / three];
  return (count) => off[Math.min(count, 3)] ?? 0;
}

/** All sequences begin with the symbol `begin`. */
export function kneserNey(sequences: readonly string[], order: number, begin: string): NGrams {
  const backoffs = new Map<string, number>();
  const scores: Map<string, number>[] = [];
  for (const [i, counts] of diversified(seen(sequences, order), begin).entries()) {
    const off = discounts(counts);
    const [sums, taken]: [Counts, Counts] = [new Map(), new Map()];
    for (const [gram, count] of counts) {
      const context = gram.slice(0, -1);
      add(sums, context, count);
      add(taken, context, off(count));
    }
    for (const [context, sum] of sums) backoffs.set(context, (taken.get(context) ?? 0) / sum);
    const shorter = scores[i - 1];
    const own = new Map<string, number>();
    for (const [gram, count] of counts) {
      const context = gram.slice(0, -1);
      const lower = shorter ? (shorter.get(gram.slice(1)) ?? 0) : 1 / counts.size;
      own.set(gram, (count - off(count)) / (sums.get(context) ?? 1) + (backoffs.get(context) ?? 0) * lower);
    }
    scores.push(own);
  }
  return { scores, backoffs };
}
