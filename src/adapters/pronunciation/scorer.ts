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
};

const LANGUAGES = ["en"];

/** Listens to the sounds on this machine: Moonshine's encoder and decoder and a phone probe, in a polite child process. */
export function moonshineScorer({ queue = 64, idleMs = 10 * 60_000 }: Options = {}): PronunciationScorer {
  const child = supervise<Score, Pronounced>({
    script: `${import.meta.dir}/scorer_child.ts`,
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
      // Loading takes a second and a second of sound 50 ms, where nobody else wants the processor: this child gives way to all.
      const timeoutMs = 60_000 + (samples.length / SAMPLE_RATE) * 2000;
      return child.call({ samples, text }, { signal, timeoutMs });
    },
    stop: () => child.stop(),
  };
}
