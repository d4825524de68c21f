import type { Actor } from "../domain/access.ts";
import type { AuditEntry } from "../domain/audit.ts";
import type { Stores } from "./ports/mod.ts";

/** Writes down who changed what, in the transaction that changes it. */
export async function audit(
  { audit }: Pick<Stores, "audit">,
  actor: Actor | null,
  action: string,
  subject: string,
  at: Date,
  details: AuditEntry["details"] = {},
): Promise<void> {
  await audit.add({ actor_id: actor?.id ?? null, action, subject, details, created_at: at.toISOString() });
}
