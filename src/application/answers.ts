import { type AnswerAnalysis, type AnswerToAnalyse, MOST_CHARACTERS } from "../domain/answer_analysis.ts";
import { guessLanguage, languageAsked } from "../domain/answer_language.ts";
import { AppError } from "../domain/errors.ts";
import type { Level } from "../domain/users.ts";
import { wordsOf } from "../domain/words.ts";
import type { Ports } from "./ports/mod.ts";

type Analysing = Pick<Ports, "grammar" | "judge" | "wordLevels">;

type Asked = {
  /** Up to `MOST_CHARACTERS`, as the reference. */
  readonly user_response: string;
  readonly reference_text: string | null;
  /** ISO 639-1; null where the texts have to tell. */
  readonly language: string | null;
};

/** Strangers wait in the queues in which learners' homework waits too: so many of them at once, and no more. */
const MOST_UNDER_WAY = 8;

/**
 * What can be said of an answer without a language model. One for the whole process: more than 8 calls at once are
 * refused with `busy`. A call that its caller no longer waits for runs on: cutting it would cost the checker's start.
 */
export function analyseAnswer(ports: Analysing): (asked: Asked) => Promise<AnswerAnalysis> {
  let underWay = 0;
  return async (asked) => {
    if (underWay >= MOST_UNDER_WAY) throw new AppError("busy", { retry_after: 2 });
    underWay++;
    try {
      return await analyse(ports, asked);
    } finally {
      underWay--;
    }
  };
}

async function analyse(ports: Analysing, { user_response, reference_text, language: asked }: Asked) {
  const answer = user_response.slice(0, MOST_CHARACTERS);
  const reference = reference_text?.slice(0, MOST_CHARACTERS) ?? null;
  const language = languageAsked(answer, reference, asked);
  const checked = await check(ports, answer, language);
  const levels = language === "en" ? await levelsOf(ports, answer) : null;
  return ports.judge.analyse({ answer, reference_text: reference, language, levels, ...checked });
}

async function check(
  { grammar }: Analysing,
  answer: string,
  language: string,
): Promise<Pick<AnswerToAnalyse, "grammar" | "corrections">> {
  // An English checker calls every word of an Uzbek answer wrong.
  if (language !== "en" || !["en", null].includes(guessLanguage(answer)))
    return { grammar: "not_supported", corrections: [] };
  try {
    return { grammar: "checked", corrections: await grammar.check(answer, language) };
  } catch (error) {
    if (!(error instanceof AppError && error.code === "internal")) throw error;
    return { grammar: "unavailable", corrections: [] };
  }
}

async function levelsOf({ wordLevels }: Analysing, answer: string): Promise<ReadonlyMap<string, Level>> {
  const levelOf = await wordLevels.load();
  const found = new Map<string, Level>();
  for (const word of new Set(wordsOf(answer))) {
    const level = levelOf(word);
    if (level) found.set(word, level);
  }
  return found;
}
