import type { Judge } from "../../application/ports/judge.ts";
import { analyseAnswer } from "../../domain/answer_analysis.ts";
import { gradeAnswer } from "../../domain/grading.ts";

/** Judges in this process: for tests, whose answers are short. */
export const memoryJudge: Judge = {
  grade: async (answer) => gradeAnswer(answer),
  analyse: async (answer) => analyseAnswer(answer),
  stop: async () => {},
};
