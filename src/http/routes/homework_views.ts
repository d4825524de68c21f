import { z } from "@hono/zod-openapi";
import { type Actor, holds } from "../../domain/access.ts";
import { type GradeRecord, HOMEWORK_KINDS, type Homework, STATUSES, type Submission } from "../../domain/homework.ts";
import type { Server } from "../env.ts";
import { mediaUrl } from "../media.ts";
import { type Language, sayFailure } from "../messages/mod.ts";
import { IdOut, LanguageCode, line, prose, Time } from "../schemas.ts";
import { AssessmentView, assessmentView } from "./pronunciation_views.ts";

export const RubricItem = z
  .object({
    name: line(100).openapi({ example: "Vocabulary" }),
    max: z.number().positive().max(1000).openapi({ example: 25 }),
    description: prose(2000).default(""),
  })
  .openapi("RubricItem");

const Points = z.number().openapi({ example: 87 });

export const HomeworkView = z
  .object({
    id: IdOut,
    title: z.string().openapi({ example: "Essay 1" }),
    description: z.string().openapi({ example: "Write 150 words" }),
    course_id: IdOut,
    lesson_id: IdOut.nullable(),
    kind: z.enum(HOMEWORK_KINDS),
    reference_text: z.string().nullable().openapi({ description: "What is to be read aloud" }),
    language: LanguageCode,
    due_at: Time.nullable(),
    max_score: z.number().openapi({ example: 100 }),
    rubric: z.array(RubricItem).readonly().nullable(),
    max_attempts: z.number().int().nullable(),
    allow_late: z.boolean(),
    late_penalty_percent: z.number().openapi({ description: "Taken for each day begun after `due_at`" }),
    published: z.boolean(),
    auto_release: z
      .boolean()
      .openapi({ description: "False: the learner sees the automatic grade after the teacher's" }),
    version: z.number().int(),
    created_at: Time,
    updated_at: Time,
    own: z
      .object({
        submission_id: IdOut,
        attempt: z.number().int(),
        status: z.enum(STATUSES),
        score: Points.nullable(),
      })
      .nullable()
      .openapi({ description: "The caller's newest attempt" }),
  })
  .openapi("Homework") satisfies z.ZodType<Homework & { own: unknown }>;

export const CriterionView = z
  .object({
    name: z.string().openapi({ example: "completeness" }),
    score: Points,
    max: z.number().openapi({ example: 40 }),
    evidence: z
      .array(z.string())
      .readonly()
      .openapi({ example: ["goes → go", "I have lived here"], description: "The words it rests on" }),
    comment: z.string().openapi({ example: "Gaplaringiz aniq, lekin feʼl zamonlarini takrorlang." }),
  })
  .openapi("Criterion");

const Share = z.number().openapi({ example: 0.88, description: "0 to 1" });
const Milliseconds = z.number().nullable().openapi({ example: 1240 });
const Place = z.number().int().nullable().openapi({ example: 14, description: "UTF-16 code units" });

const Difference = z
  .object({
    kind: z.enum(["same", "missing", "added", "replaced"]),
    expected: z.string().nullable().openapi({ example: "disposed" }),
    heard: z.string().nullable().openapi({ example: "supposed" }),
    start: Place.openapi({ description: "Where it begins in the reference text" }),
    end: Place,
    start_ms: Milliseconds.openapi({ description: "Where it begins in the recording" }),
    end_ms: Milliseconds,
  })
  .openapi("WordDifference");

const CorrectionView = z
  .object({
    start: z.number().int().openapi({ example: 2 }),
    end: z.number().int().openapi({ example: 6 }),
    original: z.string().openapi({ example: "gets" }),
    replacements: z
      .array(z.string())
      .readonly()
      .openapi({ example: ["get"], description: "Best first" }),
    rule: z.string().openapi({ example: "PronounVerbAgreement" }),
    message: z.string().openapi({ description: "The checker's own sentence, in English" }),
    explanation: z.string().openapi({ description: "In Uzbek, for the learner" }),
  })
  .openapi("Correction");

const SpeechView = z
  .object({
    duration_ms: z.number().openapi({ example: 2990 }),
    speech_ms: z.number().openapi({ example: 2280, description: "Without pauses" }),
    wpm: z.number().openapi({ example: 118.1, description: "Words a minute" }),
    articulation_rate: z.number().nullable().openapi({ example: 3.4, description: "Syllables a second of speech" }),
    pause_count: z.number().int().openapi({ example: 1 }),
    pause_ratio: Share,
    longest_pause_ms: z.number().openapi({ example: 260 }),
    clipping: Share,
    level_db: z.number().openapi({ example: -25.8, description: "dBFS" }),
    silent: z.boolean(),
  })
  .openapi("Speech");

const AnalysisView = z
  .object({
    engine: z.string().openapi({
      example: "gemini gemini-2.5-flash with deterministic checks",
      description: "Who proposed the grade: `deterministic` is counting alone. Learners are not told the model's name",
    }),
    counted_score: z.number().nullable().openapi({
      example: 81.5,
      description: "What was counted, where a language model's judgement moved the score from there; else null",
    }),
    differences: z.array(Difference).readonly().nullable().openapi({
      description: "Word by word against the reference text; null without one",
    }),
    word_error_rate: z.number().nullable().openapi({ example: 0.13, description: "0 and up" }),
    completeness: Share.nullable(),
    speech: SpeechView.nullable(),
    word_count: z.number().int().openapi({ example: 8 }),
    distinct_words: z.number().int().openapi({ example: 8 }),
    sentence_count: z.number().int().openapi({ example: 1 }),
    lexical_variety: Share.nullable(),
    corrections: z.array(CorrectionView).readonly(),
    pronunciation: AssessmentView.nullable().openapi({
      description: "How the reference text was read aloud; null for any other answer, and where nobody could judge it",
    }),
  })
  .openapi("Analysis");

