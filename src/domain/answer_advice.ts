import type { ToldLanguage } from "./answer_language.ts";
import type { Comparable } from "./comparable.ts";
import type { Comparison } from "./comparison.ts";
import { kindOf } from "./correction_kinds.ts";
import type { Correction } from "./corrections.ts";
import { explain } from "./explanations.ts";
import { notable, overused, quote, USE_DICTIONARY } from "./feedback.ts";
import type { TextMeasures } from "./measures.ts";
import type { Vocabulary } from "./vocabulary.ts";

// What a kind teacher says about one answer, in Uzbek: what went well, what to mend, and last what to do next.

export type AnswerFacts = {
  readonly language: string;
  readonly guessed: ToldLanguage | null;
  /** The answer is in another language than it should be. */
  readonly elsewhere: boolean;
  readonly own: Comparable;
  readonly comparison: Comparison | null;
  readonly corrections: readonly Correction[];
  readonly measures: TextMeasures;
  readonly vocabulary: Vocabulary | null;
};

const MOST_SENTENCES = 4;
/** Below this an answer is another text, whose words need not be gone through one by one. */
const RELATED = 40;
const COPIED = 0.8;
/** From so many words on, the same words in the same order are copied, not found by chance. */
const COPY_WORDS = 12;
const SHORT_ANSWER = 8;

const ADVERBS: Readonly<Record<string, string>> = { en: "inglizcha", uz: "oʻzbekcha", ru: "ruscha" };

const isCopied = ({ copied_share, similarity }: Comparison, { word_count }: TextMeasures) =>
  copied_share >= COPIED && similarity < 95 && word_count >= COPY_WORDS;

function aboutLanguage({ language, guessed }: AnswerFacts): string[] {
  const asked = ADVERBS[language] ?? "soʻralgan tilda";
  const found = guessed === null || guessed === language ? null : ADVERBS[guessed];
  return [
    found
      ? `Javobingiz ${found} yozilganga oʻxshaydi, bu yerda esa ${asked} javob kutiladi.`
      : `Javobingiz ${asked} yozilmaganga oʻxshaydi.`,
    `Shu fikrni endi ${asked}, qisqa va sodda gaplar bilan yozib koʻring.`,
    USE_DICTIONARY,
  ];
}

function aboutLikeness(comparison: Comparison, measures: TextMeasures): string {
  const { similarity, copied_share, word_error_rate, differences } = comparison;
  const total = differences.filter(({ kind }) => kind !== "added").length;
  const same = differences.filter(({ kind }) => kind === "same").length;
  if (word_error_rate === 0) return `Barakalla, ${total} ta soʻzning hammasi namunadagidek.`;
  if (isCopied(comparison, measures))
    return `Javobingizning ${Math.round(copied_share * 100)} foizi namunadan soʻzma-soʻz olingan.`;
  if (similarity >= 80) return `Yaxshi: namunadagi ${total} ta soʻzdan ${same} tasi joyida.`;
  if (similarity >= RELATED) return `Javobning bir qismi namunaga mos: ${total} ta soʻzdan ${same} tasi bir xil.`;
  return same === 0
    ? `Javobingiz namunadan butunlay farq qiladi: ${total} ta soʻzdan birortasi ham mos kelmadi.`
    : `Javobingiz namunadan ancha farq qiladi: ${total} ta soʻzdan ${same} tasi mos keldi.`;
}

/** The words that differ, five quoted at most; what a correction says already is left to it. */
function aboutDifferences(comparison: Comparison, corrections: readonly Correction[]): string[] {
  const { similarity, missing_words, extra_words } = comparison;
  if (similarity < RELATED) {
    const wanted = notable(missing_words, 3);
    return wanted.length > 0 ? [`Namunadagi ${quote(wanted)} javobingizda uchramadi.`] : [];
  }
  const corrected = new Set(corrections.map(({ original }) => original));
  const replaced = comparison.replaced.filter(({ heard }) => !corrected.has(heard));
  const pairs = replaced.slice(0, 2).map(({ expected, heard }) => `“${expected}” oʻrniga “${heard}” yozilgan`);
  const missing = missing_words.slice(0, pairs.length > 0 ? 2 : 3);
  const extra = extra_words.slice(0, pairs.length > 0 ? 1 : 2);
  const parts = [
    ...pairs,
    ...(missing.length > 0 ? [`tushib qolgani: ${quote(missing)}`] : []),
    ...(extra.length > 0 ? [`ortiqchasi: ${quote(extra)}`] : []),
  ];
  const sentence = parts.join("; ");
  return sentence === "" ? [] : [`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`];
}

