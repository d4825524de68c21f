const LETTERS: Readonly<Record<string, string>> = {
  ...{ а: "a", б: "b", в: "v", г: "g", д: "d", ё: "yo", ж: "j", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m" },
  ...{ н: "n", о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "x", ч: "ch", ш: "sh", щ: "sh", ы: "i" },
  ...{ ь: "", э: "e", ю: "yu", я: "ya", ў: "oʻ", қ: "q", ғ: "gʻ", ҳ: "h" },
};
const VOWELS = "аеёиоуўэюяы";

function latinLetter(letter: string, before: string, after: string): string {
  const inside = /\p{L}/u.test(before);
  if (letter === "е") return !inside || `${VOWELS}ъь`.includes(before) ? "ye" : "e";
  if (letter === "ц") return inside && VOWELS.includes(before) ? "ts" : "s";
  // Before e, yo, yu and ya it only parts them from the consonant: obyekt.
  if (letter === "ъ") return "еёюя".includes(after) && after !== "" ? "" : "ʼ";
  return LETTERS[letter] ?? letter;
}

/** Uzbek in Cyrillic letters as it is written in Latin ones; what is not Cyrillic stays. */
export function latinOf(text: string): string {
  return text.replace(/\p{Script=Cyrillic}/gu, (letter, at: number) => {
    const small = letter.toLowerCase();
    const after = text.charAt(at + 1);
    const latin = latinLetter(small, text.charAt(at - 1).toLowerCase(), after.toLowerCase());
    if (small === letter) return latin;
    return /\p{Lu}/u.test(after) ? latin.toUpperCase() : latin.charAt(0).toUpperCase() + latin.slice(1);
  });
}
