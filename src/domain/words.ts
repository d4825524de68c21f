import { ABBREVIATIONS, isSize, unitOf } from "./abbreviations.ts";
import { isSilentAnd, numberWords } from "./numbers.ts";

/** One word to compare, and the written word it comes from: `it's` gives two that share `text`, `start` and `end`. */
export type Token = {
  /** As written. */
  readonly text: string;
  /** What is compared: small letters, one kind of apostrophe, no contractions, digits or British spellings. */
  readonly key: string;
  /** UTF-16 code units from the start of the text. */
  readonly start: number;
  readonly end: number;
};

/** Every apostrophe that people type: ' ` ´ ʹ ʻ ʼ ʽ ˈ ‘ ’ ‛ ′ ＇. Uzbek oʻ, gʻ and tutuq are written with any of them. */
const APOSTROPHES = "'`\u00B4\u02B9\u02BB\u02BC\u02BD\u02C8\u2018\u2019\u201B\u2032\uFF07";
const APOSTROPHE = new RegExp(`[${APOSTROPHES}]`, "g");

/** The same text, of the same length, with ' for every apostrophe. */
export const foldApostrophes = (text: string): string => text.replace(APOSTROPHE, "'");

const WORD = new RegExp(
  [
    "(?<!\\p{L})(?:\\p{L}\\.){2,6}(?!\\p{L})", // a.m., U.S.
    "[$£€]?\\d{1,3}(?:[ ,\\u00A0]\\d{3})+(?![\\d\\p{L}])", // 10,000 and 10 000
    "[$£€]?\\d+(?:[.:]\\d+)?(?:(?:st|nd|rd|th|s)(?!\\p{L}))?",
    `\\p{L}[\\p{L}\\p{M}]*(?:[${APOSTROPHES}]\\p{L}[\\p{L}\\p{M}]*)*`,
    "[&%+@]",
  ].join("|"),
  "giu",
);

/** Signs that are words of their own, and how they are said. */
export const SIGNS: Readonly<Record<string, string>> = { "&": "and", "%": "percent", "+": "plus", "@": "at" };
/** Signs that stand before a sum, and how one of it is said. */
export const MONEY: Readonly<Record<string, string>> = { $: "dollar", "£": "pound", "€": "euro" };

// What is written in one way and said in another; also the contractions that no ending explains.
const SAME: Readonly<Record<string, string>> = {
  ...{ eg: "for example", ie: "that is" },
  ...Object.fromEntries("mr mrs dr prof vs etc".split(" ").map((short) => [short, ABBREVIATIONS[short]?.[0] ?? short])),
  ...{ ok: "okay", "o'k": "okay", "ma'am": "madam", alright: "all right", email: "e mail", tv: "t v" },
  ...{ "can't": "can not", cannot: "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not" },
  ...{ "let's": "let us", "'cause": "because", cuz: "because", "y'all": "you all" },
  ...{ gonna: "going to", wanna: "want to", gotta: "got to", gimme: "give me", lemme: "let me", kinda: "kind of" },
};

// Contractions whose apostrophe was left out; those that are words of their own (its, well, ill, were, id) are not here.
const NEGATED = "do does did is are was were have has had could would should must need".split(" ");
const BARE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NEGATED.map((verb) => [`${verb}nt`, `${verb} not`])),
  ...{ cant: "can not", wont: "will not", im: "i am", ive: "i have", youre: "you are", youve: "you have" },
  ...{ theyre: "they are", theyve: "they have", weve: "we have", thats: "that is", whats: "what is" },
  ...{ hes: "he is", shes: "she is" },
};

const PRONOUNS = "i you he she it we they who what that there here where when how why this someone everyone everything";
const SUBJECTS: ReadonlySet<string> = new Set(PRONOUNS.split(" "));
const MODALS: ReadonlySet<string> = new Set("could would should might must may".split(" "));
// After these `'s` stands for `has` and `'d` for `had`.
const PERFECT: ReadonlySet<string> = new Set("been got had gone done become".split(" "));

function expand(word: string, next: string): string[] {
  const same = SAME[word] ?? BARE[word];
  if (same !== undefined) return same.split(" ");
  const at = word.lastIndexOf("'");
  if (at < 0) return [word];
  const [base, ending] = [word.slice(0, at), word.slice(at + 1)];
  if (ending === "t" && base.endsWith("n")) return [base.slice(0, -1), "not"];
  const subject = SUBJECTS.has(base);
  if (ending === "m" && base === "i") return ["i", "am"];
  if (ending === "re" && subject) return [base, "are"];
  if (ending === "ve" && (subject || MODALS.has(base))) return [base, "have"];
  if (ending === "ll" && subject) return [base, "will"];
  if (ending === "s" && subject) return [base, PERFECT.has(next) ? "has" : "is"];
  if (ending === "d" && subject) return [base, PERFECT.has(next) || next === "better" ? "had" : "would"];
  return [word];
}

