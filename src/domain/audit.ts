/** Who changed what. `subject` is a kind and an id: `submission:55`. */
export type AuditEntry = {
  readonly id: number;
  readonly actor_id: number | null;
  readonly action: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly created_at: string;
};
