import { UZBEK_WORDS } from "../grammar/uzbek_words.ts";
import { type Pronunciation, phonesOf } from "./phones.ts";

// Uzbek is spelt as it is said. English has not all of its sounds: each letter is given the English phone that readers of
// English, and the probe, take for it.

const CONSONANTS: Readonly<Record<string, string>> = {
  ...{
    sh: "SH",
    ch: "CH",
    "g'": "G",
    b: "B",
    c: "K",
    d: "D",
    f: "F",
    g: "G",
    h: "HH",
    j: "JH",
    k: "K",
    l: "L",
    m: "M",
  },
  ...{ n: "N", p: "P", q: "K", r: "R", s: "S", t: "T", v: "V", w: "W", x: "HH", y: "Y", z: "Z" },
};

/** As Uzbeks say them, and as readers of English do; a diphthong where English has one. */
const VOWELS = [
  { "o'": "OW", a: "AA", e: "EH", i: "IY", o: "AO", u: "UW", ay: "AY", oy: "OY", ey: "EY", iy: "IY", "o'y": "OY" },
  { "o'": "OW", a: "AE", e: "EH", i: "IH", o: "AA", u: "UH", ay: "AY", oy: "OY", ey: "EY", iy: "IY", "o'y": "OY" },
] as const;

// With y a vowel is a diphthong unless the y begins the next syllable; `n` and `g` are one sound at the end of a word.
const LETTER = /(?:o'|[aeio])y(?![aeiou])|o'|g'|sh|ch|ng$|([b-df-hj-np-tvwxyz])\1?|[aeiou]/g;

function spelt(word: string, vowels: Readonly<Record<string, string>>): string {
  const letters = [...word.matchAll(LETTER)].map(([letter, double]) => double ?? letter);
  const phones = letters.map((letter) => vowels[letter] ?? CONSONANTS[letter] ?? (letter === "ng" ? "NG" : ""));
  return phones.join(" ");
}

/** An Uzbek word in small letters with ', as it may be said in an English text; empty where nothing in it is a letter. */
export function uzbekWays(word: string): Pronunciation[] {
  const [own = "", english = ""] = VOWELS.map((vowels) => spelt(word, vowels));
  // Readers of English swallow the last vowel, and say i, u and e before r as one sound.
  const worn = english.replace(/AE$/, "AH").replace(/(?:IH|UH) R(?= [^AEIOU]|$)/g, "ER");
  return [...new Set([own, worn])].map(phonesOf).filter((phones) => phones.length > 0);
}

const LISTED: ReadonlySet<string> = new Set(
  UZBEK_WORDS.flatMap((word) => word.toLowerCase().split("-")).filter((word) => word.length > 1),
);

/** One of the words of Uzbek life that are known to stand in English texts. */
export const isListedUzbek = (word: string): boolean => LISTED.has(word);

// oʻ and gʻ before a letter, q without u, x before a vowel at the beginning; how names and places end.
const SIGNS =
  /[og]'[a-z]|q(?!u)|^x[aeiou]|(?:iston|obod|abad|kent|qand|bek|jon|xon|boy|oy|gul|zod|zoda|iddin|ulla|ullo|niso|bonu|lar|ning|iy|iyev|iyeva|ov|ova|yev|yeva)$/;

/** Speaks for Uzbek in a word that no dictionary of English has. */
export const looksUzbek = (word: string): boolean => word.length > 3 && SIGNS.test(word);

// Spellings that Uzbek does not have.
const ENGLISH = /w|c(?!h)|th|ph|ck|oo|ee|ea|ou|aw|igh|tion|[^aeiou']y$|[^aeiou']e$|([bdfgklmnprstz])\1$/;

/** Could be Uzbek by its letters, as many names. */
export const mayBeUzbek = (word: string): boolean => /[aeiou]/.test(word) && !ENGLISH.test(word);
