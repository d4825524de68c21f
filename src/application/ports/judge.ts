import type { AnswerAnalysis, AnswerToAnalyse } from "../../domain/answer_analysis.ts";
import type { Answer, AutoGrade } from "../../domain/grading.ts";

/**
 * Says of an answer what can be counted in it. Away from the event loop, which the alignment of a long reading would
 * hold for a second. Fails with `internal` when it broke or took too long (worth another try).
 */
export interface Judge {
  grade(answer: Answer, options?: { signal?: AbortSignal | undefined }): Promise<AutoGrade>;
  /** Of at most `MOST_CHARACTERS`. */
  analyse(answer: AnswerToAnalyse): Promise<AnswerAnalysis>;
  stop(): Promise<void>;
}
