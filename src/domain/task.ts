import { fold, wordsOf } from "./words.ts";

// What a task asks for and what was copied from it, read from words alone. Tasks are written in English, Uzbek or Russian.

/** What the task's own words ask for; null where they do not say. */
export type Demands = {
  readonly words: number | null;
  readonly sentences: number | null;
  readonly seconds: number | null;
  /** A dictation, a translation or a copy: there is one right answer, and it is the reference. */
  readonly exact: boolean;
};

// `100-150 words` asks for 100: the first number is what is enough. `No more than 200` asks for nothing.
const COUNT =
  "(?<!no more than |at most |up to |maximum |ko'pi bilan |не более )" +
  "((?<!\\d)\\d{1,5}(?!\\d)|one|two|three|four|five|bir|ikki|uch|to'rt|besh|o'n)(?:\\s{0,3}(?:-|–|—|to|dan|or|yoki)\\s{0,3}\\d{1,5})?\\s{0,3}(?:ta\\s{1,3}|or more\\s{1,3}|\\+\\s{0,3})?";
const WORDS = new RegExp(`${COUNT}(?:words?|so'z|слов)`, "u");
const SENTENCES = new RegExp(`${COUNT}(?:\\p{L}+ )?(?:sentences?|gap(?!ir)|jumla|предложени)`, "u");
const MINUTES = new RegExp(`${COUNT}(?:minutes?|mins?\\b|daqiqa|minut|минут)`, "u");
const SECONDS = new RegExp(`${COUNT}(?:seconds?|secs?\\b|soniya|sekund|секунд)`, "u");
const EXACT =
  /\b(?:dictation|translate|translation|copy (?:the|this|out)|diktant|tarjima|ko'chir)|диктант|перевед|перевод/u;

const SPELLED: Readonly<Record<string, number>> = {
  ...{ one: 1, two: 2, three: 3, four: 4, five: 5, bir: 1, ikki: 2, uch: 3, "to'rt": 4, besh: 5, "o'n": 10 },
};

// `Use 5 words from the list` says nothing of the length.
const LEAST_WORDS = 15;
const MOST_WORDS = 5_000;

/** Reads `Write 150 words`, `kamida 100 ta soʻz`, `5-6 sentences`, `2 daqiqa` and the like from title and description. */
export function demandsOf(task: string): Demands {
  const text = fold(task);
  const first = (pattern: RegExp, least: number, most: number) => {
    const found = pattern.exec(text)?.[1];
    const value = found === undefined ? 0 : (SPELLED[found] ?? Number(found));
    return value >= least && value <= most ? value : null;
  };
  const minutes = first(MINUTES, 1, 60);
  return {
    words: first(WORDS, LEAST_WORDS, MOST_WORDS),
    sentences: first(SENTENCES, 1, 200),
    seconds: minutes === null ? first(SECONDS, 5, 3600) : minutes * 60,
    exact: EXACT.test(text),
  };
}

/** Runs of so many words are looked for when something was copied: shorter ones are common property. */
const RUN = 4;

/** Share of the answer's words that stand in runs of 4 words which the source has too, 0 to 1. */
export function copiedShare(answer: string, source: string): number {
  const words = wordsOf(answer);
  const from = wordsOf(source);
  const runs = new Set(
    from.map((_, i) => from.slice(i, i + RUN).join(" ")).slice(0, Math.max(0, from.length - RUN + 1)),
  );
  const copied = new Set<number>();
  for (let i = 0; i + RUN <= words.length; i++) {
    if (runs.has(words.slice(i, i + RUN).join(" "))) for (let k = i; k < i + RUN; k++) copied.add(k);
  }
  return words.length === 0 ? 0 : copied.size / words.length;
}
