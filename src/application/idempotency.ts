import { AppError } from "../domain/errors.ts";
import type { StoredAnswer } from "../domain/idempotency.ts";
import type { Ports, Stores } from "./ports/mod.ts";

const KEPT_MS = 24 * 60 * 60_000;
// Longer than any request may take; after it the process that had claimed the key is taken for dead.
const LEASE_MS = 60_000;

export type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
type Request = Pick<StoredAnswer, "user_id" | "key" | "fingerprint">;

/** The first answer where there is one, else a claim on the key: whoever holds it answers. */
export const claimAnswer =
  ({ answers, clock }: Pick<Ports, "answers" | "clock">) =>
  async (request: Request): Promise<{ answer: Answer } | { claim: number }> => {
    const now = clock.now();
    const lease_until = new Date(now.getTime() + LEASE_MS).toISOString();
    const draft = {
      ...request,
      status: null,
      headers: {},
      body: null,
      lease_until,
      created_at: now.toISOString(),
    };
    const claimed = await answers.addNew(draft);
    if (claimed) return { claim: claimed.id };

    const { user_id, key } = request;
    const first = await answers.findBy({ user_id, key });
    if (!first || first.created_at < new Date(now.getTime() - KEPT_MS).toISOString()) {
      await answers.remove({ user_id, key });
      const again = await answers.addNew(draft);
      if (again) return { claim: again.id };
      throw new AppError("idempotency_in_progress", { retry_after: 1 });
    }
    if (first.fingerprint !== request.fingerprint) throw new AppError("idempotency_key_reused");
    if (first.status !== null) return { answer: { status: first.status, headers: first.headers, body: first.body } };

    // Only one of those who wait takes over from a process that died.
    const dead = { id: first.id, status: null, lease_until: first.lease_until };
    const [taken] = first.lease_until < now.toISOString() ? await answers.change(dead, { lease_until }) : [];
    if (taken) return { claim: taken.id };
    throw new AppError("idempotency_in_progress", { retry_after: 1 });
  };

/** Keeps the answer: in the transaction that has the effect, so that neither is there without the other. */
export async function keepAnswer({ answers }: Pick<Stores, "answers">, claim: number, answer: Answer): Promise<void> {
  await answers.change({ id: claim, status: null }, answer);
}

/** What failed is not kept: the key is free again. */
export async function dropClaim({ answers }: Pick<Stores, "answers">, claim: number): Promise<void> {
  await answers.remove({ id: claim, status: null });
}

/** Forgets answers older than a day; at the start of a server that is alone, also the claims of its dead forerunner. */
export const sweepAnswers =
  ({ answers, clock }: Pick<Ports, "answers" | "clock">) =>
  async ({ alone = false } = {}): Promise<void> => {
    const now = clock.now();
    await answers.remove({ created_at: { before: new Date(now.getTime() - KEPT_MS).toISOString() } });
    if (alone) await answers.change({ status: null }, { lease_until: new Date(0).toISOString() });
  };
