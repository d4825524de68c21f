import { PHONE_COUNT, type Pronunciation, soundOf } from "../../src/adapters/pronunciation/phones.ts";

// Which phones of a word belong to which of its letters: expectation maximisation over all ways to share them out in order,
// none, one or two to a letter.

/** A word of the letters a to z, and one way to say it. */
export type Said = { readonly word: string; readonly phones: Pronunciation };

const MOST_PHONES = 2;
const ROUNDS = 8;

// Where nothing is known yet: mostly one phone a letter.
const AT_FIRST = [0.3, 1, 0.05] as const;

// Natural logarithm a letter. What is less likely is no English spelling: `bbc`, which is spelt out, `aaa`, said `triple a`.
const LEAST_LIKELY = -4;

// A piece seen less often than this is a slip of the dictionary, or of a language that English readers do not know.
const LEAST_SEEN = 10;

const A = "a".charCodeAt(0);
const LETTERS = 26;
/** Nothing, one phone, two phones. */
const SHARES = 1 + PHONE_COUNT + PHONE_COUNT ** 2;

/** All steps of sharing out a word, in order: from a node (letters done, phones done) to another by an entry of the table. */
type Lattice = { readonly from: number[]; readonly to: number[]; readonly entry: number[]; readonly nodes: number };

function lattice({ word, phones }: Said): Lattice {
  const [from, to, entry]: [number[], number[], number[]] = [[], [], []];
  const width = phones.length + 1;
  for (let letter = 0; letter < word.length; letter++) {
    const row = (word.charCodeAt(letter) - A) * SHARES;
    for (let done = 0; done < width; done++) {
      const node = letter * width + done;
      const [first = 0, second = 0] = [phones[done], phones[done + 1]];
      const shares = [0, 1 + first, 1 + PHONE_COUNT + first * PHONE_COUNT + second];
      for (let count = 0; count <= Math.min(MOST_PHONES, phones.length - done); count++) {
        from.push(node);
        to.push(node + width + count);
        entry.push(row + (shares[count] ?? 0));
      }
    }
  }
  return { from, to, entry, nodes: (word.length + 1) * width };
}

/** What each letter stood for, counted over all ways to share out, each by its likelihood. */
function counted(words: readonly Said[], likely: Float64Array): Float64Array {
  const counts = new Float64Array(likely.length);
  for (const said of words) {
    const { from, to, entry, nodes } = lattice(said);
    const [forward, backward] = [new Float64Array(nodes), new Float64Array(nodes)];
    forward[0] = 1;
    backward[nodes - 1] = 1;
    const likelihood = (i: number) => likely[entry[i] ?? 0] ?? 0;
    const at = (numbers: Float64Array, places: readonly number[], i: number) => numbers[places[i] ?? 0] ?? 0;
    for (let i = 0; i < entry.length; i++) {
      forward[to[i] ?? 0] = at(forward, to, i) + at(forward, from, i) * likelihood(i);
    }
    const whole = forward[nodes - 1] ?? 0;
    if (whole === 0) continue;
    for (let i = entry.length - 1; i >= 0; i--) {
      const after = likelihood(i) * at(backward, to, i);
      backward[from[i] ?? 0] = at(backward, from, i) + after;
      counts[entry[i] ?? 0] = at(counts, entry, i) + (at(forward, from, i) * after) / whole;
    }
  }
  return counts;
}

/** So that what a letter stands for adds up to 1. */
function perLetter(counts: Float64Array): Float64Array<ArrayBuffer> {
  const sums = Array.from({ length: LETTERS }, (_, letter) =>
    counts.subarray(letter * SHARES, (letter + 1) * SHARES).reduce((sum, count) => sum + count, 0),
  );
  return Float64Array.from(counts, (count, entry) => count / (sums[Math.floor(entry / SHARES)] || 1));
}

/** The likeliest way to share out, as pieces `x:K S`; null where there is none, or none that is likely. */
function shared(said: Said, likely: Float64Array): string[] | null {
  const { from, to, entry, nodes } = lattice(said);
  const best = new Float64Array(nodes).fill(Number.NEGATIVE_INFINITY);
  const before = new Int32Array(nodes);
  best[0] = 0;
  entry.forEach((place, i) => {
    const [node, behind] = [from[i] ?? 0, to[i] ?? 0];
    const score = (best[node] ?? 0) + Math.log(likely[place] ?? 0);
    if (score <= (best[behind] ?? 0)) return;
    best[behind] = score;
    before[behind] = node;
  });
  if ((best[nodes - 1] ?? 0) < LEAST_LIKELY * said.word.length) return null;
  const width = said.phones.length + 1;
  const pieces: string[] = [];
  for (let node = nodes - 1; node > 0; node = before[node] ?? 0) {
    const [done, begun] = [node % width, (before[node] ?? 0) % width];
    const phones = said.phones.slice(begun, done).map(soundOf);
    pieces.push(`${said.word.charAt(said.word.length - pieces.length - 1)}:${phones.join(" ")}`);
  }
  return pieces.reverse();
}

/** Every word in its pieces, without those that are not spelt as English is. */
export function inPieces(words: readonly Said[]): string[][] {
  let likely = Float64Array.from({ length: LETTERS * SHARES }, (_, entry) => {
    const share = entry % SHARES;
    return AT_FIRST[share === 0 ? 0 : share <= PHONE_COUNT ? 1 : 2];
  });
  for (let round = 0; round < ROUNDS; round++) likely = perLetter(counted(words, likely));
  const found = words.flatMap((said) => {
    const pieces = shared(said, likely);
    return pieces ? [pieces] : [];
  });
  const seen = new Map<string, number>();
  for (const piece of found.flat()) seen.set(piece, (seen.get(piece) ?? 0) + 1);
  return found.filter((pieces) => pieces.every((piece) => (seen.get(piece) ?? 0) >= LEAST_SEEN));
}
