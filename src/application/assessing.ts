import { AppError } from "../domain/errors.ts";
import { type AutoGrade, isSettled } from "../domain/grading.ts";
import type { Homework, ModelRecord, Submission } from "../domain/homework.ts";
import { withModel } from "../domain/model_grading.ts";
import { storable } from "../domain/storable.ts";
import { judgementShape, PROMPT_VERSION, questionAbout } from "./grading_prompt.ts";
import type { Ports } from "./ports/mod.ts";

type Assessed = { readonly auto: AutoGrade; readonly model: ModelRecord | null };

const RAW_CHARACTERS = 20_000;
/** No judgement of as many tokens as are asked for has more; a longer one would hold up everybody while it is read. */
const MOST_RAW = 100_000;

/**
 * Works a language model's judgement into a counted grade, where there is a model and something left to judge. A model
 * that fails changes nothing but a flag: a learner never waits for a vendor. Throws only what the signal was aborted with.
 */
export async function assess(
  { grader, log }: Pick<Ports, "grader" | "log">,
  homework: Homework,
  submission: Submission,
  { answer, counted, signal }: { answer: string; counted: AutoGrade; signal: AbortSignal },
): Promise<Assessed> {
  if (!grader || isSettled(counted)) return { auto: counted, model: null };
  const flagged = (...flags: string[]): AutoGrade => ({ ...counted, flags: [...counted.flags, ...flags] });
  const question = questionAbout(homework, submission, answer, grader.context_tokens);
  if (!question) return { auto: flagged("model_unavailable"), model: null };
  const { asked, cut, ...prompt } = question;
  const given = await grader.answer({ ...prompt, signal }, judgementShape).catch((error: unknown) => {
    signal.throwIfAborted();
    const code = error instanceof AppError ? error.code : "internal";
    log.warn("the language model judged nothing", { engine: grader.engine, submission_id: submission.id, code });
    return null;
  });
  if (!given || given.raw.length > MOST_RAW) return { auto: flagged("model_unavailable"), model: null };
  const { engine } = grader;
  const model = { engine, prompt_version: PROMPT_VERSION, raw: storable(given.raw.slice(0, RAW_CHARACTERS)) };
  const judged = withModel(counted, given.value, { answer, asked, max_score: homework.max_score, engine });
  if (!judged) {
    log.warn("the language model judged nothing", { engine, submission_id: submission.id, code: "unknown_criteria" });
    return { auto: flagged("model_unavailable"), model };
  }
  return { auto: cut ? { ...judged, flags: [...judged.flags, "answer_cut"] } : judged, model };
}
