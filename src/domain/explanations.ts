import { kindOf } from "./correction_kinds.ts";
import type { Correction } from "./corrections.ts";
import { fold } from "./words.ts";

// Why a correction is right, said to an Uzbek speaker. Harper's rules are named as harper.js 2.10 names them; the last
// ones of a line may be ours (see adapters/grammar/tidy.ts). A rule that is not here is explained by what it changes.

type Why = string | ((right: string) => string);

const VERB_FORM = "feʼl bu yerda asosiy shaklda turadi";
const NAMES = "hafta kunlari, oylar, tillar, millatlar va atoqli otlar ingliz tilida bosh harf bilan yoziladi";
const APOSTROPHE = "qisqargan shaklda tushib qolgan harf oʻrniga apostrof qoʻyiladi";
const THERE = "“their” – “ularning”, “there” – “u yerda” (“there is” – “bor”), “they're” esa “they are” degani";
const YOUR = "“your” – “sizning”, “you're” esa “you are” degani";
const ITS = "“its” – “uning”, “it's” esa “it is” degani";
const TOO = "“too” – “ham” yoki “haddan tashqari”, “to” – predlog yoki feʼl oldidagi belgi, “two” esa “ikki” degani";
const THAN = "qiyoslaganda “than” (“-dan koʻra”) ishlatiladi, “then” esa “keyin” degani";
const PREPOSITION = "bu soʻz aynan shu predlog bilan ishlatiladi, uni birga yodlab oling";
const NEGATION = "ingliz tilida bitta gapda ikki inkor ishlatilmaydi";
const TWICE = "bitta soʻz ikki marta yozilib qolgan";
const GERUND = "bu birikmadan keyin feʼlning -ing shakli keladi";
const UNCOUNTABLE = "bu sanalmaydigan ot, u koʻplikda ishlatilmaydi va oldiga “a” yoki “an” qoʻyilmaydi";
const ANOTHER = "“another” soʻzining ichida “an” bor, shuning uchun artikl takrorlanmaydi";

function agreement(right: string): string {
  if (/^(?:am|is|are|was|were|isn't|aren't|wasn't|weren't)$/.test(right)) {
    return "“I” bilan “am”, “he, she, it” bilan “is”, “you, we, they” bilan “are” keladi (oʻtgan zamonda “was” va “were”)";
  }
  if (/^has/.test(right)) return "“he, she, it” va birlikdagi ot bilan “has” keladi";
  if (/^does/.test(right)) return "“he, she, it” va birlikdagi ot bilan “does” keladi";
  if (/s$/.test(right)) return "“he, she, it” yoki birlikdagi ot bilan hozirgi oddiy zamonda feʼlga -s qoʻshiladi";
  return "“I, you, we, they” va koʻplikdagi ot bilan feʼlga -s qoʻshilmaydi";
}

const article = (right: string): string =>
  right.startsWith("an")
    ? "unli tovush bilan boshlangan soʻz oldidan “an” qoʻyiladi"
    : "undosh tovush bilan boshlangan soʻz oldidan “a” qoʻyiladi";

