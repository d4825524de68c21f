import { AppError } from "../domain/errors.ts";
import type { StoredAnswer } from "../domain/idempotency.ts";
import type { Ports, Stores } from "./ports/mod.ts";

const KEPT_MS = 24 * 60 * 60_000;
// After it a process that never answered is taken for dead, and another may claim the key.
const LEASE_MS = 60_000;

export type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
type Request = Pick<StoredAnswer, "user_id" | "key" | "fingerprint">;

/** Holds the key until somebody takes it over, who writes another lease. */
export type Claim = Pick<StoredAnswer, "id" | "lease_until">;

/** Keeps the answer to what was made, inside the transaction that makes it. */
export type Receipt<T> = (stores: Stores, made: T) => Promise<void>;
export const noReceipt = async (): Promise<void> => {};

/** The first answer where there is one, else a claim on the key: whoever holds it answers. */
export const claimAnswer =
  ({ answers, clock }: Pick<Ports, "answers" | "clock">) =>
  async (request: Request, leaseMs = LEASE_MS): Promise<{ answer: Answer } | { claim: Claim }> => {
    const now = clock.now();
    const lease_until = new Date(now.getTime() + leaseMs).toISOString();
    const draft = {
      ...request,
      status: null,
      headers: {},
      body: null,
      lease_until,
      created_at: now.toISOString(),
    };
    const claimed = await answers.addNew(draft);
    if (claimed) return { claim: claimed };

    const busy = new AppError("idempotency_in_progress", { retry_after: 1 });
    const first = await answers.findBy({ user_id: request.user_id, key: request.key });
    if (!first) throw busy;
    if (first.created_at < new Date(now.getTime() - KEPT_MS).toISOString()) {
      // This row and no other: a twin may have claimed the key anew meanwhile.
      await answers.remove({ id: first.id });
      const again = await answers.addNew(draft);
      if (again) return { claim: again };
      throw busy;
    }
    if (first.fingerprint !== request.fingerprint) throw new AppError("idempotency_key_reused");
    if (first.status !== null) return { answer: { status: first.status, headers: first.headers, body: first.body } };

    // Only one of those who wait takes over from a process that died.
    const dead = { id: first.id, status: null, lease_until: first.lease_until };
    const [taken] = first.lease_until < now.toISOString() ? await answers.change(dead, { lease_until }) : [];
    if (taken) return { claim: taken };
    throw busy;
  };

/**
 * Keeps the answer: in the transaction that has the effect, so that neither is there without the other. Whoever was too
 * slow and lost the key to another must not have the effect: it throws, and the transaction is undone.
 */
export async function keepAnswer({ answers }: Pick<Stores, "answers">, claim: Claim, answer: Answer): Promise<void> {
  const { id, lease_until } = claim;
  const [kept] = await answers.change({ id, lease_until, status: null }, answer);
  if (!kept) throw new AppError("idempotency_in_progress", { retry_after: 1 });
}

/** What failed is not kept: the key is free again. */
export async function dropClaim({ answers }: Pick<Stores, "answers">, { id, lease_until }: Claim): Promise<void> {
  await answers.remove({ id, lease_until, status: null });
}

/** Forgets answers older than a day; at the start of a server that is alone, also the claims of its dead forerunner. */
export const sweepAnswers =
  ({ answers, clock }: Pick<Ports, "answers" | "clock">) =>
  async ({ alone = false } = {}): Promise<void> => {
    const now = clock.now();
    await answers.remove({ created_at: { before: new Date(now.getTime() - KEPT_MS).toISOString() } });
    if (alone) await answers.change({ status: null }, { lease_until: new Date(0).toISOString() });
  };
