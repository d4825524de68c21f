import { type Pronunciation, phonesOf } from "./phones.ts";

/** How a word in small letters is said, likeliest first; never empty for a word with a letter. */
export type Lexicon = (word: string) => readonly Pronunciation[];

// More variants than this only give the aligner more ways to be wrong.
const VARIANTS = 4;

const LETTER_SOUNDS: Readonly<Record<string, string>> = {
  ...{ a: "AE", b: "B", c: "K", d: "D", e: "EH", f: "F", g: "G", h: "HH", i: "IH", j: "JH", k: "K", l: "L", m: "M" },
  ...{ n: "N", o: "AA", p: "P", q: "K", r: "R", s: "S", t: "T", u: "AH", v: "V", w: "W", x: "K S", y: "IY", z: "Z" },
};

/** CMUdict, and letter by letter what it has not. */
export async function openLexicon(): Promise<Lexicon> {
  const { dictionary } = await import("cmu-pronouncing-dictionary");
  const listed = (word: string): Pronunciation[] => {
    const found: Pronunciation[] = [];
    for (let n = 1; n <= VARIANTS; n++) {
      const written = dictionary[n === 1 ? word : `${word}(${n})`];
      if (written === undefined) break;
      found.push(phonesOf(written));
    }
    // Variants that differ in stress alone are one here.
    return [...new Map(found.map((phones) => [phones.join(" "), phones])).values()];
  };
  return (word) => {
    const known = listed(word);
    if (known.length > 0) return known;
    const owner = word.endsWith("'s") ? listed(word.slice(0, -2)) : [];
    if (owner.length > 0) return owner.slice(0, 2).map((phones) => [...phones, ...phonesOf("Z")]);
    return [phonesOf([...word].map((letter) => LETTER_SOUNDS[letter] ?? "").join(" "))];
  };
}