const WHY: Readonly<Record<string, Why>> = {
  // agreement
  ...of(
    agreement,
    "PronounVerbAgreement NominalWants PronounInflectionBe HavePronoun HeDos IDo IAmAgreement ThereIsAgreement",
  ),
  // verb forms
  DidPast: "“did” va “didn't”dan keyin feʼl asosiy shaklda turadi",
  HelpedPast: VERB_FORM,
  ...of("“will”dan keyin feʼl asosiy shaklda turadi", "WillNonLemma WillContain"),
  InflectedVerbAfterTo: "“to”dan keyin feʼl asosiy shaklda turadi",
  SimplePastToPastParticiple: "“have, has, had”dan keyin feʼlning uchinchi shakli keladi",
  IsBeenAuxSequence: "“been” oldidan “has” yoki “have” keladi",
  RegularIrregulars: "bu soʻz qoidadan tashqari oʻzgaradi, uning shaklini yodlab oling",
  MissingTo: "“want, need, ready” kabi soʻzlardan keyingi feʼl oldidan “to” qoʻyiladi",
  LetToDo: "“let”dan keyingi feʼl oldidan “to” qoʻyilmaydi",
  ProgressiveNeedsBe: "feʼlning -ing shakli oldidan “am, is, are” keladi",
  ModalBeAdjective: "modal feʼl bilan sifat orasida “be” boʻladi",
  DoubleModal: "ikkita modal feʼl (can, must, will …) ketma-ket kelmaydi",
  ModalOf: "“have” tez aytilganda “of”ga oʻxshab eshitiladi, lekin “have” yoziladi",
  UseToUsedTo: "oʻtmishdagi odat “used to” bilan aytiladi",
  SupposedTo: "bu birikmaning shakli “be supposed to”",
  WishCould: "“wish”dan keyin “can” emas, “could” keladi",
  IfWouldve: "“if” boʻlagida “would have” emas, “had” keladi",
  ...of(GERUND, "LookForwardTo LookingForwardTo WorthToDo ReasonForDoing"),
  // articles and nouns
  AnA: article,
  ...of(UNCOUNTABLE, "MassNouns UncountableNoun"),
  ...of(ANOTHER, "AnAnother AnotherAn TheAnother"),
  ...of("“another”dan keyin birlikdagi ot keladi, koʻplikda “other” ishlatiladi", "AnotherThings AnotherOnes"),
  OneOfTheSingular: "“one of the”dan keyin ot koʻplikda turadi (“…dan biri”)",
  TheMy: "“my, your, his” kabi soʻzlar oldidan artikl qoʻyilmaydi",
  MissingDeterminer: "birlikdagi sanaladigan ot oldidan artikl yoki “my, this” kabi soʻz kerak",
  MostOfTheTimes: "“most of the time” birikmasida “time” birlikda turadi",
  FewUnitsOfTimeAgo: "“a few” – “bir necha”, “few” esa “juda kam” degani",
  NounVerbConfusion: "bu ikki soʻzning biri ot, biri feʼl, ularni farqlab oling",
  CorrectNumberSuffix: "tartib son 1st, 2nd, 3rd, keyin 4th, 5th shaklida yoziladi",
  // pronouns
  ...of("ega vazifasida “me” emas, “I” ishlatiladi va u oxirida turadi", "SubjectPronoun CompoundSubjectI"),
  TheyToThem: "predlogdan keyin “they” emas, “them” keladi",
  WhomSubjectOfVerb: "ega vazifasida “whom” emas, “who” ishlatiladi",
  // words that are taken for each other
  ...of(ITS, "ItsContraction ItsPossessive"),
  ...of(THERE, "ThereToTheir TheirToThere TheirToTheyre TheyreToTheir TheyreConfusions ThereOwn Theres"),
  ...of(YOUR, "PossessiveYour YourOutClauseAgreement YourPredicateAdjective PronounContraction"),
  ...of(THAN, "ThenThan ThatThan"),
  ...of(TOO, "ToTwoToo TooTo ToTooIdioms WayTooAdjective"),
  WereWhere: "“where” – “qayerda”, “were” esa “are”ning oʻtgan zamoni",
  LetsConfusion: "“let's” taklifni bildiradi (“let us”), “lets” esa “ruxsat beradi” degani",
  ToLoseTooLoose: "“lose” – “yoʻqotmoq”, “loose” esa “boʻsh” degani",
  QuiteQuiet: "“quite” – “ancha”, “quiet” esa “sokin” degani",
  WorseOrWorst: "“worse” – “yomonroq”, “worst” esa “eng yomon” degani",
  Everyday: "“every day” – “har kuni”, “everyday” esa “kundalik” degani",
  ThingThink: "“think” – “oʻylamoq”, “thing” esa “narsa” degani",
  PronounKnew: "“knew” – “bilardi”, “new” esa “yangi” degani",
  // degrees, negation, doubling
  ...of("-er bilan “more”, -est bilan “most” birga ishlatilmaydi", "AdjectiveDoubleDegree MoreBetter LessWorse"),
  ...of(NEGATION, "DoubleNegative HaveNegNoAny DontCan"),
  ...of(TWICE, "RepeatedWords MultipleSequentialPronouns RedundantThat ToTo SingleBe"),
  // time and prepositions
  SinceDuration: "“for” davomiylikni (for five years), “since” esa boshlangan paytni (since 2020) bildiradi",
  ArriveTo: "“arrive”dan keyin shahar va mamlakat uchun “in”, boshqa joylar uchun “at” keladi",
  Discuss: "“discuss”dan keyin predlog qoʻyilmaydi",
  AskNoPreposition: "“ask” va “tell”dan keyin “to” qoʻyilmaydi",
  DespiteOf: "“despite” predlogsiz ishlatiladi, “of” faqat “in spite of”da boʻladi",
  MissingPreposition: "bu yerda predlog tushib qolgan",
  ...of(
    PREPOSITION,
    "InterestedIn GoodAt FondOn AwareOf JealousOf CuriousAbout PassionateAbout ObsessPreposition SimilarLike LaughOfAt " +
      "TakeCareOf TakePrideIn AccuseOf AspireTo ByAccident InspiredBy Impressed FascinatedBy FedUpWith TakeALookTo ByOnesOwn",
  ),
  // writing
  CapitalizePersonalPronouns: "“I” (“men”) doim bosh harf bilan yoziladi",
  SentenceCapitalization: "gap bosh harf bilan boshlanadi",
  ...of(
    NAMES,
    "Months Countries NationalCapitals ProperNouns Holidays NotablePlaces OrthographicConsistency CapitalizedName",
  ),
  ...of(APOSTROPHE, "MissingApostrophe Cant Didnt WrongApostrophe"),
  CommaFixes: "vergul oldingi soʻzga yopishtirib yoziladi, undan keyin esa boʻsh joy qoldiriladi",
  DiscourseMarkers: "gap boshidagi bogʻlovchi soʻzdan keyin vergul qoʻyiladi",
};

