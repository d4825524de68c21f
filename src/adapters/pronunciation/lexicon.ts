import { american } from "../../domain/words.ts";
import { openDictionary } from "./dictionary.ts";
import { EXTRA_WORDS } from "./extra_words.ts";
import { openGraphemes } from "./graphemes.ts";
import { distinct, type Phone, type Pronunciation, phonesOf } from "./phones.ts";
import { isListedUzbek, looksUzbek, mayBeUzbek, uzbekWays } from "./uzbek_sounds.ts";

/** How words are said. Words are in small letters with ', names of letters have a dot: `don't`, `b.`. */
export type Lexicon = {
  /** True where it does not have to guess. */
  readonly has: (word: string) => boolean;
  /** Likeliest first, at most VARIANTS of them; never empty for a word with a letter a to z. */
  readonly ways: (word: string, language?: "en" | "uz") => readonly Pronunciation[];
};

// More variants than this only give the aligner more ways to be wrong.
const VARIANTS = 4;

// Guesses from the spelling that are less likely than this are not taken.
const LEAST_SHARE = 0.1;
const GUESSES = 3;

// So that no text takes long. The longest word of English dictionaries has 45 letters.
const MOST_LETTERS = 50;

/** Words that were looked up lately: a text says most of its words again. */
const REMEMBERED = 5_000;

const VOICELESS: ReadonlySet<Phone> = new Set(phonesOf("F K P T TH"));
const HISSING: ReadonlySet<Phone> = new Set(phonesOf("CH JH S SH Z ZH"));

/** The phones of the ending -s, by the sound before it. */
function sibilant(phones: Pronunciation): Pronunciation {
  const last = phones.at(-1) ?? 0;
  const ending = HISSING.has(last) ? "IH Z" : VOICELESS.has(last) ? "S" : "Z";
  return [...phones, ...phonesOf(ending)];
}

const ENDINGS: readonly (readonly [RegExp, (phones: Pronunciation) => Pronunciation])[] = [
  [/'?s'?$/, sibilant],
  [/'ll$/, (phones) => [...phones, ...phonesOf("AH L")]],
  [/'d$/, (phones) => [...phones, ...phonesOf("D")]],
  [/'ve$/, (phones) => [...phones, ...phonesOf("AH V")]],
  [/'re$/, (phones) => [...phones, ...phonesOf("ER")]],
];

/** CMUdict and what it lacks; by their spelling, Uzbek words and all others that no list has. */
export function openLexicon(): Lexicon {
  const [dictionary, graphemes] = [openDictionary(), openGraphemes()];

  const listed = (word: string): readonly Pronunciation[] => {
    const extra = EXTRA_WORDS.get(word);
    if (extra) return extra;
    const found = dictionary(word);
    return found.length > 0 ? found : dictionary(american(word));
  };

  /** `dont`, `youre`: a contraction whose apostrophe was left out. */
  const contracted = (word: string) =>
    [-1, -2].map((at) => listed(`${word.slice(0, at)}'${word.slice(at)}`)).find((found) => found.length > 0) ?? [];

  /** A known word with an ending, or with one that is cut off: walkin'. */
  const inflected = (word: string): readonly Pronunciation[] => {
    if (word.endsWith("in'"))
      return listed(`${word.slice(0, -1)}g`).map((phones) => [...phones.slice(0, -1), ...phonesOf("N")]);
    for (const [ending, add] of ENDINGS) {
      const base = word.replace(ending, "");
      if (base === word || base.length < 2) continue;
      const ways = listed(base);
      // A name of any language has its ending all the same: Gulnora's.
      if (ways.length > 0) return ways.map(add);
      if (word.includes("'", base.length)) return guessed(base).map(add);
    }
    return [];
  };

  const guessed = (word: string): readonly Pronunciation[] => {
    const spelt = graphemes(word).filter(({ share }, i) => i === 0 || share >= LEAST_SHARE);
    const english = spelt.slice(0, GUESSES).map(({ phones }) => phones);
    if (isListedUzbek(word) || looksUzbek(word)) return [...uzbekWays(word), ...english.slice(0, 1)];
    return mayBeUzbek(word) ? [...english, ...uzbekWays(word)] : english;
  };

  const found = (word: string, language: "en" | "uz"): readonly Pronunciation[] => {
    const known = listed(word);
    // Numbers are said in English around an Uzbek word too.
    if (language === "uz") return [...uzbekWays(word), ...known.slice(0, 2)];
    if (known.length > 0) return isListedUzbek(word) ? [...known.slice(0, 2), ...uzbekWays(word)] : known;
    for (const derived of [contracted(word), inflected(word)]) if (derived.length > 0) return derived;
    return guessed(word);
  };

  const remembered = new Map<string, readonly Pronunciation[]>();
  const ways = (word: string, language: "en" | "uz" = "en") => {
    const key = `${language} ${word}`;
    const before = remembered.get(key);
    if (before) return before;
    if (remembered.size >= REMEMBERED) remembered.clear();
    const own = distinct(found(word.slice(0, MOST_LETTERS), language)).slice(0, VARIANTS);
    remembered.set(key, own);
    return own;
  };
  return { has: (word) => listed(word).length > 0, ways };
}
