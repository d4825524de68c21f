import { type AnswerAnalysis, type AnswerToAnalyse, analyseAnswer } from "../../domain/answer_analysis.ts";
import { serve } from "../children/serve.ts";

serve<AnswerToAnalyse, AnswerAnalysis>(async (answer) => analyseAnswer(answer));
