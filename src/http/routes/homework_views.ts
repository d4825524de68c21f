import { z } from "@hono/zod-openapi";
import { type Actor, holds } from "../../domain/access.ts";
import { type GradeRecord, HOMEWORK_KINDS, type Homework, STATUSES, type Submission } from "../../domain/homework.ts";
import type { Server } from "../env.ts";
import { mediaUrl } from "../media.ts";
import { type Language, sayFailure } from "../messages/mod.ts";
import { IdOut, LanguageCode, line, prose, Time } from "../schemas.ts";

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
    evidence: z.array(z.string()).readonly().openapi({ description: "The words it rests on" }),
    comment: z.string(),
  })
  .openapi("Criterion");

const Difference = z
  .object({
    kind: z.enum(["same", "missing", "added", "replaced"]),
    expected: z.string().nullable(),
    heard: z.string().nullable(),
    start_ms: z.number().nullable().optional(),
    end_ms: z.number().nullable().optional(),
  })
  .openapi("WordDifference");

const AnalysisView = z
  .looseObject({
    differences: z
      .array(Difference)
      .readonly()
      .nullable()
      .openapi({ description: "Word by word against the reference text" }),
    word_error_rate: z.number().nullable(),
    completeness: z.number().nullable(),
    word_count: z.number().int(),
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
    text: z.string().nullable(),
    transcript: z.string().nullable().openapi({ description: "What was recognised in a spoken answer" }),
    audio_url: z.string().nullable().openapi({ description: "Signed, plays for 24 h" }),
    file_id: IdOut.nullable().openapi({ description: "The recording, or the first file" }),
    files: z.array(FileView).readonly().openapi({ description: "Everything handed in, to be had by its download" }),
    score: Points.nullable().openapi({
      description:
        "The grade in force, less the penalty: the automatic proposal at `auto_graded`, the teacher's at `graded`",
    }),
    feedback: z.string().nullable(),
    criteria: z.array(CriterionView).readonly().nullable(),
    auto_score: Points.nullable().openapi({ description: "The automatic proposal, before any penalty" }),
    auto_feedback: z.string().nullable(),
    confidence: z.enum(["low", "medium", "high"]).nullable().openapi({ description: "Of the automatic proposal" }),
    flags: z.array(z.string()).readonly().openapi({ description: "For teachers: what the automatic check noticed" }),
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
  const { recognition: _, raw_score: __, submitted_at: ___, error, analysis, files, ...rest } = submission;
  const recording = submission.kind === "oral" ? files.find(({ id }) => id === submission.file_id) : undefined;
  return {
    ...rest,
    submission_id: submission.id,
    audio_url: recording ? mediaUrl(server, recording.key, server.clock.now()) : null,
    files: files.map(({ key: _, ...file }) => file),
    analysis: analysis && { ...analysis },
    error: error === null ? null : { code: error, detail: sayFailure(error, language) },
  };
}

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
    created_at: Time,
  })
  .openapi("GradeRecord");

/** Every grade; without the automatic one where the homework keeps it from its author. */
export function historyView(
  actor: Actor,
  homework: Homework,
  submission: Submission,
  rows: GradeRecord[],
): z.infer<typeof GradeRecordView>[] {
  const isAuthor = submission.user_id === actor.id && !holds(actor, "admin");
  return rows.filter(({ kind }) => kind === "teacher" || homework.auto_release || !isAuthor);
}
