import type { Pronunciation } from "../../src/adapters/pronunciation/phones.ts";

/** Fewest phones to put in, leave out or exchange. */
export function phoneDistance(a: Pronunciation, b: Pronunciation): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((phone, i) => {
    const next = [i + 1];
    b.forEach((other, j) => {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (phone === other ? 0 : 1)));
    });
    row = next;
  });
  return row[b.length] ?? 0;
}

/** A word as it was guessed, likeliest first, and as a dictionary says it. */
export type Judged = { readonly guesses: readonly Pronunciation[]; readonly ways: readonly Pronunciation[] };

/** Errors of a guess beside the dictionary's nearest way to say the word, and how many phones that has. */
function nearest(guess: Pronunciation, ways: readonly Pronunciation[]): { errors: number; phones: number } {
  const found = ways.map((way) => ({ errors: phoneDistance(guess, way), phones: way.length }));
  return found.reduce((best, other) => (other.errors / other.phones < best.errors / best.phones ? other : best));
}

/**
 * Phone error rate (wrong phones / phones of the dictionary) and share of words without any error, 0 to 1: of the likeliest
 * guess, and of the best of all that are given.
 */
export function phoneErrors(words: readonly Judged[]) {
  const rates = (count: number) => {
    const found = words.map(({ guesses, ways }) =>
      guesses
        .slice(0, count)
        .map((guess) => nearest(guess, ways))
        .reduce((best, other) => (other.errors < best.errors ? other : best), nearest(guesses[0] ?? [], ways)),
    );
    const errors = found.reduce((sum, own) => sum + own.errors, 0);
    const phones = found.reduce((sum, own) => sum + own.phones, 0);
    return {
      phone_error_rate: errors / phones,
      words_right: found.filter((own) => own.errors === 0).length / found.length,
    };
  };
  return { first: rates(1), best: rates(Number.POSITIVE_INFINITY) };
}
