import type { Alignment, Difference } from "./alignment.ts";
import type { Correction } from "./corrections.ts";
import { explain } from "./explanations.ts";
import { sentencesOf, type TextMeasures } from "./measures.ts";
import type { AssessedWord, Assessment } from "./pronunciation.ts";
import type { SpeechMeasures } from "./sound.ts";
import { hintFor } from "./sound_hints.ts";

// What a learner reads under the grade: three to six short Uzbek sentences that name the words of this very answer.

/** Why an answer earns almost nothing, whatever else is right in it. */
export type Cap = "blank" | "off_language" | "copied_task" | "copied_reference" | "repeated_filler" | "too_short";

export type FeedbackFacts = {
  readonly kind: "oral" | "text";
  readonly answer: string;
  readonly cap: Cap | null;
  readonly flagged: boolean;
  readonly alignment: Alignment | null;
  readonly speech: SpeechMeasures | null;
  readonly measures: TextMeasures;
  readonly corrections: readonly Correction[];
  /** A grammar check knows the answer's language. */
  readonly checked: boolean;
  /** Words that the task asks for. */
  readonly wanted_words: number;
  /** Share of the reference's own words that the answer has, 0 to 1; null where there is no model answer. */
  readonly covered: number | null;
  /** How a text was pronounced, where that counts. */
  readonly pronunciation: Assessment | null;
};

const QUOTED = 5;

/** To whoever wrote in another language. */
export const USE_DICTIONARY = "Bilmagan soʻzingizni lugʻatdan qarang, butun matnni esa tarjimon dasturga bermang.";

/** Words in Uzbek quotation marks. */
export const quote = (words: readonly string[]) => words.map((word) => `“${word}”`).join(", ");
const decimal = (value: number) => (Math.round(value * 10) / 10).toString().replace(".", ",");
const unique = (words: readonly string[]) => [...new Map(words.map((word) => [word.toLowerCase(), word])).values()];

/** Words worth naming: the longest ones, each once, in the order of the answer. */
export function notable(words: readonly string[], count: number): string[] {
  const long = unique(words).filter((word) => word.length > 3 && /^\p{L}/u.test(word));
  const best = new Set([...long].sort((a, b) => b.length - a.length).slice(0, count));
  return long.filter((word) => best.has(word));
}

const textsOf = (differences: readonly Difference[], kind: Difference["kind"]) =>
  unique(
    differences.filter((difference) => difference.kind === kind).map(({ expected, heard }) => expected ?? heard ?? ""),
  );

function capped({ cap, kind, answer, measures, wanted_words }: FeedbackFacts): string[] {
  const words = notable(
    measures.tokens.map(({ text }) => text),
    2,
  );
  const own = words.length > 0 ? ` (${quote(words)})` : "";
  switch (cap) {
    case "blank":
      return kind === "oral"
        ? [
            "Yozuvda nutq eshitilmadi, shuning uchun uni baholab boʻlmadi.",
            "Mikrofonni ogʻzingizga yaqinroq tutib, tinchroq joyda qaytadan yozib koʻring.",
            "Yuborishdan oldin yozuvni oʻzingiz bir eshitib oling.",
          ]
        : [
            "Javob boʻsh keldi, shuning uchun uni baholab boʻlmadi.",
            "Topshiriqni yana bir oʻqib, bilganingizcha ikki-uch gap yozib koʻring.",
            "Xato qilishdan qoʻrqmang: xatolar ustida birga ishlaymiz.",
          ];
    case "off_language":
      return [
        `Javobingiz${own} topshiriqda soʻralgan tilda emasga oʻxshaydi.`,
        "Fikringiz tayyor ekan, endi uni topshiriqdagi tilda qisqa va sodda gaplar bilan ayting.",
        USE_DICTIONARY,
      ];
    case "copied_task":
      return [
        `Javobingiz${own} deyarli toʻliq topshiriqning oʻzidan koʻchirilgan.`,
        "Topshiriqdagi gaplarni emas, oʻz fikringizni yozing.",
        "Boshlash uchun “I think …” yoki “In my family …” deb boshlanadigan ikki gap tuzing.",
      ];
    case "copied_reference":
      return [
        `Javobingiz${own} namunaviy javob bilan deyarli soʻzma-soʻz bir xil.`,
        "Namunani yopib qoʻying va mazmunini oʻz soʻzlaringiz bilan qayta yozing.",
        "Gaplaringiz namunadagidan soddaroq boʻlsa ham, oʻzingizniki boʻlgani qimmatliroq.",
      ];
    case "repeated_filler":
      return [
        `Javobda ayni soʻzlar${own} qayta-qayta takrorlangan, yangi fikr esa kam.`,
        "Har bir gapda bittadan yangi narsa ayting: kim, qayerda, qachon, nima uchun?",
        `Shunday beshta gap ${Math.max(1, measures.word_count)} ta takrordan koʻra yuqoriroq baho oladi.`,
      ];
    default:
      return [
        `Boshlaganingiz yaxshi${own}, lekin javob hali juda qisqa: ${measures.word_count} ta soʻz.`,
        `Bu topshiriqda kamida ${wanted_words} ta soʻz kutiladi.`,
        answer.includes(" ")
          ? "Shu fikrni davom ettiring: sababini yozing va bitta misol keltiring."
          : "Toʻliq gap tuzing: kim, nima qiladi, qayerda va nima uchun?",
      ];
  }
}

