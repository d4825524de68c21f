import { foldApostrophes } from "./words.ts";

// Uzbek is written in Latin and in Cyrillic letters, and its oʻ, gʻ and tutuq with any apostrophe a keyboard has.

const LETTERS: Readonly<Record<string, string>> = {
  ...{ а: "a", б: "b", в: "v", г: "g", д: "d", ж: "j", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m", н: "n" },
  ...{ о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "x", ч: "ch", ш: "sh", э: "e" },
  ...{ ё: "yo", ю: "yu", я: "ya", ў: "oʻ", қ: "q", ғ: "gʻ", ҳ: "h", ь: "" },
  // Not of the Uzbek alphabet, but of names.
  ...{ ы: "i", щ: "sh" },
};

const VOWEL = /[аеёиоуўэюяы]/;
const SIGN = /[ъь]/;
const LETTER = /\p{L}/u;
const CYRILLIC = /\p{Script=Cyrillic}/u;

/** One letter in small ones, by what stands before and behind it. */
function latinOf(letter: string, before: string, after: string): string | undefined {
  // `ye` where a word or a syllable begins: ер yer, поезд poyezd, объект obyekt.
  if (letter === "е") return !LETTER.test(before) || VOWEL.test(before) || SIGN.test(before) ? "ye" : "e";
  if (letter === "ц") return VOWEL.test(before) ? "ts" : "s";
  // Without the tutuq the two would be read as `sh`.
  if (letter === "с" && after === "ҳ") return "sʼ";
  // Before е, ё, ю, я the Latin y parts the syllables by itself.
  if (letter === "ъ") return /[еёюя]/.test(after) ? "" : "ʼ";
  return LETTERS[letter];
}

const isCapital = (letter: string) => letter !== letter.toLowerCase();

/** Uzbek Cyrillic in Latin letters, with oʻ and gʻ (U+02BB) and tutuq (U+02BC); everything else stays as it is. */
export function uzbekLatin(text: string): string {
  if (!CYRILLIC.test(text)) return text;
  // The two months are spelt without the softening.
  const letters = [
    ...text.normalize("NFC").replace(/(?<=(?:сент|окт))ябр/gi, (found) => (isCapital(found) ? "АБР" : "абр")),
  ];
  return letters
    .map((letter, i) => {
      const [before, after] = [letters[i - 1] ?? "", letters[i + 1] ?? ""];
      const latin = latinOf(letter.toLowerCase(), before.toLowerCase(), after.toLowerCase());
      if (latin === undefined) return letter;
      if (!isCapital(letter)) return latin;
      const shouts = LETTER.test(after) ? isCapital(after) : LETTER.test(before) && isCapital(before);
      return shouts ? latin.toUpperCase() : latin.charAt(0).toUpperCase() + latin.slice(1);
    })
    .join("");
}

// Letters of proposed alphabets and of Turkish keyboards.
const OTHER_LETTERS: Readonly<Record<string, string>> = {
  ...{ õ: "oʻ", ó: "oʻ", ğ: "gʻ", ǵ: "gʻ", ş: "sh", ç: "ch", Õ: "Oʻ", Ó: "Oʻ", Ğ: "Gʻ", Ǵ: "Gʻ", Ş: "Sh", Ç: "Ch" },
};

/** With the school's letters: ʻ (U+02BB) in oʻ and gʻ, ʼ (U+02BC) between other letters; what is neither is a plain apostrophe. */
export const uzbekApostrophes = (text: string): string =>
  foldApostrophes(text)
    .replace(/(?<=[og])'+/gi, "ʻ")
    .replace(/(?<=\p{L})'(?=\p{L})/gu, "ʼ");

/** Uzbek in one spelling: Latin letters, ʻ (U+02BB) in oʻ and gʻ, ʼ (U+02BC) between other letters, no other apostrophe. */
export const uzbekSpelling = (text: string): string =>
  uzbekApostrophes(
    uzbekLatin(text.normalize("NFC")).replace(/[õóğǵşç]/gi, (letter) => OTHER_LETTERS[letter] ?? letter),
  ).replaceAll("'", " ");