const FileView = z
  .object({
    id: IdOut,
    name: z.string().openapi({ example: "insho.pdf" }),
    mime: z.string().openapi({ example: "application/pdf" }),
    size: z.number().int().openapi({ example: 48_213, description: "Bytes" }),
  })
  .openapi("HandedInFile");

export const SubmissionView = z
  .object({
    id: IdOut,
    submission_id: IdOut.openapi({ description: "The same as `id`" }),
    homework_id: IdOut,
    user_id: IdOut,
    attempt: z.number().int().openapi({ example: 1 }),
    kind: z.enum(["text", "oral"]),
    status: z.enum(STATUSES),
    text: z.string().nullable().openapi({ example: "I get up at seven o'clock every day." }),
    transcript: z.string().nullable().openapi({
      example: "He was not an ill disposed young man.",
      description: "What was recognised in a spoken answer",
    }),
    audio_url: z.string().nullable().openapi({
      example: "/uploads/homework/audio/3f2a.wav?expires=1795550400&signature=eDmg",
      description: "Signed, plays for 24 h",
    }),
    file_id: IdOut.nullable().openapi({ description: "The recording, or the first file" }),
    files: z.array(FileView).readonly().openapi({ description: "Everything handed in, to be had by its download" }),
    score: Points.nullable().openapi({
      description:
        "The grade in force, less the penalty: the automatic proposal at `auto_graded`, the teacher's at `graded`",
    }),
    feedback: z.string().nullable().openapi({ example: "Yaxshi: 8 ta soʻzdan 7 tasini toʻgʻri oʻqidingiz." }),
    criteria: z.array(CriterionView).readonly().nullable(),
    auto_score: Points.nullable().openapi({ description: "The automatic proposal, before any penalty" }),
    auto_feedback: z.string().nullable(),
    confidence: z.enum(["low", "medium", "high"]).nullable().openapi({ description: "Of the automatic proposal" }),
    flags: z
      .array(z.string())
      .readonly()
      .openapi({
        example: ["needs_review"],
        description: "For teachers: what the automatic check noticed; `needs_review` asks them to look",
      }),
    analysis: AnalysisView.nullable().openapi({ description: "With one submission; null in lists" }),
    graded_by: IdOut.nullable().openapi({ description: "Null for the automatic grade" }),
    graded_at: Time.nullable(),
    grade_count: z.number().int().openapi({ description: "Grades given so far, the automatic one included" }),
    late: z.boolean(),
    penalty: z.number().openapi({ description: "Points taken for being late" }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable().openapi({ description: "Why it failed" }),
    version: z.number().int(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi("Submission");

export function submissionView(
  server: Pick<Server, "signatures" | "site" | "clock">,
  submission: Submission,
  language: Language,
): z.infer<typeof SubmissionView> {
  const { recognition, raw_score: _, submitted_at: __, error, analysis, files, ...rest } = submission;
  const read = recognition?.pronunciation?.assessment ?? null;
  const recording = submission.kind === "oral" ? files.find(({ id }) => id === submission.file_id) : undefined;
  return {
    ...rest,
    submission_id: submission.id,
    audio_url: recording ? mediaUrl(server, recording.key, server.clock.now()) : null,
    files: files.map(({ key: _, ...file }) => file),
    // A grade of before a language model took part was counted.
    analysis: analysis && {
      ...analysis,
      engine: analysis.engine ?? "deterministic",
      counted_score: analysis.counted_score ?? null,
      pronunciation: read && assessmentView(read, language),
    },
    error: error === null ? null : { code: error, detail: sayFailure(error, language) },
  };
}

const ModelView = z
  .object({
    engine: z.string().openapi({ example: "gemini gemini-2.5-flash" }),
    prompt_version: z.number().int().openapi({ example: 1 }),
    raw: z.string().openapi({ description: "Its answer as it came" }),
  })
  .openapi("ModelPart");

export const GradeRecordView = z
  .object({
    id: IdOut,
    submission_id: IdOut,
    kind: z.enum(["auto", "teacher"]),
    graded_by: IdOut.nullable(),
    raw_score: Points.openapi({ description: "Before any penalty" }),
    score: Points,
    feedback: z.string().nullable(),
    criteria: z.array(CriterionView).readonly().nullable(),
    reason: z.string().nullable().openapi({ description: "Why it was changed" }),
    grading_version: z.number().int().nullable().openapi({ description: "Of the formulas; null for a teacher's" }),
    model: ModelView.nullable().openapi({
      description: "For teachers: the language model's part in an automatic grade; null where none answered",
    }),
    created_at: Time,
  })
  .openapi("GradeRecord");

/** Every grade; its author sees no model's part, nor the automatic one where the homework still keeps it from them. */
export function historyView(
  actor: Actor,
  homework: Homework,
  submission: Submission,
  rows: GradeRecord[],
): z.infer<typeof GradeRecordView>[] {
  const isAuthor = submission.user_id === actor.id && !holds(actor, "admin");
  const isHidden = isAuthor && !homework.auto_release && submission.status !== "graded";
  return rows
    .filter(({ kind }) => kind === "teacher" || !isHidden)
    .map((row) => (isAuthor ? { ...row, model: null } : row));
}