function readingPraise(
  { differences, same, missing, replaced, ...rest }: Alignment,
  kind: FeedbackFacts["kind"],
  weak: readonly string[],
): string {
  const { completeness, accuracy } = rest;
  const good = notable(
    textsOf(differences, "same").filter((word) => !weak.includes(word)),
    2,
  );
  const total = same + missing + replaced;
  const done = kind === "oral" ? "oʻqidingiz" : "yozdingiz";
  if (accuracy === 1)
    return `Barakalla, ${total} ta soʻzning hammasini ${weak.length > 0 ? "" : "toʻgʻri "}${done}${good.length > 0 ? `, jumladan ${quote(good)}` : ""}.`;
  const named = good.length > 0 ? `, masalan ${quote(good)}` : "";
  if (same === total) return `Yaxshi: ${total} ta soʻzning hammasi joyida${named}.`;
  if (completeness >= 0.8) return `Yaxshi: ${total} ta soʻzdan ${same} tasini toʻgʻri ${done}${named}.`;
  if (completeness >= 0.4) return `Matnning bir qismi chiqdi: ${total} ta soʻzdan ${same} tasi toʻgʻri${named}.`;
  return `Boshlaganingiz yaxshi: hozircha ${total} ta soʻzdan ${same} tasi mos keldi${named}.`;
}

/** The words that went wrong, five quoted at most. */
function readingMistakes({ differences }: Alignment, kind: FeedbackFacts["kind"]): string[] {
  const replaced = differences.filter((difference) => difference.kind === "replaced").slice(0, 2);
  const missing = textsOf(differences, "missing");
  const added = textsOf(differences, "added");
  const sentences: string[] = [];
  if (replaced.length > 0) {
    const pairs = replaced.map(({ expected, heard }) => `“${expected}” oʻrniga “${heard}”`).join(", ");
    sentences.push(`${pairs} ${kind === "oral" ? "eshitildi" : "yozilgan"}.`);
  }
  const room = QUOTED - 2 * replaced.length;
  if (missing.length > 0) {
    const shown = missing.slice(0, Math.max(1, room - (added.length > 0 ? 1 : 0)));
    const rest = missing.length - shown.length;
    const more = rest > 0 ? ` va yana ${rest} ta soʻz` : "";
    sentences.push(`Tushib qolgani: ${quote(shown)}${more}.`);
  }
  const left = room - Math.min(missing.length, Math.max(1, room - 1));
  if (added.length > 0 && left > 0) sentences.push(`Matnda yoʻq soʻz qoʻshilgan: ${quote(added.slice(0, left))}.`);
  return sentences;
}

