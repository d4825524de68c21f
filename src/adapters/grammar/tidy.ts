import type { Correction } from "../../domain/corrections.ts";
import { american, fold } from "../../domain/words.ts";

// What Harper reports is written for people who write English daily. Here it is made fit for learners: suggestions that
// would mislead are put right or left out. Ours are the rules MissingApostrophe, CapitalizedName and UncountableNoun.

const NEGATED = "is are was were do does did have has had could would should must need ca wo".split(" ");
const CONTRACTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NEGATED.map((verb) => [`${verb}nt`, `${verb}n't`])),
  ...{ im: "I'm", ive: "I've", youre: "you're", youve: "you've", theyre: "they're", theyve: "they've", weve: "we've" },
  ...{ thats: "that's", whats: "what's", wheres: "where's", hows: "how's", theres: "there's", heres: "here's" },
  ...{ hes: "he's", shes: "she's", oclock: "o'clock" },
};

// Harper offers `jun` for june; what it offers for monday it offers among other words.
const CAPITALIZED: ReadonlySet<string> = new Set(
  (
    "monday tuesday wednesday thursday friday saturday sunday january february april june july august september october " +
    "november december english uzbek russian korean turkish german french chinese japanese spanish italian arabic " +
    "american british uzbekistan russia england america asia europe london paris"
  ).split(" "),
);

// Plurals that Uzbek has and English has not. Harper splits informations into `in formations`.
const UNCOUNTABLE: ReadonlySet<string> = new Set(
  (
    "informations advices furnitures homeworks knowledges equipments luggages baggages moneys breads musics weathers " +
    "traffics housework works progresses researches newses rices luggages transports softwares"
  ).split(" "),
);
// What Harper's MassNouns may say something about: it takes `amazing` for a noun too.
const MASS: ReadonlySet<string> = new Set(
  (
    "information advice furniture homework knowledge equipment luggage baggage money bread music weather traffic " +
    "housework progress research news rice transport software work water help fun luck"
  ).split(" "),
);

/** The replacement with a capital letter where the original has one. */
const likeCase = (original: string, replacement: string) =>
  /^\p{Lu}/u.test(original) ? replacement.charAt(0).toUpperCase() + replacement.slice(1) : replacement;

const letters = (text: string) => fold(text).replace(/[^\p{L}]/gu, "");

function ofWord(correction: Correction): Correction | null {
  const { original, replacements } = correction;
  const word = fold(original);
  const contraction = Object.hasOwn(CONTRACTIONS, word) ? CONTRACTIONS[word] : undefined;
  if (contraction !== undefined) {
    return { ...correction, replacements: [likeCase(original, contraction)], rule: "MissingApostrophe" };
  }
  if (CAPITALIZED.has(word)) {
    const name = word.charAt(0).toUpperCase() + word.slice(1);
    return original === name ? null : { ...correction, replacements: [name], rule: "CapitalizedName" };
  }
  if (UNCOUNTABLE.has(word)) {
    const right = likeCase(original, word.slice(0, -1));
    return { ...correction, replacements: [right], rule: "UncountableNoun" };
  }
  // British spelling is right spelling.
  const other = american(word);
  if (other !== word && replacements.some((replacement) => fold(replacement) === other)) return null;
  // The word itself with its apostrophe, hyphen or capital is what was meant, wherever Harper lists it.
  const meant = replacements.filter((replacement) => letters(replacement) === letters(original));
  return { ...correction, replacements: [...new Set([...meant, ...replacements])] };
}

const PERFECT = /\b(?:have|has|had|haven't|hasn't|hadn't|'ve|was|were|been|being|is|are)\s+(?:\p{L}+ly\s+)?$/iu;

/** `an advice`: Harper says `a tip`; the word itself without its article is the nearer one. */
function massNoun(correction: Correction): Correction | null {
  const words = fold(correction.original).split(/\s+/);
  const noun = words.at(-1) ?? "";
  if (!MASS.has(noun)) return null;
  const bare = words[0] === "a" || words[0] === "an" ? [`some ${noun}`, noun] : [];
  return { ...correction, replacements: [...new Set([...bare, ...correction.replacements])] };
}

/** One of Harper's findings in a text as a learner should see it; null where it would mislead. */
export function tidy(text: string, correction: Correction): Correction | null {
  const { rule, original, replacements, start } = correction;
  const [best] = replacements;
  switch (rule) {
    case "SpellCheck":
    case "SplitWords":
    case "Cant":
      return ofWord(correction);
    case "MassNouns":
      return massNoun(correction);
    case "WereWhere":
      // `Where you live?` lacks a `do`; it does not mean `were`.
      return fold(original) === "where" ? null : correction;
    case "OrthographicConsistency":
      // A capital that a sentence begins with is no mistake: `Who's book` is another one.
      return /^\p{Lu}/u.test(original) && /^\p{Ll}/u.test(best ?? "") ? null : correction;
    case "AnA":
      return { ...correction, replacements: replacements.map((article) => likeCase(original, article.toLowerCase())) };
    case "RegularIrregulars":
      // Of goed Harper makes `gone`, then `went`: without `have` before it the past tense was meant.
      return PERFECT.test(text.slice(0, start))
        ? correction
        : { ...correction, replacements: [...replacements].reverse() };
    default:
      return best === original ? null : correction;
  }
}
