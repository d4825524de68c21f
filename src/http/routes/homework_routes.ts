import { z } from "@hono/zod-openapi";
import type { Caller } from "../../application/auth.ts";
import { ownCourse } from "../../application/courses.ts";
import { seeHomework } from "../../application/homework.ts";
import { HOMEWORK_KINDS, STATUSES } from "../../domain/homework.ts";
import { EVENT_STREAM, either, endpoint, json, reply } from "../endpoint.ts";
import type { Server } from "../env.ts";
import { PageQuery } from "../paging.ts";
import { Id, IdIn, IdOut, LanguageCode, line, prose, Time, Upload } from "../schemas.ts";
import { CriterionView, GradeRecordView, HomeworkView, RubricItem, SubmissionView } from "./homework_views.ts";

// What the homework feature offers; `homework.ts` says what each does.

const TAGS = ["homework"];
const byHomework = { params: z.object({ homework_id: Id }) };
const bySubmission = { params: z.object({ submission_id: Id }) };

const Version = z.number().int().positive().optional().openapi({
  description: "The version that was read, in place of `If-Match`; a stale one is 409",
});

const Draft = z
  .object({
    title: line(200).openapi({ example: "Essay 1" }),
    description: prose(20_000).default("").openapi({ example: "Write 150 words" }),
    course_id: IdIn,
    lesson_id: IdIn.nullable().default(null),
    kind: z.enum(HOMEWORK_KINDS).default("mixed"),
    reference_text: prose(20_000)
      .transform((text) => text.trim() || null)
      .nullable()
      .default(null)
      .openapi({ type: ["string", "null"], example: "He was not an ill disposed young man." }),
    language: LanguageCode.default("en"),
    due_at: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text).toISOString())
      .refine((text) => text >= "2000" && text < "9999")
      .nullable()
      .default(null)
      .openapi({ type: ["string", "null"], format: "date-time", example: "2026-12-01T18:00:00Z" }),
    max_score: z.number().positive().max(10_000).default(100),
    rubric: z.array(RubricItem).min(1).max(20).nullable().default(null),
    max_attempts: z.number().int().positive().max(1000).nullable().default(null),
    allow_late: z.boolean().default(true),
    late_penalty_percent: z.number().min(0).max(100).default(0),
    published: z.boolean().default(true),
    auto_release: z.boolean().default(true),
  })
  .openapi("NewHomework");

export const list = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/",
    tags: TAGS,
    summary: "The homework the caller may see, newest first, with their own state (paged)",
    request: { query: PageQuery },
    responses: { 200: reply(z.array(HomeworkView), "Homework") },
  },
);

export const create = endpoint(
  { access: "teacher", idempotent: true },
  {
    method: "post",
    path: "/homework/",
    tags: TAGS,
    summary: "Make a homework in an own course",
    description: "With `reference_text` a spoken answer is compared with it word by word.",
    request: { body: json(Draft) },
    responses: { 201: reply(HomeworkView, "The new homework") },
    errors: ["not_found", "lesson_of_other_course"],
  },
);

export const one = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/{homework_id}",
    tags: TAGS,
    summary: "One homework",
    request: byHomework,
    responses: { 200: reply(HomeworkView, "The homework; `ETag` is its version") },
  },
);

export const change = endpoint(
  { access: "teacher" },
  {
    method: "put",
    path: "/homework/{homework_id}",
    tags: TAGS,
    summary: "Change an own homework",
    description: "A new due date, penalty or maximum is worked into the grades that were given.",
    request: { ...byHomework, body: json(Draft.extend({ version: Version }).openapi("HomeworkChange")) },
    responses: { 200: reply(HomeworkView, "The changed homework") },
    errors: ["stale_version", "lesson_of_other_course", "score_out_of_range"],
  },
);

export const remove = endpoint(
  { access: "teacher" },
  {
    method: "delete",
    path: "/homework/{homework_id}",
    tags: TAGS,
    summary: "Delete an own homework that nobody has answered",
    request: byHomework,
    responses: { 204: { description: "Deleted" } },
    errors: ["homework_has_submissions"],
  },
);

export const ofLesson = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/lesson/{lesson_id}",
    tags: TAGS,
    summary: "The homework of one lesson, newest first (paged)",
    request: { params: z.object({ lesson_id: Id }), query: PageQuery },
    responses: { 200: reply(z.array(HomeworkView), "Homework") },
  },
);

