import { type Actor, holds } from "../domain/access.ts";
import { teaches } from "../domain/courses.ts";
import { AppError } from "../domain/errors.ts";
import {
  asLearnerSees,
  grade,
  type Homework,
  readingBy,
  type StoredFile,
  type Submission,
  settle,
  type TeacherGrade,
  unrecorded,
} from "../domain/homework.ts";
import { gradingJob, nextKey } from "../domain/jobs.ts";
import { keepAttempt } from "./assessed_speech.ts";
import { audit } from "./audit.ts";
import { ownCourse } from "./courses.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import { notify } from "./notices.ts";
import type { Ports, Stores, Transaction } from "./ports/mod.ts";
import type { Page } from "./ports/tables.ts";
import { changeSubmission, tellChange } from "./submissions.ts";

export type HomeworkDraft = Omit<Homework, "id" | "version" | "created_at" | "updated_at">;

async function checkLesson({ lessons }: Pick<Stores, "lessons">, draft: Pick<Homework, "course_id" | "lesson_id">) {
  const lesson = draft.lesson_id === null ? undefined : await lessons.find(draft.lesson_id);
  if (lesson === null || (lesson && lesson.course_id !== draft.course_id))
    throw new AppError("lesson_of_other_course", { lesson_id: draft.lesson_id, course_id: draft.course_id });
}

export const createHomework =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, draft: HomeworkDraft, receipt: Receipt<Homework> = noReceipt): Promise<Homework> =>
    atomically(async (stores) => {
      await stores.lock(`course ${draft.course_id}`);
      await ownCourse(stores, actor, draft.course_id);
      await checkLesson(stores, draft);
      const now = clock.now().toISOString();
      const homework = await stores.homeworks.add({ ...draft, version: 1, created_at: now, updated_at: now });
      await receipt(stores, homework);
      return homework;
    });

/** The homework, for whoever may change it. What another teacher's is, is there to be seen by nobody else. */
async function ownHomework(stores: Pick<Stores, "homeworks" | "courses">, actor: Actor, homeworkId: number) {
  const homework = await stores.homeworks.find(homeworkId);
  const course = homework && (await stores.courses.find(homework.course_id));
  if (!homework || !course || !teaches(actor, course)) throw new AppError("not_found");
  return homework;
}

/** A changed due date, penalty or maximum is worked into every grade that was given. */
export const changeHomework =
  ({ atomically, clock, signals }: Pick<Ports, "atomically" | "clock" | "signals">) =>
  async (actor: Actor, homeworkId: number, draft: HomeworkDraft, version: number | undefined): Promise<Homework> => {
    const { homework, told } = await atomically(async (stores) => {
      await stores.lock(`homework ${homeworkId}`);
      const before = await ownHomework(stores, actor, homeworkId);
      if (version !== undefined && version !== before.version)
        throw new AppError("stale_version", { version: before.version });
      await ownCourse(stores, actor, draft.course_id);
      await checkLesson(stores, draft);
      const [homework] = await stores.homeworks.change(
        { id: homeworkId },
        { ...draft, version: before.version + 1, updated_at: clock.now().toISOString() },
      );
      if (!homework) throw new AppError("not_found");
      await settleAll(stores, homework, clock.now());
      const told = !before.published && homework.published ? await tellAssigned(stores, homework, clock.now()) : [];
      return { homework, told };
    });
    for (const userId of told) signals.wake(`notices ${userId}`);
    return homework;
  };

async function tellAssigned(stores: Transaction, homework: Homework, now: Date): Promise<number[]> {
  const where = { homework_id: homework.id };
  const assigned = await stores.assignments.list({ where, skip: 0, limit: 10_000 });
  for (const { user_id } of assigned)
    await notify(stores, user_id, "homework_assigned", { homework_id: homework.id, title: homework.title }, now);
  return assigned.map(({ user_id }) => user_id);
}

async function settleAll(stores: Transaction, homework: Homework, now: Date): Promise<void> {
  const where = { homework_id: homework.id };
  for (let after = 0, rows: Submission[] = []; ; after = rows.at(-1)?.id ?? 0) {
    rows = await stores.submissions.list({ where, after, skip: 0, limit: 500 });
    for (const row of rows) {
      if (row.raw_score !== null && row.raw_score > homework.max_score)
        throw new AppError("score_out_of_range", { score: row.raw_score, max_score: homework.max_score });
      await settleOne(stores, homework, row, now);
    }
    if (rows.length < 500) return;
  }
}

