import { z } from "@hono/zod-openapi";
import { type AssessedWord, type Assessment, type PronunciationAttempt, SOURCES } from "../../domain/pronunciation.ts";
import { hintFor } from "../../domain/sound_hints.ts";
import { ipaOf } from "../../domain/sounds.ts";
import type { Language } from "../messages/mod.ts";
import { IdOut, Time } from "../schemas.ts";

const score = (example: number) => z.number().openapi({ example, description: "0 to 100" });
export const Phone = z.string().openapi({ example: "TH", description: "As CMUdict writes it, without stress" });

const SoundView = z.object({
  sound: Phone,
  score: score(41.2),
  heard: Phone.nullable().openapi({
    example: "S",
    description: "The likeliest sound in its place, a guess; null for itself",
  }),
});

const WordView = z
  .object({
    index: z
      .number()
      .int()
      .openapi({ example: 0, description: "In the text; of an added word that of the one before it" }),
    word: z.string().openapi({ example: "think" }),
    score: score(48.5),
    error_type: z.enum(["None", "Mispronunciation", "Omission", "Insertion"]),
    heard: z.string().nullable().openapi({
      example: "/sɪŋk/",
      description: "Words where they are known, between slashes the sounds of a weak word; null where nothing is known",
    }),
    start_ms: z.number().optional().openapi({ example: 320, description: "From the start of the recording" }),
    end_ms: z.number().optional().openapi({ example: 610 }),
    expected_phones: z.array(Phone).openapi({ example: ["TH", "IH", "NG", "K"] }),
    expected_ipa: z
      .string()
      .nullable()
      .openapi({ example: "/θɪŋk/", description: "The same as dictionaries write it" }),
    sounds: z
      .array(SoundView)
      .openapi({ description: "Empty where only words are compared, or another word was said" }),
    hint: z.string().optional().openapi({
      example:
        "/θ/ oʻrniga /s/ga oʻxshash tovush eshitildi: til uchi tishlar orqasida qolgan, uni tishlar orasiga chiqarib puflang. Solishtiring: think – sink.",
      description:
        "What to do about a weak word, in Uzbek or by `Accept-Language` in English; left out where nothing can be said",
    }),
  })
  .openapi("AssessedWord");

/** What every analysis says, in lists too. */
const Scores = {
  accuracy_score: score(78.4).openapi({ description: "0 to 100, of the words that were said" }),
  fluency_score: score(81),
  completeness_score: score(100).openapi({ description: "100 × words said ÷ words of the text" }),
  prosody_score: z.null().openapi({ description: "Not measured" }),
  overall_score: score(77.1).openapi({ description: "The impression of the whole × completeness ÷ 100" }),
  transcribed_text: z.string().openapi({ example: "I sink so", description: "Heard without knowing the text" }),
  reference_text: z.string().openapi({ example: "I think so" }),
  metrics: z.object({
    duration_ms: z.number().openapi({ example: 2400 }),
    speech_ms: z.number().openapi({ example: 1500, description: "Without pauses" }),
    wpm: z.number().openapi({ example: 112.5, description: "Words said, a minute from the first to the last sound" }),
    wcpm: z.number().openapi({ example: 75, description: "The same of those that came out right" }),
    articulation_rate: z
      .number()
      .nullable()
      .openapi({ example: 3.1, description: "Syllables a second, without pauses" }),
    pause_count: z.number().openapi({ example: 1, description: "Of 250 ms and more" }),
    pause_ratio: z.number().openapi({ example: 0.12, description: "Share of the time, 0 to 1" }),
  }),
  engine: z.string().openapi({ example: "moonshine-tiny with phone probe" }),
  method: z.enum(["acoustic", "transcript", "made_up"]).openapi({
    description: "`acoustic` listens to the sounds, `transcript` compares words alone, `made_up` is for tests",
  }),
  confidence: z.enum(["low", "medium", "high"]).openapi({ description: "How far the scores may be relied on" }),
  scoring_version: z.number().int().openapi({ example: 1 }),
};

const About = {
  id: IdOut,
  source: z.enum(SOURCES).openapi({ description: "What it was recorded for" }),
  phrase_id: IdOut.nullable(),
  session_id: IdOut.nullable(),
  language: z.string().openapi({ example: "en" }),
  created_at: Time,
};

export const AssessmentView = z
  .object({ ...Scores, words: z.array(WordView).openapi({ description: "In the order of the text" }) })
  .openapi("PronunciationAssessment");

export const AnalysisView = AssessmentView.extend(About).openapi("PronunciationAnalysis");

export const AttemptView = z
  .object({
    ...About,
    ...Scores,
    weak_words: z
      .array(
        z.object({
          word: z.string().openapi({ example: "think" }),
          score: score(48.5),
          sound: Phone.nullable().openapi({ description: "The weakest in it" }),
        }),
      )
      .openapi({ description: "The weakest, 20 at most" }),
  })
  .openapi("PronunciationAttempt");

const ipa = (word: AssessedWord): string | null =>
  word.expected_phones.length === 0 ? null : `/${word.expected_phones.map(ipaOf).join("")}/`;

/** A word with its hint, which is made for whoever reads it. */
function wordView(word: AssessedWord, language: Language): z.infer<typeof WordView> {
  const hint = hintFor(word, language);
  return {
    ...word,
    expected_phones: [...word.expected_phones],
    sounds: [...word.sounds],
    expected_ipa: ipa(word),
    ...(hint === null ? {} : { hint }),
  };
}

export const assessmentView = (
  { words, ...scores }: Assessment,
  language: Language,
): z.infer<typeof AssessmentView> => ({
  ...scores,
  words: words.map((word) => wordView(word, language)),
});

const aboutOf = ({ id, source, phrase_id, session_id, language, created_at }: PronunciationAttempt) => ({
  id,
  source,
  phrase_id,
  session_id,
  language,
  created_at,
});

/** One analysis with all of its words. */
export const analysisView = (attempt: PronunciationAttempt, language: Language): z.infer<typeof AnalysisView> => ({
  ...aboutOf(attempt),
  ...assessmentView({ ...attempt.assessment, words: attempt.words ?? [] }, language),
});

/** One line of a list of analyses. */
export const attemptView = (attempt: PronunciationAttempt): z.infer<typeof AttemptView> => ({
  ...aboutOf(attempt),
  ...attempt.assessment,
  weak_words: [...attempt.weak_words],
});