/** Pace and pauses; thresholds as in criteria.ts. */
function pace({ wpm, pause_ratio, longest_pause_ms, clipping }: SpeechMeasures, reading: boolean): string | null {
  const rate = Math.round(wpm);
  if (clipping > 0.02) return "Ovoz juda baland yozilib, buzilgan: mikrofonni biroz uzoqroq tuting.";
  if (rate === 0) return null;
  if (longest_pause_ms >= 2000)
    return `Eng uzun toʻxtash ${decimal(longest_pause_ms / 1000)} soniya boʻldi: gap oʻrtasida emas, oxirida toʻxtang.`;
  if (pause_ratio > 0.35)
    return `Vaqtning ${Math.round(pause_ratio * 100)} foizi toʻxtashlarga ketdi, soʻzlarni bogʻlab aytishga harakat qiling.`;
  if (rate < 70) return `Surʼatingiz daqiqasiga ${rate} soʻz: shoshilmang, lekin soʻzlarni uzmasdan ayting.`;
  if (rate > 200) return `Surʼatingiz juda tez (daqiqasiga ${rate} soʻz): har bir soʻzning oxirini aniq ayting.`;
  return `${reading ? "Oʻqish" : "Nutq"} surʼatingiz yaxshi: daqiqasiga ${rate} soʻz.`;
}

const WEAK = 3;

/** The weak words of a reading, the weakest first, of those that were not named already. */
function weakWords({ pronunciation }: FeedbackFacts, { differences }: Alignment): AssessedWord[] {
  const named = new Set(
    differences.flatMap(({ kind, expected }) => (kind === "same" ? [] : (expected?.toLowerCase() ?? []))),
  );
  const weak = (pronunciation?.words ?? []).filter(
    ({ error_type, word }) => error_type === "Mispronunciation" && !named.has(word.toLowerCase()),
  );
  const each = new Map(weak.toSorted((a, b) => b.score - a.score).map((line) => [line.word.toLowerCase(), line]));
  return [...each.values()].toSorted((a, b) => a.score - b.score);
}

/** The weakest words, what was heard of them, and what to do about the first of which there is something to say. */
function aboutWeak(all: readonly AssessedWord[]): string[] {
  const weak = all.slice(0, WEAK);
  if (weak.length === 0) return [];
  const shown = weak.map(({ word, heard }) => `“${word}”${heard === null ? "" : ` (${heard} eshitildi)`}`).join(", ");
  const [hinted] = weak.flatMap((line) => {
    const hint = hintFor(line, "uz");
    return hint === null ? [] : [`“${line.word}”: ${hint}`];
  });
  const named = `Talaffuzi zaif ${weak.length > 1 ? "soʻzlar" : "soʻz"}: ${shown}.`;
  return [hinted === undefined ? named : `${named} ${hinted}`];
}

function readingPractice({ differences }: Alignment, kind: FeedbackFacts["kind"], weak: readonly string[]): string {
  const wrong = [...textsOf(differences, "replaced"), ...textsOf(differences, "missing")];
  const hard = notable(wrong, 2);
  const any = hard.length > 0 ? hard : [...wrong, ...weak].slice(0, 2);
  const each = any.length > 1 ? "har birini" : "uni";
  if (any.length > 0) {
    return kind === "oral"
      ? `Endi ${quote(any)} ustida ishlang: ${each} 5 marta sekin ayting, soʻng butun gapni qaytadan oʻqing.`
      : `Endi ${quote(any)} ustida ishlang: ${each} gap ichida 3 marta yozib, soʻng matnni yoddan qayta yozing.`;
  }
  const [longest] = notable(textsOf(differences, "same"), 1);
  const named = longest === undefined ? "" : `, “${longest}” soʻzining urgʻusiga eʼtibor bering`;
  return kind === "oral"
    ? `Keyingi safar shu matnni ifodali oʻqing${named}.`
    : "Keyingi safar biroz uzunroq matnni sinab koʻring.";
}

function aboutReading(facts: FeedbackFacts, alignment: Alignment): string[] {
  // The pace of three words out of twenty says nothing.
  const tempo = facts.speech && alignment.completeness >= 0.5 ? pace(facts.speech, true) : null;
  const weak = weakWords(facts, alignment);
  const names = weak.map(({ word }) => word);
  return [
    readingPraise(alignment, facts.kind, names),
    ...readingMistakes(alignment, facts.kind),
    ...aboutWeak(weak),
    ...(tempo ? [tempo] : []),
    readingPractice(alignment, facts.kind, names),
  ];
}

