/** A stem with its last letter written once: stopp is stop. */
const single = (stem: string): string[] => (/([bdfglmnprstz])\1$/.test(stem) ? [stem.slice(0, -1)] : []);

/** The stem of a verb or an adjective whose ending begins with a vowel: mak is mak, make. */
const before = (stem: string): string[] => [stem, `${stem}e`, ...single(stem)];

const ENDINGS: readonly (readonly [ending: string, bases: (stem: string) => string[]])[] = [
  ["ies", (stem) => [`${stem}y`, `${stem}ie`]],
  ["ves", (stem) => [`${stem}f`, `${stem}fe`, `${stem}ve`]],
  ["es", (stem) => [`${stem}e`, stem]],
  ["s", (stem) => [stem]],
  ["ied", (stem) => [`${stem}y`, `${stem}ie`]],
  ["ed", before],
  ["ying", (stem) => [`${stem}y`, `${stem}ie`]],
  ["ing", before],
  ["iest", (stem) => [`${stem}y`]],
  ["est", before],
  ["ier", (stem) => [`${stem}y`]],
  ["er", before],
  ["ily", (stem) => [`${stem}y`]],
  ["ly", (stem) => [stem, `${stem}le`]],
];

/**
 * What an English word in small letters may be a form of, the likeliest first: stopped is stopp, stoppe, stop. Only
 * what is in a dictionary is meant. Irregular forms are not known.
 */
function baseForms(word: string): string[] {
  const bare = word.replace(/'s?$/, "");
  const found = ENDINGS.flatMap(([ending, bases]) =>
    bare.endsWith(ending) ? bases(bare.slice(0, -ending.length)) : [],
  );
  return [...new Set([bare, ...found])].filter((form) => form.length >= 3 && form !== word);
}

/** The word itself or, where a dictionary lacks it, the first of its base forms that is there; null where none is. */
export const knownForm = (word: string, known: { has(word: string): boolean }): string | null =>
  known.has(word) ? word : (baseForms(word).find((form) => known.has(form)) ?? null);