export const mine = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/user/me",
    tags: TAGS,
    summary: "Own submissions in full, newest first (paged)",
    request: { query: PageQuery },
    responses: { 200: reply(z.array(SubmissionView), "Submissions") },
  },
);

const ShortSubmission = z
  .object({
    id: IdOut,
    submission_id: IdOut,
    homework_id: IdOut,
    title: z.string(),
    attempt: z.number().int(),
    status: z.enum(STATUSES),
    score: z.number().nullable(),
    max_score: z.number(),
    created_at: Time,
  })
  .openapi("ShortSubmission");

export const mineShort = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/submissions/me",
    tags: TAGS,
    summary: "Own submissions in short, newest first (paged)",
    request: { query: PageQuery },
    responses: { 200: reply(z.array(ShortSubmission), "Submissions") },
  },
);

export const assign = endpoint(
  { access: "teacher" },
  {
    method: "post",
    path: "/homework/{homework_id}/assign",
    tags: TAGS,
    summary: "Give it to learners: all of them or none; a second time changes nothing",
    request: {
      ...byHomework,
      body: json(z.object({ user_ids: z.array(IdIn).min(1).max(1000) }).openapi("Assignment")),
    },
    responses: {
      200: reply(
        z.object({ homework_id: IdOut, assigned: z.array(IdOut), newly_assigned: z.array(IdOut) }).openapi("Assigned"),
        "Who has it now, and who was told",
      ),
    },
    errors: ["unknown_users"],
  },
);

export const TextAnswer = z
  .object({ text: prose(50_000).openapi({ example: "I get up at seven o'clock every day." }) })
  .openapi("TextAnswer");

/** One file or several under one name: forms do not tell the difference. */
const Uploads = z
  .union([Upload, z.array(Upload)])
  .openapi({ type: "array", items: { type: "string", format: "binary" } });

const HAND_IN_ERRORS = [
  "wrong_kind",
  "nothing_to_submit",
  "attempts_exhausted",
  "closed",
  "unsupported_audio",
  "audio_empty",
  "audio_unreadable",
  "audio_too_short",
  "audio_too_long",
  "audio_silent",
  "storage_full",
  "decoding_failed",
  "busy",
] as const;

export const submit = endpoint(
  { access: "user", perMinute: 60, idempotent: true },
  {
    method: "post",
    path: "/homework/{homework_id}/submit",
    tags: TAGS,
    summary: "Hand in a written answer",
    description:
      "As JSON, or as a form with files beside the text (PDF, pictures, plain text). Sound goes the way of `submit-oral`.",
    request: {
      ...byHomework,
      body: either(
        TextAnswer,
        z
          .object({ text: z.string().optional().openapi({ example: "" }), files: Uploads.optional() })
          .openapi("TextAnswerForm"),
        "multipart/form-data",
      ),
    },
    responses: {
      201: reply(SubmissionView, "Handed in; it is graded in the background"),
      202: reply(SubmissionView, "Sound, handed in; it is recognised and graded in the background"),
    },
    errors: [...HAND_IN_ERRORS, "unsupported_file"],
  },
);

export const submitOral = endpoint(
  { access: "user", perMinute: 60, idempotent: true },
  {
    method: "post",
    path: "/homework/{homework_id}/submit-oral",
    tags: TAGS,
    summary: "Hand in a spoken answer",
    description:
      "WAV, MP3, OGG, WebM, M4A or FLAC, judged by content; up to 10 minutes. Follow it at `Location`, or by its `events`.",
    request: {
      ...byHomework,
      body: {
        content: {
          "multipart/form-data": {
            schema: z
              .object({ audio_file: Upload, text: z.string().optional().openapi({ example: "" }) })
              .openapi("SpokenAnswer"),
          },
        },
      },
    },
    responses: { 202: reply(SubmissionView, "Durable; it is recognised and graded in the background") },
    errors: HAND_IN_ERRORS,
  },
);

export const submissions = endpoint(
  { access: "teacher" },
  {
    method: "get",
    path: "/homework/{homework_id}/submissions",
    tags: TAGS,
    summary: "All students' submissions to an own homework, newest first (paged)",
    request: { ...byHomework, query: PageQuery.extend({ status: z.enum(STATUSES).optional() }) },
    responses: { 200: reply(z.array(SubmissionView), "Submissions") },
  },
);

