import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { phonesOf } from "./phones.ts";

/** What the model has read so far: of its last 0, 1, 2 … pieces the place in the table of their length, -1 where it never saw them. */
export type Context = Int32Array;

/** How likely a piece is behind those before it: an n-gram model whose pieces are letters with their phones: none, one or two. */
export type LetterModel = {
  /** The pieces that a letter can be, phones as the characters of a string; none for what is no letter a to z. */
  readonly piecesOf: (letter: string) => readonly { readonly id: number; readonly phones: string }[];
  /** Before the first letter. */
  readonly begin: Context;
  /** Natural logarithm of how likely the piece is in this context. */
  readonly score: (context: Context, id: number) => number;
  readonly next: (context: Context, id: number) => Context;
};

/** Numbers of the two marks; pieces follow. */
export const BEGIN = 0;
export const END = 1;
export const FIRST_PIECE = 2;

/** Logarithms are kept as whole sixteenths below zero. */
export const STEPS = 16;

// What no n-gram has: never wanted, and yet not impossible.
const UNSEEN = -20;

/** The n-grams of one length. Those with the same beginning lie together, in the order of their last piece. */
type Table = {
  readonly last: Uint8Array;
  readonly score: Uint8Array;
  /** What is taken off where the longer n-gram is not known, and where those begin that are one longer; none of the longest. */
  readonly backoff: Uint8Array;
  readonly from: Uint32Array;
};

type Header = { readonly pieces: readonly string[]; readonly sizes: readonly number[] };

/**
 * Reads what scripts/pronunciation/fit_letters.ts writes: gzip of a line of JSON (the pieces as `x:K S`, how many n-grams of each
 * length) and for each length the bytes of Table, with how many longer ones each has in place of `from`.
 */
export function openLetterModel(file: string): LetterModel {
  const bytes = gunzipSync(readFileSync(file));
  let at = bytes.indexOf("\n") + 1;
  const { pieces, sizes }: Header = JSON.parse(bytes.toString("latin1", 0, at));
  const take = (count: number) => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const tables = sizes.map((size, i): Table => {
    const [last, score] = [take(size), take(size)];
    if (i === sizes.length - 1) return { last, score, backoff: new Uint8Array(), from: new Uint32Array() };
    const [backoff, longer] = [take(size), take(size)];
    const from = new Uint32Array(size + 1);
    longer.forEach((count, n) => {
      from[n + 1] = (from[n] ?? 0) + count;
    });
    return { last, score, backoff, from };
  });
  if (at !== bytes.length) throw new Error(`${file} is no letter model`);

  /** Where `id` lies behind the n-gram at `place` of the table `length` (1 is the first); -1 where it does not. */
  const behind = (length: number, place: number, id: number): number => {
    const table = tables[length];
    if (!table || place < 0) return -1;
    const above = tables[length - 1];
    let [low, high] = above ? [above.from[place] ?? 0, above.from[place + 1] ?? 0] : [0, table.last.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = table.last[middle] ?? 0;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle;
    }
    return -1;
  };
  const order = tables.length;
  const next = (context: Context, id: number): Context =>
    Int32Array.from({ length: order }, (_, length) =>
      length === 0 ? 0 : behind(length - 1, context[length - 1] ?? -1, id),
    );
  const score = (context: Context, id: number): number => {
    let off = 0;
    for (let length = order - 1; length >= 0; length--) {
      const place = context[length] ?? -1;
      if (place < 0) continue;
      const found = behind(length, place, id);
      if (found >= 0) return off - (tables[length]?.score[found] ?? 0) / STEPS;
      if (length > 0) off -= (tables[length - 1]?.backoff[place] ?? 0) / STEPS;
    }
    return UNSEEN;
  };
  const byLetter = Map.groupBy(
    pieces.map((piece, i) => ({
      letter: piece.charAt(0),
      id: i + FIRST_PIECE,
      phones: String.fromCharCode(...phonesOf(piece.slice(2))),
    })),
    ({ letter }) => letter,
  );
  const nothing = Int32Array.from({ length: order }, (_, length) => (length === 0 ? 0 : -1));
  return { piecesOf: (letter) => byLetter.get(letter) ?? [], begin: next(nothing, BEGIN), score, next };
}