// Recognisers write American English whatever was said, so British spelling is no difference.
const BRITISH: readonly (readonly [RegExp, string])[] = [
  [/^(col|fav|neighb|hon|lab|behavi|flav|hum|harb|rum|endeav|vap|od|sav|arm|parl|vig|cand|glam)our/, "$1or"],
  [/^(cent|theat|met|kilomet|centimet|millimet|lit|millilit|fib|somb)re(s?)$/, "$1er$2"],
  [/^(\w+)isation(s?)$/, "$1ization$2"],
  [
    /^(organ|real|recogn|apolog|special|memor|modern|util|summar|critic|emphas|minim|maxim)is(e|es|ed|ing|er|ers)$/,
    "$1iz$2",
  ],
  [
    /^(civil|priorit|global|popular|social|symbol|visual|final|general|normal|character)is(e|es|ed|ing|er|ers)$/,
    "$1iz$2",
  ],
  [/^(anal|paral|catal)ys(e|es|ed|ing)$/, "$1yz$2"],
  [/^(travel|cancel|model|label|level|signal|marvel|quarrel|counsel|fuel)l(ed|ing|er|ers)$/, "$1$2"],
  [/^(catal|dial|anal)ogue(s?)$/, "$1og$2"],
  [/^(def|off|lic|pret)ence(s?)$/, "$1ense$2"],
  [/^practis(e|es|ed|ing)$/, "practic$1"],
  [/^jewellery$/, "jewelry"],
  [/^grey(s|er|ish)?$/, "gray$1"],
  [/^programme(s?)$/, "program$1"],
  [/^(learn|dream|burn|spoil|leap)t$/, "$1ed"],
];
const BRITISH_WORDS: Readonly<Record<string, string>> = {
  ...{ tyre: "tire", tyres: "tires", pyjamas: "pajamas", cheque: "check", aeroplane: "airplane", storey: "story" },
  ...{ sceptical: "skeptical", ageing: "aging", judgement: "judgment", fulfil: "fulfill", skilful: "skillful" },
  ...{ spelt: "spelled", smelt: "smelled", mum: "mom" },
};

/** The American spelling of a word in small letters: colour is color, organise organize. Other words stay. */
export function american(word: string): string {
  const known = BRITISH_WORDS[word];
  if (known !== undefined) return known;
  for (const [pattern, replacement] of BRITISH) {
    if (pattern.test(word)) return word.replace(pattern, replacement);
  }
  return word;
}

/** Small letters, one apostrophe, no accents on Latin letters (Cyrillic й and ё are letters of their own). */
export const fold = (word: string): string =>
  // Before NFKC, which takes ´ for a space with an accent.
  foldApostrophes(word)
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/(\p{Script=Latin})\p{M}+/gu, "$1")
    .normalize("NFC");

function keysOf(written: string, before: string, next: string): string[] {
  const sign = SIGNS[written];
  if (sign !== undefined) return [sign];
  const money = MONEY[written.charAt(0)];
  const number = numberWords(money === undefined ? written : written.slice(1));
  if (number) {
    // $5 million: the sign is said behind the size.
    if (money === undefined || isSize(next)) return number;
    return [...number, number.join() === "one" ? money : `${money}s`];
  }
  const unit = unitOf(written, before);
  if (unit !== undefined) return unit.split(" ");
  const word = fold(written).replaceAll(".", "");
  const sum = isSize(word) ? MONEY[before.charAt(0)] : undefined;
  return sum === undefined ? expand(word, next).map(american) : [word, `${sum}s`];
}

/** The words, numbers and signs of a text as they are written. Punctuation and hyphens only separate them. */
export const writtenWords = (text: string): Omit<Token, "key">[] =>
  [...text.matchAll(WORD)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));

/** The words of a text as they are compared, each with its place. */
export function tokensOf(text: string): Token[] {
  const written = writtenWords(text);
  const tokens = written.flatMap((word, i): Token[] =>
    keysOf(word.text, written[i - 1]?.text ?? "", fold(written[i + 1]?.text ?? "")).map((key) => ({ ...word, key })),
  );
  return tokens.filter(({ key }, i) => !isSilentAnd(tokens[i - 1]?.key, key, tokens[i + 1]?.key));
}

/** The words of a text for comparison: `It's 10%.` is it, is, ten, percent. */
export const wordsOf = (text: string): string[] => tokensOf(text).map(({ key }) => key);