/** Refuses whoever does not teach the homework's course. */
export async function checkTeaches(server: Server, actor: Caller, homeworkId: number): Promise<void> {
  const { course_id } = await seeHomework(server, actor, homeworkId);
  await ownCourse(server, actor, course_id);
}

export const oneSubmission = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/submissions/{submission_id}",
    tags: TAGS,
    summary: "One submission, for its author, the course's teacher and admins",
    request: bySubmission,
    responses: { 200: reply(SubmissionView, "The submission; `ETag` is its version") },
  },
);

export const history = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/submissions/{submission_id}/history",
    tags: TAGS,
    summary: "Every grade it was given, by whom, when and why, oldest first (paged)",
    request: { ...bySubmission, query: PageQuery },
    responses: { 200: reply(z.array(GradeRecordView), "Grades") },
  },
);

export const events = endpoint(
  { access: "user", ticket: true },
  {
    method: "get",
    path: "/homework/submissions/{submission_id}/events",
    tags: TAGS,
    summary: "Its states as they come, until graded or failed",
    description: "Each event is called as the state; its data is `{submission_id, status, version, created_at}`.",
    request: { ...bySubmission, query: z.object({ ticket: z.string().max(200).optional() }) },
    responses: { 200: EVENT_STREAM },
  },
);

export const retry = endpoint(
  { access: "teacher" },
  {
    method: "post",
    path: "/homework/submissions/{submission_id}/retry",
    tags: TAGS,
    summary: "Run failed processing again",
    request: bySubmission,
    responses: { 202: reply(SubmissionView, "Under way again") },
    errors: ["not_failed"],
  },
);

const feedback = prose(20_000)
  .nullable()
  .default(null)
  .openapi({ type: ["string", "null"], example: "Yaxshi ish!" });
const reason = prose(2000)
  .nullable()
  .default(null)
  .openapi({ type: ["string", "null"] });
const criteria = z.array(CriterionView).max(20).nullable().default(null);

export const GradeBody = z
  .object({ score: z.number().openapi({ example: 87 }), feedback, criteria, reason, version: Version })
  .openapi("Grade");

export const grade = endpoint(
  { access: "teacher" },
  {
    method: "post",
    path: "/homework/submissions/{submission_id}/grade",
    tags: TAGS,
    summary: "Grade a submission to an own homework, from any state; again as often as needed",
    request: { ...bySubmission, body: json(GradeBody) },
    responses: { 200: reply(SubmissionView, "The graded submission") },
    errors: ["score_out_of_range", "stale_version"],
  },
);

// A form has only text, and `z.coerce` alone would read an empty field as 0.
const Score = z
  .union([z.number(), z.string().trim().min(1).max(20).pipe(z.coerce.number())])
  .openapi({ type: "number", example: 87 });
const FormVersion = z
  .union([z.number(), z.string().trim().min(1).pipe(z.coerce.number())])
  .pipe(z.number().int().positive());
const rest = { feedback, reason, version: FormVersion.optional() };
export const CompatBody = z
  .union([z.object({ score: Score, ...rest }), z.object({ grade: Score, ...rest })])
  .transform(({ feedback, reason, version, ...mark }) => ({
    score: "score" in mark ? mark.score : mark.grade,
    feedback,
    reason,
    version,
    criteria: null,
  }));

const CompatShape = z
  .object({ score: Score.optional(), grade: Score.optional(), feedback, reason, version: FormVersion.optional() })
  .openapi("CompatGrade");

/** The guide has this path twice, once for JSON and once for a form: one endpoint takes both. */
export const gradeCompat = endpoint(
  { access: "teacher" },
  {
    method: "post",
    path: "/homework/grade/{submission_id}",
    tags: TAGS,
    summary: "Grade, for older clients: JSON or a form, `score` or `grade`",
    request: { ...bySubmission, body: either(CompatShape, CompatShape, "application/x-www-form-urlencoded") },
    responses: { 200: reply(SubmissionView, "The graded submission") },
    errors: ["score_out_of_range", "stale_version"],
  },
);

export const download = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/homework/files/{file_id}/download",
    tags: TAGS,
    summary: "A handed-in file, for its owner, the course's teacher and admins",
    request: { params: z.object({ file_id: Id }) },
    responses: {
      200: {
        description: "The file as an attachment; `Range` and `If-None-Match` are honoured",
        content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
      },
      206: { description: "The part that was asked for" },
      304: { description: "Unchanged" },
      416: { description: "The file has no such part" },
    },
    errors: ["file_missing"],
  },
);
