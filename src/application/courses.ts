import { type Actor, holds } from "../domain/access.ts";
import { type Course, type Enrolment, teaches } from "../domain/courses.ts";
import { AppError } from "../domain/errors.ts";
import type { Lesson } from "../domain/lessons.ts";
import { audit } from "./audit.ts";
import type { Ports, Stores } from "./ports/mod.ts";

/** The course, for whoever may change it: its teacher or an admin. */
export async function ownCourse(stores: Pick<Stores, "courses">, actor: Actor, courseId: number): Promise<Course> {
  const course = await stores.courses.find(courseId);
  if (!course) throw new AppError("not_found");
  if (!teaches(actor, course)) throw new AppError("forbidden");
  return course;
}

export type CourseDraft = Pick<Course, "title" | "description" | "level" | "language">;

export const createCourse =
  ({ courses, clock }: Pick<Ports, "courses" | "clock">) =>
  (actor: Actor, draft: CourseDraft): Promise<Course> => {
    const now = clock.now().toISOString();
    return courses.add({ ...draft, teacher_id: actor.id, created_at: now, updated_at: now });
  };

type CourseChanges = CourseDraft & { teacher_id?: number | undefined };

/** Handing a course to another teacher is an admin's to do. */
export const changeCourse =
  ({ courses, users, clock }: Pick<Ports, "courses" | "users" | "clock">) =>
  async (actor: Actor, courseId: number, changes: CourseChanges): Promise<Course> => {
    const before = await ownCourse({ courses }, actor, courseId);
    if (changes.teacher_id !== undefined && changes.teacher_id !== before.teacher_id) {
      if (!holds(actor, "admin")) throw new AppError("forbidden");
      const teacher = await users.find(changes.teacher_id);
      if (!teacher?.is_active || !holds(teacher, "teacher"))
        throw new AppError("unknown_users", { user_ids: [changes.teacher_id] });
    }
    const [course] = await courses.change({ id: courseId }, { ...changes, updated_at: clock.now().toISOString() });
    if (!course) throw new AppError("not_found");
    return course;
  };

/** Only while nobody is enrolled and nothing was handed in. */
export const deleteCourse =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, courseId: number): Promise<void> =>
    atomically(async (stores) => {
      await stores.lock(`course ${courseId}`);
      await ownCourse(stores, actor, courseId);
      if (await stores.enrolments.findBy({ course_id: courseId })) throw new AppError("course_has_students");
      const homeworks = await stores.homeworks.list({ where: { course_id: courseId }, skip: 0, limit: 10_000 });
      const ids = homeworks.map(({ id }) => id);
      for (const id of ids) await stores.lock(`homework ${id}`);
      if (await stores.submissions.findBy({ homework_id: { in: ids } })) throw new AppError("homework_has_submissions");
      await stores.assignments.remove({ homework_id: { in: ids } });
      await stores.homeworks.remove({ course_id: courseId });
      await stores.lessons.remove({ course_id: courseId });
      await stores.courses.remove({ id: courseId });
      await audit(stores, actor, "course.delete", `course:${courseId}`, clock.now());
    });

/** Enrols the caller; a second time changes nothing. */
export const enrol =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, courseId: number): Promise<{ enrolment: Enrolment; made: boolean }> =>
    atomically(async (stores) => {
      await stores.lock(`course ${courseId}`);
      if (!(await stores.courses.find(courseId))) throw new AppError("not_found");
      const key = { course_id: courseId, user_id: actor.id };
      const made = await stores.enrolments.addNew({ ...key, created_at: clock.now().toISOString() });
      const enrolment = made ?? (await stores.enrolments.findBy(key));
      if (!enrolment) throw new AppError("not_found");
      return { enrolment, made: made !== null };
    });

export type LessonDraft = { course_id: number; title: string; content: string; position?: number | undefined };

/** Adds a lesson to an own course, at its end where no position is given. */
export const createLesson =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, { position, ...draft }: LessonDraft): Promise<Lesson> =>
    atomically(async (stores) => {
      await stores.lock(`course ${draft.course_id}`);
      await ownCourse(stores, actor, draft.course_id);
      const now = clock.now().toISOString();
      const next = (await stores.lessons.count({ course_id: draft.course_id })) + 1;
      return stores.lessons.add({ ...draft, position: position ?? next, created_at: now, updated_at: now });
    });
