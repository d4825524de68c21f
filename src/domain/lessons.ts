export type Lesson = {
  readonly id: number;
  readonly course_id: number;
  readonly title: string;
  readonly content: string;
  /** Place in the course, from 1. */
  readonly position: number;
  readonly created_at: string;
  readonly updated_at: string;
};
