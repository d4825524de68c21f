import { fileURLToPath } from "node:url";
import type { Judge } from "../../application/ports/judge.ts";
import type { AnswerAnalysis, AnswerToAnalyse } from "../../domain/answer_analysis.ts";
import type { Answer, AutoGrade } from "../../domain/grading.ts";
import { supervise } from "../children/supervisor.ts";

function judging<Q, R>(script: string) {
  return supervise<Q, R>({
    script: fileURLToPath(new URL(script, import.meta.url)),
    timeoutMs: 30_000,
    queue: 64,
    nice: 10,
    broken: "internal",
    idleMs: 10 * 60_000,
  });
}

/**
 * The domain's grading in a child, so that no text, however it was made, holds up the server. Analyses, which anyone
 * may ask for, have a child of their own, and hold up no grade.
 */
export function childJudge(): Judge {
  const grading = judging<Answer, AutoGrade>("./judge_child.ts");
  const analysing = judging<AnswerToAnalyse, AnswerAnalysis>("./analysis_child.ts");
  return {
    grade: (answer, options) => grading.call(answer, options),
    analyse: (answer) => analysing.call(answer),
    stop: async () => {
      await Promise.all([grading.stop(), analysing.stop()]);
    },
  };
}
