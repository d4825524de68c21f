import type { Correction } from "./corrections.ts";
import { fold } from "./words.ts";

/**
 * What a correction is about. `written` (capitals, commas, apostrophes, spaces, words that sound the same) exists on
 * paper only; `repetition` is a slip of the pen in a text and hesitation in speech.
 */
type CorrectionKind = "spelling" | "written" | "repetition" | "grammar";

const SPELLING: ReadonlySet<string> = new Set(["SpellCheck", "SplitWords", "Misspell", "The"]);

// Pairs that sound alike: a transcript has the spelling that the recogniser chose.
const WRITTEN: ReadonlySet<string> = new Set(
  (
    "SentenceCapitalization CapitalizePersonalPronouns OrthographicConsistency Months Countries NationalCapitals " +
    "ProperNouns Holidays CommaFixes DiscourseMarkers MissingApostrophe WrongApostrophe Cant ItsContraction ItsPossessive " +
    "PossessiveYour YourOutClauseAgreement YourPredicateAdjective PronounContraction LetsConfusion Theres ThereToTheir " +
    "TheirToThere TheirToTheyre TheyreToTheir TheyreConfusions ThereOwn ToTwoToo TooTo ToTooIdioms ThenThan OpenCompounds " +
    "CompoundNouns MergeWords HalfAnHour WeekDays CapitalizedName UnclosedQuotes"
  ).split(" "),
);
const REPETITION: ReadonlySet<string> = new Set([
  "RepeatedWords",
  "MultipleSequentialPronouns",
  "RedundantThat",
  "ToTo",
]);

const bare = (text: string) => fold(text).replace(/[^\p{L}\p{N}]/gu, "");

export function kindOf({ original, replacements: [best], rule }: Correction): CorrectionKind {
  if (REPETITION.has(rule)) return "repetition";
  // Whatever the rule is called: the same letters in the same order are the same word, said aloud.
  if (WRITTEN.has(rule) || (best !== undefined && bare(best) === bare(original))) return "written";
  return SPELLING.has(rule) ? "spelling" : "grammar";
}

/** What is left of the corrections of a transcript: the speaker chose the grammar, the recogniser the spelling. */
export const spokenCorrections = <C extends Correction>(corrections: readonly C[]): C[] =>
  corrections.filter((correction) => kindOf(correction) === "grammar");

/** How much an error weighs in errors per 100 words: a missing capital is half of a wrong verb. */
export const weightOf = (correction: Correction): number => (kindOf(correction) === "grammar" ? 1 : 0.5);
