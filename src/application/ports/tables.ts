import type { Conversation, ConversationMessage } from "../../domain/conversations.ts";
import type { Homework, Submission } from "../../domain/homework.ts";
import type { PronunciationAttempt } from "../../domain/pronunciation.ts";
import type { Session, User } from "../../domain/users.ts";

type Condition<V> = V | { readonly before: V } | { readonly in: readonly V[] } | { readonly not: V };

/** What a row must be like: each field equal, before a value, among some, or other than one (null is other than any). */
export type Where<T> = { readonly [K in keyof T]?: Condition<T[K]> | undefined };

/** New values of some fields; what is undefined stays as it is. */
export type Changes<T> = { readonly [K in Exclude<keyof T, "id">]?: T[K] | undefined };

/** `after` is the id of the last row seen: its cost does not grow with depth, that of `skip` does. */
export type Page = { readonly after?: number | undefined; readonly skip: number; readonly limit: number };

export type Query<T> = Page & {
  readonly where?: Where<T>;
  readonly newestFirst?: boolean;
  /** Rows one of whose fields contains the text, whatever its case. */
  readonly search?: { readonly text: string; readonly in: readonly (keyof T & string)[] } | undefined;
};

/** Plain records without rules of their own, in the order of their ids. */
export interface Table<T extends { readonly id: number }> {
  add(draft: Omit<T, "id">): Promise<T>;
  /** Null, and nothing stored, where a unique key of the draft is taken. */
  addNew(draft: Omit<T, "id">): Promise<T | null>;
  find(id: number): Promise<T | null>;
  /** The newest that fits. */
  findBy(where: Where<T>): Promise<T | null>;
  list(query: Query<T>): Promise<T[]>;
  /** Changes every row that fits and gives them as they are now: the atomic check-and-act. */
  change(where: Where<T>, changes: Changes<T>): Promise<T[]>;
  /** Gives what was removed. */
  remove(where: Where<T>): Promise<T[]>;
  count(where: Where<T>): Promise<number>;
}

export interface Sessions extends Table<Session> {
  /** The active user of a session that is not revoked: one read for each request. */
  holder(sessionId: number): Promise<User | null>;
  /** Forgets those begun before that time that no refresh token can continue. */
  sweep(before: string): Promise<void>;
}

export interface Conversations extends Table<Conversation> {
  /**
   * Keeps what was said, one message or more, in that order, and counts it; one statement, so that turns at once come one after
   * the other, each to the end of its transaction. False, and nothing stored, where there is no such conversation.
   */
  keep(id: number, said: readonly Pick<ConversationMessage, "role" | "text">[], at: string): Promise<boolean>;
}

export interface Homeworks extends Table<Homework> {
  /** Published, and of a course that the learner is enrolled in or assigned to them; newest first. */
  listForLearner(userId: number, page: Page & { lessonId?: number | undefined }): Promise<Homework[]>;
  /** Of the teacher's own courses; newest first. */
  listForTeacher(teacherId: number, page: Page & { lessonId?: number | undefined }): Promise<Homework[]>;
}

/** Lists leave `recognition` and `analysis` null: of a long reading they are half a megabyte. `find` gives them. */
export interface Submissions extends Table<Submission> {
  /** The user's newest attempt at each of the homeworks. */
  latest(userId: number, homeworkIds: readonly number[]): Promise<Submission[]>;
}

/** Lists leave `words` null; `find` gives them. */
export type PronunciationAttempts = Table<PronunciationAttempt>;
