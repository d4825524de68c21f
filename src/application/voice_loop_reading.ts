import { align } from "../domain/alignment.ts";
import { assess } from "../domain/assessment.ts";
import type { Assessment } from "../domain/pronunciation.ts";
import type { Samples, Transcript } from "../domain/speech.ts";
import { scoreTranscript } from "../domain/transcript_scoring.ts";
import { wordsOf } from "../domain/words.ts";
import type { ReadText } from "./assessed_speech.ts";
import { judgeReading } from "./judged_reading.ts";
import { spokenLanguages } from "./listening.ts";
import type { Ports } from "./ports/mod.ts";
import type { PronunciationScorer } from "./ports/pronunciation.ts";

/** How a text was read aloud in a conversation. */
export type SpokenReading = {
  readonly assessment: Assessment;
  /** The text's words that the recogniser did not hear, 50 at most. */
  readonly missing: readonly string[];
};

type Judged = SpokenReading & {
  /** Whether a scorer was asked and had an answer, which is kept. */
  readonly scored: boolean;
  /** Analyses of pronunciation that it costs. */
  readonly cost: 0 | 1;
};

/** A turn waits no longer for a scorer than for a model. */
const PATIENCE_MS = 30_000;
const MOST_MISSING = 50;

/** The text to be read, in the language that it seems to be in; null where it has no words. */
export function readText(own: string, text: string | null): ReadText | null {
  if (text === null || wordsOf(text).length === 0) return null;
  const [language = "en"] = spokenLanguages(own, text);
  return { text, language };
}

/**
 * What the scorer makes of the reading. Where there is none, and where it breaks, hears another text or cannot judge the sound, it
 * is what the transcript tells: always of low confidence, and free.
 */
export async function judgeTurn(
  ports: Pick<Ports, "log">,
  scorer: PronunciationScorer | null,
  read: ReadText,
  { samples, transcript }: { readonly samples: Samples; readonly transcript: Transcript },
): Promise<Judged> {
  const heard = { samples, transcript, signal: AbortSignal.timeout(PATIENCE_MS) };
  const judged = await judgeReading(ports, scorer, read, heard);
  const scored = typeof judged !== "string";
  const assessment = scored ? judged : assess(scoreTranscript(samples, transcript, read), read.text, samples);
  return {
    assessment,
    missing: missingWords(read.text, transcript.text),
    scored,
    // The words were heard anyway: to compare them takes no analysis.
    cost: scored && assessment.method !== "transcript" ? 1 : 0,
  };
}

function missingWords(reference: string, transcript: string): string[] {
  const { differences } = align(reference, transcript);
  const missing = differences.flatMap(({ kind, expected }) => (kind === "same" || kind === "added" ? [] : [expected]));
  return missing.filter((word) => word !== null).slice(0, MOST_MISSING);
}