function of(why: Why, rules: string): Record<string, Why> {
  return Object.fromEntries(rules.split(" ").map((rule) => [rule, why]));
}

const letters = (text: string) => fold(text).replace(/[^\p{L}\p{N}]/gu, "");

/** What can be said of a rule that has no sentence of its own: from what was changed. */
function whyOf(original: string, right: string): string {
  const same = letters(original) === letters(right);
  if (same && fold(original) === fold(right)) return NAMES;
  if (same && /['’]/.test(right) && !/['’]/.test(original)) return APOSTROPHE;
  if (same && right.includes(" ") && !original.includes(" ")) return "bu soʻzlar ajratib yoziladi";
  if (same && original.includes(" ") && !right.includes(" ")) return "bu soʻz qoʻshib yoziladi";
  if (same) return "tinish belgisi yoki yozilishiga eʼtibor bering";
  return "ingliz tilida shunday deyiladi";
}

function reason(correction: Correction, right: string): string {
  const { original, rule } = correction;
  const known = Object.hasOwn(WHY, rule) ? WHY[rule] : undefined;
  if (known !== undefined) return typeof known === "string" ? known : known(right.toLowerCase());
  const spelled = kindOf(correction) === "spelling" && letters(original) !== letters(right);
  return spelled ? "bu soʻz shunday yoziladi" : whyOf(original, right);
}

/** One Uzbek sentence: what to write instead, and why. Ends with a full stop. */
export function explain(correction: Correction): string {
  const { original, replacements } = correction;
  const [right] = replacements;
  const wrong = original.trim();
  if (right === undefined) {
    const known = Object.hasOwn(WHY, correction.rule) ? reason(correction, "") : "bu yerda xato boʻlishi mumkin";
    return `“${wrong}” degan joyni qayta koʻring: ${known}.`;
  }
  if (right.trim() === "") return `“${wrong}” bu yerda ortiqcha, uni olib tashlang.`;
  // Only the spaces around it are wrong.
  if (right.trim() === wrong) return `“${wrong}” belgisining oʻrniga eʼtibor bering: ${reason(correction, wrong)}.`;
  return `“${wrong}” emas, “${right.trim()}”: ${reason(correction, right.trim())}.`;
}
