import { type AnswerAnalysis, type AnswerToAnalyse, MOST_CHARACTERS } from "../domain/answer_analysis.ts";
import { guessLanguage, languageAsked } from "../domain/answer_language.ts";
import { AppError } from "../domain/errors.ts";
import type { Level } from "../domain/users.ts";
import { tokensOf, wordsOf } from "../domain/words.ts";
import type { Ports } from "./ports/mod.ts";
import type { LevelOf } from "./ports/word_levels.ts";
import { takeShare } from "./shares.ts";

type Analysing = Pick<Ports, "grammar" | "judge" | "wordLevels">;

type Asked = {
  /** Up to `MOST_CHARACTERS`, as the reference. */
  readonly user_response: string;
  readonly reference_text: string | null;
  /** ISO 639-1; null where the texts have to tell. */
  readonly language: string | null;
  /** Who asks: a user's id, or an address. */
  readonly caller: number | string;
};

/** Strangers wait in the queues in which learners' homework waits too: so many of them at once, and no more. */
const MOST_UNDER_WAY = 8;
/** Of them, of one caller. */
const AT_ONCE = 3;

/** Each word that the checker does not know takes it 20 ms, so a text is checked up to where it has had so many. */
const MOST_STRANGE_WORDS = 80;

/**
 * What can be said of an answer without a language model. One for the whole process: more than 8 calls at once are
 * refused with `busy`. A call that its caller no longer waits for runs on: cutting it would cost the checker's start.
 */
export function analyseAnswer(ports: Analysing): (asked: Asked) => Promise<AnswerAnalysis> {
  let underWay = 0;
  return async (asked) => {
    const leave = underWay < MOST_UNDER_WAY ? takeShare(ports.judge, asked.caller, AT_ONCE) : null;
    if (!leave) throw new AppError("busy", { retry_after: 2 });
    underWay++;
    try {
      return await analyse(ports, asked);
    } finally {
      underWay--;
      leave();
    }
  };
}

async function analyse(ports: Analysing, { user_response, reference_text, language: asked }: Asked) {
  const answer = user_response.slice(0, MOST_CHARACTERS);
  const reference = reference_text?.slice(0, MOST_CHARACTERS) ?? null;
  const language = languageAsked(answer, reference, asked);
  const known = await inEnglish(ports, answer, language);
  return ports.judge.analyse({ answer, reference_text: reference, language, ...known });
}

type Known = Pick<AnswerToAnalyse, "grammar" | "corrections" | "levels">;

/** What an English checker and an English list know of the answer: every word of an Uzbek one would be wrong to them. */
async function inEnglish(ports: Analysing, answer: string, language: string): Promise<Known> {
  if (language !== "en" || !["en", null].includes(guessLanguage(answer)))
    return { grammar: "not_supported", corrections: [], levels: null };
  const levels = levelsOf(await ports.wordLevels.load(), answer);
  const checked = answer.slice(0, endOfChecked(answer, levels));
  try {
    return { grammar: "checked", corrections: await ports.grammar.check(checked, language), levels };
  } catch (error) {
    if (!(error instanceof AppError && error.code === "internal")) throw error;
    return { grammar: "unavailable", corrections: [], levels };
  }
}

function levelsOf(levelOf: LevelOf, answer: string): ReadonlyMap<string, Level> {
  const found = new Map<string, Level>();
  for (const word of new Set(wordsOf(answer))) {
    const level = levelOf(word);
    if (level) found.set(word, level);
  }
  return found;
}

/** Where the answer has had so many different words that are rare or unknown. An essay of 900 words has 50. */
function endOfChecked(answer: string, levels: ReadonlyMap<string, Level>): number {
  const strange = new Set<string>();
  for (const { key, start } of tokensOf(answer)) {
    if ((levels.get(key) ?? "C2") === "C2") strange.add(key);
    if (strange.size > MOST_STRANGE_WORDS) return start;
  }
  return answer.length;
}