/** Those worth a sentence: what to write instead is known, grammar before spelling, each reason once. */
function worthSaying(corrections: readonly Correction[], count: number): Correction[] {
  const sure = corrections.filter(({ replacements }) => replacements.length > 0);
  const ranked = [...sure.filter((one) => kindOf(one) === "grammar"), ...sure, ...corrections];
  const reasons = new Map<string, Correction>();
  for (const correction of ranked) {
    const sentence = explain(correction);
    const why = sentence.slice(sentence.indexOf(":"));
    if (!reasons.has(why)) reasons.set(why, correction);
  }
  return [...reasons.values()].slice(0, count);
}

function aboutWords({ vocabulary, own, measures }: AnswerFacts): string[] {
  if (vocabulary && vocabulary.advanced_words.length > 0) {
    const words = notable(vocabulary.advanced_words, 2);
    if (words.length > 0) return [`${quote(words)} kabi yuqori darajali soʻz ishlatganingiz yaxshi.`];
  }
  const good = notable(
    own.tokens.map(({ text }) => text),
    2,
  );
  const named = good.length > 0 ? `, ${quote(good)} oʻrinli ishlatilgan` : "";
  return measures.word_count >= SHORT_ANSWER ? [`Javobingiz ${measures.word_count} ta soʻzdan iborat${named}.`] : [];
}

function nextStep({ comparison, corrections, measures, vocabulary, language }: AnswerFacts): string {
  if (comparison && (comparison.word_error_rate === 0 || isCopied(comparison, measures)))
    return measures.word_count >= COPY_WORDS
      ? "Endi namunaga qaramay, shu fikrni oʻz soʻzlaringiz bilan ham yozib koʻring."
      : "Keyingi safar biroz uzunroq matnni sinab koʻring.";
  if (comparison && comparison.similarity >= RELATED) {
    const wrong = [...comparison.replaced.map(({ expected }) => expected), ...comparison.missing_words];
    const hard = wrong.filter((word) => /\p{L}/u.test(word));
    const any = notable(hard, 2).length > 0 ? notable(hard, 2) : hard.slice(0, 2);
    if (any.length > 0)
      return `Endi ${quote(any)} ustida ishlang: ${any.length > 1 ? "har birini" : "uni"} gap ichida uch marta yozing.`;
    return "Javobingizni namuna bilan yana bir solishtirib, farqlarini tuzating.";
  }
  // Sentences can be made with a word, not with a comma or an article.
  const practised = corrections
    .map(({ replacements }) => replacements[0]?.trim() ?? "")
    .find((words) => /\p{L}{3,}/u.test(words) && words !== "the");
  if (practised) return `Endi “${practised}” bilan uchta yangi gap tuzib, ovoz chiqarib oʻqing.`;
  if (measures.word_count < SHORT_ANSWER)
    return `Javob hali qisqa (${measures.word_count} ta soʻz): sababini yozing va bitta misol keltiring.`;
  const often = overused(measures);
  if (often)
    return `“${often.word}” ${often.times} marta ishlatilgan: uning ikkita maʼnodoshini lugʻatdan topib, almashtirib koʻring.`;
  if (vocabulary?.level === "A1" || vocabulary?.level === "A2")
    return `Soʻzlaringizning deyarli hammasi ${vocabulary.level} darajasida: keyingi safar uchta yangi soʻz qoʻshib yozing.`;
  return language === "en"
    ? "Keyingi safar shu fikrni “however” yoki “although” qatnashgan bitta qoʻshma gap bilan boyiting."
    : "Keyingi safar fikringizni bitta sabab va bitta misol bilan boyiting.";
}

/** One to four sentences. */
export function adviceOn(facts: AnswerFacts): string[] {
  const { measures, elsewhere, comparison, corrections } = facts;
  if (measures.word_count === 0) return ["Javobda soʻz topilmadi: bir-ikki gap yozib, qaytadan yuboring."];
  if (elsewhere) return aboutLanguage(facts);
  const said = worthSaying(corrections, comparison ? 1 : 2);
  const before = comparison
    ? [
        aboutLikeness(comparison, measures),
        ...(isCopied(comparison, measures) ? [] : aboutDifferences(comparison, said)),
        ...said.map(explain),
      ]
    : [...aboutWords(facts), ...said.map(explain)];
  return [...before.slice(0, MOST_SENTENCES - 1), nextStep(facts)];
}
