import type { Submission } from "../domain/homework.ts";
import type { Transaction } from "./ports/mod.ts";
import type { Signals } from "./ports/system.ts";
import type { Changes } from "./ports/tables.ts";

/** One step of a submission, with its event. Null, and nothing changed, where it is not in the state it was read in. */
export async function changeSubmission(
  stores: Transaction,
  { id, status, version }: Submission,
  changes: Changes<Submission>,
  at: string,
): Promise<Submission | null> {
  const [changed] = await stores.submissions.change(
    { id, status, version },
    { ...changes, version: version + 1, updated_at: at },
  );
  if (!changed) return null;
  await stores.submissionEvents.add({
    submission_id: id,
    status: changed.status,
    version: changed.version,
    created_at: at,
  });
  return changed;
}

/** After the commit: whoever watches the submission or their notices looks again. */
export function tellChange(signals: Signals, { id, user_id }: Submission): void {
  signals.wake(`submission ${id}`);
  signals.wake(`notices ${user_id}`);
}
