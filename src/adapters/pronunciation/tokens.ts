import type { SpokenWord } from "./spoken_words.ts";

/** A piece of the reference as the decoder is made to say it. */
export type ForcedToken = {
  readonly id: number;
  /** Index of its word among those that were given. */
  readonly word: number;
  /** Ids of the same piece in small letters, with a capital and as it is: where a word begins any of them is right. */
  readonly same: readonly number[];
};

export type Tokens = {
  /** Words as one sentence: no punctuation, its first letter and a lone i are capitals. */
  sentence(words: readonly SpokenWord[]): ForcedToken[];
  /** What token ids say, without blanks around it. */
  text(ids: readonly number[]): string;
  /** 1 at each id that has a letter or digit, 0 at punctuation, bytes and marks. As long as the vocabulary. */
  readonly lettered: Uint8Array;
};

export const BEGIN = 1;
export const END = 2;
const FIRST_PIECE = 3;
const BLANK = "\u2581";

export async function openTokens(): Promise<Tokens> {
  const { default: llama } = await import("llama-tokenizer-js");
  const { vocabById: vocabulary, vocabByString: ids } = llama;
  const lettered = Uint8Array.from(vocabulary, (piece, id) =>
    id >= FIRST_PIECE && !piece.startsWith("<") && /[A-Za-z0-9']/.test(piece) ? 1 : 0,
  );

  const inAnyCase = (piece: string): number[] => {
    const bare = piece.replace(new RegExp(`^${BLANK}+`), "");
    const before = piece.slice(0, piece.length - bare.length);
    const small = bare.toLowerCase();
    const forms = new Set([bare, small, bare.charAt(0).toUpperCase() + small.slice(1)]);
    return [...forms].flatMap((form) => ids.get(before + form) ?? []);
  };

  const sentence = (words: readonly SpokenWord[]): ForcedToken[] => {
    const said = words.map((word) => word.said);
    const written = said.join(" ").replace(/\bi\b/g, "I");
    // A word of the reference may be said in several: `twenty five`.
    const owner = said.flatMap((text, word) => text.split(" ").map(() => word));
    let at = -1;
    return llama.encode(written.charAt(0).toUpperCase() + written.slice(1), false, true).map((id) => {
      const piece = vocabulary[id] ?? "";
      const begins = piece.startsWith(BLANK) || at < 0;
      if (begins) at++;
      return { id, word: owner[at] ?? words.length - 1, same: begins ? inAnyCase(piece) : [id] };
    });
  };

  return { sentence, text: (pieces) => llama.decode([...pieces], false, true).trim(), lettered };
}