async function settleOne(stores: Transaction, homework: Homework, row: Submission, now: Date): Promise<void> {
  const settled = settle(homework, row, row.raw_score);
  if (settled.score === row.score && settled.late === row.late) return;
  if (await changeSubmission(stores, row, settled, now.toISOString())) return;
  // The background took a step meanwhile.
  const newer = await stores.submissions.find(row.id);
  if (newer) await settleOne(stores, homework, newer, now);
}

export const deleteHomework =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, homeworkId: number): Promise<void> =>
    atomically(async (stores) => {
      await stores.lock(`homework ${homeworkId}`);
      await ownHomework(stores, actor, homeworkId);
      if (await stores.submissions.findBy({ homework_id: homeworkId })) throw new AppError("homework_has_submissions");
      await stores.assignments.remove({ homework_id: homeworkId });
      await stores.homeworks.remove({ id: homeworkId });
      await audit(stores, actor, "homework.delete", `homework:${homeworkId}`, clock.now());
    });

/** Gives the homework to learners: to all of them or, where one is unknown, to none. Tells those who had it not. */
export const assignHomework =
  ({ atomically, clock, signals }: Pick<Ports, "atomically" | "clock" | "signals">) =>
  async (actor: Actor, homeworkId: number, userIds: readonly number[]) => {
    const ids = [...new Set(userIds)];
    const fresh = await atomically(async (stores) => {
      await stores.lock(`homework ${homeworkId}`);
      const homework = await ownHomework(stores, actor, homeworkId);
      const known = await stores.users.list({
        where: { id: { in: ids }, is_active: true },
        skip: 0,
        limit: ids.length,
      });
      const unknown = ids.filter((id) => !known.some((user) => user.id === id));
      if (unknown.length > 0) throw new AppError("unknown_users", { user_ids: unknown });
      const created_at = clock.now().toISOString();
      const fresh: number[] = [];
      for (const user_id of ids) {
        if (!(await stores.assignments.addNew({ homework_id: homeworkId, user_id, created_at }))) continue;
        fresh.push(user_id);
        // Of a draft they are told when it is published.
        if (!homework.published) continue;
        const params = { homework_id: homeworkId, title: homework.title };
        await notify(stores, user_id, "homework_assigned", params, clock.now());
      }
      return fresh;
    });
    for (const userId of fresh) signals.wake(`notices ${userId}`);
    return { homework_id: homeworkId, assigned: ids, newly_assigned: fresh };
  };

export type Seeing = Pick<Stores, "homeworks" | "courses" | "enrolments" | "assignments">;

/** The homework, for whoever may see it: its teacher, admins, and the learners it is published for. */
export async function seeHomework(stores: Seeing, actor: Actor, homeworkId: number): Promise<Homework> {
  const homework = await stores.homeworks.find(homeworkId);
  const course = homework && (await stores.courses.find(homework.course_id));
  if (!homework || !course) throw new AppError("not_found");
  if (teaches(actor, course)) return homework;
  const isTheirs =
    homework.published &&
    ((await stores.enrolments.findBy({ course_id: course.id, user_id: actor.id })) ??
      (await stores.assignments.findBy({ homework_id: homeworkId, user_id: actor.id })));
  if (!isTheirs) throw new AppError("not_found");
  return homework;
}

/** Admins see everything, teachers their own courses', learners what is published for them; newest first. */
export const listHomework =
  ({ homeworks }: Pick<Ports, "homeworks">) =>
  (actor: Actor, page: Page & { lessonId?: number | undefined }): Promise<Homework[]> => {
    if (!holds(actor, "teacher")) return homeworks.listForLearner(actor.id, page);
    if (!holds(actor, "admin")) return homeworks.listForTeacher(actor.id, page);
    const { lessonId, ...rest } = page;
    return homeworks.list({ ...rest, where: { lesson_id: lessonId }, newestFirst: true });
  };

type Reading = Pick<Stores, "submissions" | "homeworks" | "courses">;

/** A submission as the caller may see it: its author, the course's teacher, admins. For others it does not exist. */
export const readSubmission =
  (stores: Reading) =>
  async (actor: Actor, submissionId: number): Promise<{ submission: Submission; homework: Homework }> => {
    const submission = await stores.submissions.find(submissionId);
    const homework = submission && (await stores.homeworks.find(submission.homework_id));
    const course = homework && (await stores.courses.find(homework.course_id));
    if (!submission || !homework || !course) throw new AppError("not_found");
    if (teaches(actor, course)) return { submission, homework };
    if (submission.user_id !== actor.id) throw new AppError("not_found");
    return { submission: asLearnerSees(homework, submission), homework };
  };

