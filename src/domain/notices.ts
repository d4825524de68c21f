/** Words are chosen when it is read, in the reader's language. */
export type NoticeKind =
  | "homework_auto_graded"
  /** Graded automatically, and the teacher wants to look before the learner does. */
  | "homework_checked"
  | "homework_graded"
  | "homework_failed"
  | "homework_assigned";

export type Notice = {
  readonly id: number;
  readonly user_id: number;
  readonly kind: NoticeKind;
  readonly params: Readonly<Record<string, string | number>>;
  readonly read_at: string | null;
  readonly created_at: string;
};
