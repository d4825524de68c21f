import { isBlank } from "../domain/disguises.ts";
import type { AssessedReading, Homework } from "../domain/homework.ts";
import type { Samples, Transcript } from "../domain/speech.ts";
import { judgeReading, readingScorer } from "./judged_reading.ts";
import type { Ports } from "./ports/mod.ts";

/**
 * How the homework's text was pronounced, on nobody's quota; null where there is no text to read. A scorer that fails, or is not
 * there, changes nothing but a flag: a learner never waits for it. Throws only what the signal was aborted with.
 */
export async function assessHomework(
  ports: Pick<Ports, "pronunciation" | "log">,
  { reference_text: text, language }: Pick<Homework, "reference_text" | "language">,
  heard: { readonly samples: Samples; readonly transcript: Transcript; readonly signal: AbortSignal },
): Promise<AssessedReading | null> {
  if (text === null) return null;
  if (isBlank(heard.transcript.text)) return { assessment: null, flag: null, recorded: false };
  const read = { text, language };
  const judged = await judgeReading(ports, readingScorer(ports, read), read, heard);
  heard.signal.throwIfAborted();
  return typeof judged === "string"
    ? { assessment: null, flag: judged, recorded: false }
    : { assessment: judged, flag: null, recorded: false };
}
