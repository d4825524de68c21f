import { type Answer, type AutoGrade, gradeAnswer } from "../../domain/grading.ts";
import { serve } from "../children/serve.ts";

serve<Answer, AutoGrade>(async (answer) => gradeAnswer(answer));
