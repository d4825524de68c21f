import { fileURLToPath } from "node:url";
import type { Judge } from "../../application/ports/judge.ts";
import type { Answer, AutoGrade } from "../../domain/grading.ts";
import { supervise } from "../children/supervisor.ts";

/** The domain's grading in a child, so that no text, however it was made, holds up the server. */
export function childJudge(): Judge {
  const child = supervise<Answer, AutoGrade>({
    script: fileURLToPath(new URL("./judge_child.ts", import.meta.url)),
    timeoutMs: 30_000,
    queue: 64,
    nice: 10,
    broken: "internal",
    idleMs: 10 * 60_000,
  });
  return { grade: (answer, options) => child.call(answer, options), stop: child.stop };
}
