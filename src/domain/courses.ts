import { type Actor, holds } from "./access.ts";
import type { Level } from "./users.ts";

export type Course = {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  /** ISO 639-1 of the language that is taught. */
  readonly language: string;
  /** Null when its teacher has left; admins look after it then. */
  readonly teacher_id: number | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type Enrolment = {
  readonly id: number;
  readonly course_id: number;
  readonly user_id: number;
  readonly created_at: string;
};

/** The course's own teacher, and every admin. */
export function teaches(actor: Actor, course: Course): boolean {
  return holds(actor, "admin") || (holds(actor, "teacher") && course.teacher_id === actor.id);
}