/** The submission, for whoever may grade it. */
async function gradable(stores: Reading, actor: Actor, submissionId: number) {
  const { submission, homework } = await readSubmission(stores)(actor, submissionId);
  const course = await stores.courses.find(homework.course_id);
  // Their own answer in a colleague's course: to be seen, not to be graded.
  if (!course || !teaches(actor, course)) throw new AppError("forbidden");
  return { submission, homework };
}

type GradeInput = TeacherGrade & { reason: string | null; version?: number | undefined };

/** The course's teacher grades, from any state, and the author is told; again as often as it takes. */
export const gradeSubmission =
  ({ atomically, clock, signals }: Pick<Ports, "atomically" | "clock" | "signals">) =>
  async (actor: Actor, submissionId: number, { reason, version, ...mark }: GradeInput): Promise<Submission> => {
    const graded = await atomically(async (stores) => {
      const seen = await gradable(stores, actor, submissionId);
      // In the order of every other transaction, so that a changed due date and a grade never wait for each other.
      await stores.lock(`homework ${seen.homework.id}`);
      await stores.lock(`submission ${submissionId}`);
      const { submission, homework } = await gradable(stores, actor, submissionId);
      if (version !== undefined && version !== submission.version)
        throw new AppError("stale_version", { version: submission.version });
      const at = clock.now().toISOString();
      const reading = unrecorded(submission.recognition);
      const changes = { ...grade(homework, submission, mark, { by: actor.id, at }), ...reading?.changes };
      const graded = await changeSubmission(stores, submission, changes, at);
      if (!graded) throw new AppError("stale_version", { version: submission.version });
      if (reading) await keepAttempt(stores, readingBy(graded, homework, at), reading.assessment);
      const { score, feedback, criteria } = graded;
      await stores.grades.add({
        submission_id: submissionId,
        kind: "teacher",
        graded_by: actor.id,
        raw_score: mark.score,
        score: score ?? mark.score,
        feedback,
        criteria,
        reason,
        grading_version: null,
        model: null,
        created_at: at,
      });
      const params = { submission_id: submissionId, homework_id: homework.id, title: homework.title };
      const told = { ...params, score: score ?? mark.score, max_score: homework.max_score };
      await notify(stores, graded.user_id, "homework_graded", told, clock.now());
      await audit(stores, actor, "submission.grade", `submission:${submissionId}`, clock.now(), {
        before: submission.score,
        after: score,
      });
      return graded;
    });
    tellChange(signals, graded);
    return graded;
  };

/** Runs failed processing again, from where it stopped. */
export const retrySubmission =
  ({ atomically, clock, signals, relay }: Pick<Ports, "atomically" | "clock" | "signals"> & { relay(): void }) =>
  async (actor: Actor, submissionId: number, requestId: string): Promise<Submission> => {
    const again = await atomically(async (stores) => {
      await stores.lock(`submission ${submissionId}`);
      const { submission } = await gradable(stores, actor, submissionId);
      if (submission.status !== "failed") throw new AppError("not_failed", { status: submission.status });
      const at = clock.now().toISOString();
      const status = submission.kind === "oral" && submission.recognition === null ? "queued" : "grading";
      const changed = await changeSubmission(stores, submission, { status, error: null }, at);
      const last = await stores.jobs.findBy({ kind: "grade_submission", subject_id: submissionId });
      if (!changed || !last) throw new AppError("stale_version", { version: submission.version });
      const key = nextKey(last.key);
      await stores.jobs.add(gradingJob(key, submissionId, requestId, at));
      await audit(stores, actor, "submission.retry", `submission:${submissionId}`, clock.now(), { job: key });
      return changed;
    });
    relay();
    tellChange(signals, again);
    return again;
  };

/** A handed-in file, for whoever may see its submission. */
export const readFile =
  (stores: Reading & Pick<Stores, "files"> & Pick<Ports, "fileStore">) =>
  async (actor: Actor, fileId: number): Promise<{ file: StoredFile; content: Blob }> => {
    const file = await stores.files.find(fileId);
    if (!file) throw new AppError("not_found");
    await readSubmission(stores)(actor, file.submission_id);
    const content = await stores.fileStore.get(file.key);
    if (!content) throw new AppError("file_missing");
    return { file, content };
  };