/** The content word that comes too often: 4 times and more, and over 5 of 100 words. */
export function overused({ right, word_count }: TextMeasures): { word: string; times: number } | null {
  const counts = new Map<string, number>();
  for (const { key } of right) if (key.length > 3) counts.set(key, (counts.get(key) ?? 0) + 1);
  const [top] = [...counts].sort((a, b) => b[1] - a[1]);
  return top && top[1] >= 4 && top[1] > word_count / 20 ? { word: top[0], times: top[1] } : null;
}

function aboutCorrections({ answer, corrections, kind }: FeedbackFacts): string[] {
  const sentences = sentencesOf(answer);
  const seen = new Set<string>();
  const shown: string[] = [];
  for (const correction of corrections) {
    const sentence = explain(correction);
    const why = sentence.slice(sentence.indexOf(":"));
    if (seen.has(why)) continue;
    seen.add(why);
    const place = sentences.findIndex(({ end }) => correction.start < end) + 1;
    const where = kind === "text" && sentences.length > 1 && place > 0 ? `${place}-gapda ` : "";
    shown.push(`${where}${sentence}`);
    if (shown.length === 2) break;
  }
  return shown;
}

function nextStep(facts: FeedbackFacts): string {
  const { measures, corrections, wanted_words, kind, covered } = facts;
  const often = overused(measures);
  const short = wanted_words - measures.word_count;
  if (wanted_words >= 20 && short > wanted_words * 0.1) {
    return `Keyingi safar yana ${short} tacha soʻz qoʻshing: har bir fikrga “because” bilan sabab va “for example” bilan misol keltiring.`;
  }
  if (covered !== null && covered < 0.25)
    return "Topshiriqni yana oʻqib, undagi asosiy fikrlarning har biriga bittadan gap yozing.";
  if (often)
    return `“${often.word}” ${often.times} marta ishlatilgan: uning ikkita maʼnodoshini lugʻatdan topib, almashtirib koʻring.`;
  // Sentences can be made with a word, not with a comma or an article.
  const practised = corrections
    .map(({ replacements }) => replacements[0]?.trim() ?? "")
    .find((words) => /\p{L}{3,}/u.test(words) && words !== "the");
  if (practised) return `Endi “${practised}” bilan uchta yangi gap tuzib, ovoz chiqarib oʻqing.`;
  return kind === "oral"
    ? "Shu mavzuni ertaga yana bir bor, bu safar “however” va “although” bilan aytib koʻring."
    : "Shu mavzuni “however” yoki “although” bilan bogʻlangan bitta murakkab gap bilan boyiting.";
}

function aboutWriting(facts: FeedbackFacts): string[] {
  const { measures, kind, corrections, wanted_words, checked } = facts;
  const good = notable(
    measures.right.map(({ text }) => text),
    3,
  );
  const named = good.length > 0 ? `, ${quote(good)} kabi soʻzlarni ishlatganingiz yaxshi` : "";
  const size = `${measures.word_count} ta soʻzdan iborat javob ${kind === "oral" ? "aytdingiz" : "yozdingiz"}`;
  const enough = measures.word_count >= wanted_words ? "Hajmi yetarli" : `Soʻralgani ${wanted_words} ta soʻz edi`;
  const clean = checked ? ", tekshiruv grammatik xato topmadi" : "";
  const state = `${enough}${corrections.length > 0 ? `, ${corrections.length} ta joyni tuzatish kerak` : clean}.`;
  const tempo = kind === "oral" && facts.speech ? pace(facts.speech, false) : null;
  return [`${size}${named}.`, state, ...aboutCorrections(facts), ...(tempo ? [tempo] : []), nextStep(facts)];
}

/** The feedback of one answer, in Uzbek. */
export function feedbackOn(facts: FeedbackFacts): string {
  const sentences = facts.cap
    ? capped(facts)
    : facts.alignment
      ? aboutReading(facts, facts.alignment)
      : aboutWriting(facts);
  const note = facts.flagged ? ["Bahoga faqat javobning oʻzi taʼsir qiladi, undagi iltimos yoki buyruqlar emas."] : [];
  // The last sentence says what to do next: it stays whatever else has no room.
  const last = sentences.slice(-1);
  return [...sentences.slice(0, -1).slice(0, 5 - note.length), ...note, ...last].join(" ");
}
