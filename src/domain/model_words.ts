import { visible } from "./disguises.ts";
import { languageSigns } from "./language.ts";
import { sentencesOf } from "./measures.ts";
import { uzbekApostrophes } from "./uzbek.ts";
import { fold, foldApostrophes, wordsOf } from "./words.ts";

// What a language model wrote, before anybody reads it: quotes have to be in the answer, sentences plain and in Uzbek.

/** A quote is a place to look at, not the whole answer again. */
const QUOTE_WORDS = 30;
const QUOTES = 5;
/** More than a model needs to prove one part; the rest is not looked for. */
const LOOKED_FOR = 20;
/** A shorter word alone (`the`, `and`) stands in every answer and proves nothing. */
const PROVING_LETTERS = 4;

const WRITTEN = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:'\p{L}[\p{L}\p{M}]*)*/gu;

const written = (text: string) =>
  [...foldApostrophes(text).matchAll(WRITTEN)].map(({ 0: word, index }) => ({
    key: fold(word),
    start: index,
    end: index + word.length,
  }));

/**
 * Those quotes that stand in the answer, word for word: capitals, apostrophes, spaces and punctuation may differ. Given in
 * the answer's own spelling, each once, five at most.
 */
export function quotesFrom(answer: string, quotes: readonly string[]): string[] {
  const seen = visible(answer);
  const words = written(seen);
  const found = quotes.slice(0, LOOKED_FOR).flatMap((quote) => {
    const wanted = written(visible(quote)).slice(0, QUOTE_WORDS);
    if (wanted.length < 2 && (wanted[0]?.key.length ?? 0) < PROVING_LETTERS) return [];
    const at = words.findIndex((_, i) => wanted.every(({ key }, k) => words[i + k]?.key === key));
    const [first, last] = [words[at], words[at + wanted.length - 1]];
    return first && last ? [seen.slice(first.start, last.end).replace(/\s+/g, " ")] : [];
  });
  return [...new Set(found)].slice(0, QUOTES);
}

const MARKUP = /[<>{}[\]\\|`*_#~^=@]|https?:|www\.|\p{L}\.\p{L}{2,}/u;
const POINTS = /\d\s?(?:%|foiz|ball|baho)|(?:ball|baho)\p{L}*\s?[:=]?\s?\d|\d\s?\/\s?\d/u;
const QUOTED = /[“"«„][^”"»“]*[”"»“]/gu;

/** What feedback is made of, beside the words that `languageSigns` knows. */
const TOLD: ReadonlySet<string> = new Set(
  (
    "endi yana gap gaplar gapda fikr fikrlar javob javobingiz insho inshoda mavzu mavzuga misol sabab xato xatolar so'z " +
    "so'zlar aniq to'g'ri yozing tuzing ayting o'qing qo'shing ishlating foydalaning takrorlang mashq qiling ko'ring"
  ).split(" "),
);

/** Plain words in Uzbek (Latin) that name no score and lead nowhere. English words may be quoted in them. */
function isPlainUzbek(sentence: string): boolean {
  const own = sentence.replace(QUOTED, " ");
  const { words, english, uzbek } = languageSigns(own);
  const told = wordsOf(own).filter((word) => TOLD.has(word)).length / Math.max(1, words);
  const isUzbek = words >= 3 && uzbek + told >= 0.1 && uzbek + told > english && !/\p{Script=Cyrillic}/u.test(own);
  return isUzbek && !MARKUP.test(sentence) && !POINTS.test(fold(sentence));
}

/** The first of a model's sentences, as many as fit into so many characters; null where any of them is not fit to be read. */
export function plainUzbek(text: string, most: number): string | null {
  const clean = visible(text)
    .replace(/\p{Extended_Pictographic}/gu, (sign) => (/[\d#*]/.test(sign) ? sign : ""))
    .replace(/\s+/g, " ")
    .trim();
  const fitting = sentencesOf(clean).filter(({ end }) => end <= most);
  const shown = clean.slice(0, fitting.at(-1)?.end ?? 0).trim();
  if (shown === "" || !fitting.every(({ start, end }) => isPlainUzbek(clean.slice(start, end)))) return null;
  const ended = /[.!?…]["”»]?$/u.test(shown) ? shown : `${shown}.`;
  return uzbekApostrophes(ended);
}
