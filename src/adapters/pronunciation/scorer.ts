import type { PronunciationScorer } from "../../application/ports/pronunciation.ts";
import { AppError } from "../../domain/errors.ts";
import type { Pronounced } from "../../domain/pronunciation.ts";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { supervise } from "../children/supervisor.ts";
import { ENGINE } from "./scorer_ready.ts";

/** What the child is asked. */
export type Score = { readonly samples: Samples; readonly text: string };

type Options = {
  /** Recordings that may wait; one more is refused with `busy`. */
  readonly queue?: number;
  /** Milliseconds without work after which the models' memory is given back. */
  readonly idleMs?: number;
  /** The child's TypeScript file. */
  readonly script?: string;
};

const LANGUAGES = ["en"];

/** Listens to the sounds on this machine: Moonshine's encoder and decoder and a phone probe, in a polite child process. */
export function moonshineScorer({
  queue = 64,
  idleMs = 10 * 60_000,
  script = `${import.meta.dir}/scorer_child.ts`,
}: Options = {}): PronunciationScorer & { readonly pid: number | undefined } {
  const child = supervise<Score, Pronounced>({
    script,
    timeoutMs: 60_000,
    queue,
    nice: 10,
    broken: "scoring_failed",
    idleMs,
  });
  return {
    engine: ENGINE,
    languages: LANGUAGES,
    score: async (samples, { text, language }, { signal } = {}) => {
      if (!LANGUAGES.includes(language)) throw new AppError("language_not_scored", { language, languages: LANGUAGES });
      if (!samples.every(Number.isFinite)) {
        throw new AppError("scoring_failed", {}, { cause: new Error("samples are not finite") });
      }
      // Loading takes a second; a machine without vector instructions needs ten times the usual.
      const timeoutMs = 30_000 + (samples.length / SAMPLE_RATE) * 2000;
      return child.call({ samples, text }, { signal, timeoutMs });
    },
    get pid() {
      return child.pid;
    },
    stop: () => child.stop(),
  };
}
