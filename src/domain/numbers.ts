// Numbers as they are spoken in English, so that `21` and `twenty-one` compare as the same words.

const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const SCALES: readonly (readonly [number, string])[] = [
  [1_000_000_000, "billion"],
  [1_000_000, "million"],
  [1_000, "thousand"],
];
const ORDINALS: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};

const NUMBER_WORDS: ReadonlySet<string> = new Set([...ONES, ...TENS]);
const GROUP_WORDS: ReadonlySet<string> = new Set(["hundred", "thousand", "million", "billion"]);

export const digitByDigit = (digits: string) => [...digits].map((digit) => ONES[Number(digit)] ?? digit);

function belowThousand(n: number): string[] {
  const words: string[] = [];
  if (n >= 100) words.push(ONES[Math.floor(n / 100)] ?? "", "hundred");
  const rest = n % 100;
  if (rest >= 20) {
    words.push(TENS[Math.floor(rest / 10)] ?? "");
    if (rest % 10 > 0) words.push(ONES[rest % 10] ?? "");
  } else if (rest > 0) words.push(ONES[rest] ?? "");
  return words;
}

/** 0 to 999 999 999 999, without `and`. */
export function cardinal(n: number): string[] {
  if (n === 0) return ["zero"];
  const words: string[] = [];
  let rest = n;
  for (const [size, name] of SCALES) {
    if (rest >= size) words.push(...belowThousand(Math.floor(rest / size)), name);
    rest %= size;
  }
  return [...words, ...belowThousand(rest)];
}

/** A year is read in two halves: 1995 is nineteen ninety five, 2024 twenty twenty four, 2005 two thousand five. */
function year(n: number): string[] {
  const [head, tail] = [Math.floor(n / 100), n % 100];
  if (n >= 2000 && n < 2010) return cardinal(n);
  if (tail === 0) return [...belowThousand(head), "hundred"];
  return [...belowThousand(head), ...(tail < 10 ? ["oh"] : []), ...belowThousand(tail)];
}

function withLast(words: readonly string[], change: (last: string) => string): string[] {
  const last = words.at(-1);
  return last === undefined ? [] : [...words.slice(0, -1), change(last)];
}

/** Of the last word of a number: twenty `one` is twenty `first`. */
export const ordinal = (word: string) =>
  ORDINALS[word] ?? (word.endsWith("y") ? `${word.slice(0, -1)}ieth` : `${word}th`);
const plural = (word: string) =>
  word.endsWith("y") ? `${word.slice(0, -1)}ies` : word.endsWith("x") ? `${word}es` : `${word}s`;

function whole(digits: string, grouped: boolean): string[] {
  // Numbers with a leading zero, and those nobody says in one breath, are read digit by digit.
  if ((digits.length > 1 && digits.startsWith("0")) || digits.length > 12) return digitByDigit(digits);
  const n = Number(digits);
  return !grouped && digits.length === 4 && n >= 1100 && n < 2100 ? year(n) : cardinal(n);
}

/** `10`, `10,000`, `10 000`, `3.5`, `7:30`, `21st`, `1990s` in words; null where it is no such number. */
export function numberWords(written: string): string[] | null {
  const match = /^(\d[\d\s,]*)(?:([.:])(\d+))?(st|nd|rd|th|s)?$/i.exec(written);
  if (!match) return null;
  const [, head = "", mark, tail = "", suffix = ""] = match;
  const digits = head.replace(/[\s,]/g, "");
  const words = whole(digits, digits.length !== head.length);
  if (mark === ".") return [...words, "point", ...digitByDigit(tail)];
  if (mark === ":") {
    const minutes = tail.length === 2 && tail.startsWith("0") ? (tail === "00" ? [] : ["oh"]) : null;
    return [...words, ...(minutes ?? []), ...(tail === "00" ? [] : cardinal(Number(tail)))];
  }
  if (suffix.toLowerCase() === "s") return withLast(words, plural);
  return suffix ? withLast(words, ordinal) : words;
}

/** True for the `and` of `one hundred and five`, which is said or left out as the speaker likes. */
export const isSilentAnd = (before: string | undefined, word: string, after: string | undefined): boolean =>
  word === "and" &&
  before !== undefined &&
  after !== undefined &&
  GROUP_WORDS.has(before) &&
  (NUMBER_WORDS.has(after) || after.endsWith("teenth"));
