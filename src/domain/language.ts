import { wordsOf } from "./words.ts";

/** Which language a short text seems to be in; `unknown` where too little speaks for any. */
export type GuessedLanguage = "en" | "uz" | "ru" | "unknown";

/** Shares of a text's words that speak for a language, 0 to 1. */
type LanguageSigns = {
  readonly words: number;
  readonly english: number;
  readonly uzbek: number;
  /** Share of the letters that are Cyrillic. */
  readonly cyrillic: number;
  readonly guess: GuessedLanguage;
};

// The commonest words of English: in running text they are 40 to 55 of 100 words, in a beginner's still over 25.
const ENGLISH: ReadonlySet<string> = new Set(
  (
    "i you he she it we they me him her us them my your his its our their mine this that these those a an the and or but " +
    "because so if when then than as while is am are was were be been being do does did done have has had can could will " +
    "would should must may might not no yes to of in on at for from with by about into up out over after before under " +
    "who what where why how which there here very much many some any all every more most also too only just now good " +
    "like go goes went going want get make see know think say said come live study work play one two three"
  ).split(" "),
);

// Uzbek words that are no English ones (`men`, `bill`, `on`, `bad` would be both); apostrophes are folded already.
const UZBEK: ReadonlySet<string> = new Set(
  (
    "va bilan uchun bu shu u ular biz siz sen meni mening menga sizning bizning uning ularning o'z edi ekan emas bor " +
    "yo'q kerak mumkin ham lekin ammo chunki agar yoki nima kim qanday qachon qayerda nega juda ko'p oz yaxshi yomon " +
    "katta kichik bir ikki uch to'rt besh olti yetti sakkiz to'qqiz o'n kun yil oy soat vaqt uy maktab kitob ota ona " +
    "aka uka opa singil do'st bola til ingliz o'zbek hozir keyin oldin bugun kecha ertaga har hamma hech faqat deb " +
    "kabi haqida keldi ketdi qildi qilaman boraman o'qiyman yashayman ishlayman yaxshiman ismim salom rahmat iltimos"
  ).split(" "),
);

// Letters and endings that English words do not have: o' and g', q without u, -lar, -ning, -dan, -man, -di and so on.
const UZBEK_SHAPE =
  /(?:^|[^'])[og]'\p{L}|q(?!u)|(?:lar|larni|larga|larda|larim|ning|ning|dagi|lik|chi|moq|yapti|yapman|adi|aman|amiz|asiz|digan|gan|imiz|ingiz|lari)$/u;

const UZBEK_CYRILLIC = /[ўқғҳ]/i;

// English words that only look so.
const LOOK_UZBEK: ReadonlySet<string> = new Set(
  (
    "began organ slogan vegan pagan hooligan similar regular popular particular familiar grammar dollar dollars scholar " +
    "scholars cellar collar pillar pillars solar calendar"
  ).split(" "),
);

const isUzbek = (word: string) =>
  UZBEK.has(word) || (word.length > 4 && UZBEK_SHAPE.test(word) && !ENGLISH.has(word) && !LOOK_UZBEK.has(word));

/** Counts what speaks for English, Uzbek and Russian; fewer than 3 words in Latin letters are not judged. */
export function languageSigns(text: string): LanguageSigns {
  const words = wordsOf(text);
  const share = (speaks: (word: string) => boolean) => words.filter(speaks).length / Math.max(1, words.length);
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const cyrillic = (text.match(/\p{Script=Cyrillic}/gu)?.length ?? 0) / Math.max(1, letters);
  const [english, uzbek] = [share((word) => ENGLISH.has(word)), share(isUzbek)];
  let guess: GuessedLanguage = "unknown";
  if (cyrillic > 0.5) guess = UZBEK_CYRILLIC.test(text) ? "uz" : "ru";
  else if (words.length >= 3 && uzbek > 0.2 && uzbek > english) guess = "uz";
  else if (words.length >= 3 && english >= 0.12) guess = "en";
  return { words: words.length, english, uzbek, cyrillic, guess };
}

/**
 * True where a text is clearly not in the language that was asked for. `misspelled` is the share of its words that an
 * English spelling check does not know (0 where none ran): a list of nouns has no function words and is English still,
 * while Turkish or gibberish is unknown word by word. Only English, Uzbek and Russian can be told; others never are.
 */
export function isOffLanguage(text: string, language: string, misspelled: number): boolean {
  const { words, english, cyrillic, guess } = languageSigns(text);
  if (words === 0) return false;
  if (language === "en") {
    if (cyrillic > 0.5) return true;
    if (words < 4) return false;
    return guess === "uz" || (english < 0.12 && misspelled >= 0.5);
  }
  if (language === "uz") return guess === "ru" || (words >= 4 && guess === "en" && english > 0.3);
  if (language === "ru") return words >= 3 && cyrillic < 0.3;
  return false;
}
