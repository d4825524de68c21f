import { AppError } from "../domain/errors.ts";
import type { StoredAnswer } from "../domain/idempotency.ts";
import type { Ports, Stores } from "./ports/mod.ts";

const KEPT_MS = 24 * 60 * 60_000;
// After it a process that never answered is taken for dead, and another may claim the key. Renewed while the work goes on.
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

export type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
type Request = Pick<StoredAnswer, "user_id" | "key" | "fingerprint">;

/** Holds the key until somebody takes it over, who writes another lease: one of these is stored, the last or the one before. */
export type Claim = { readonly id: number; readonly leases: readonly string[] };

const leaseFrom = (now: Date): string => new Date(now.getTime() + LEASE_MS).toISOString();
const claimOf = ({ id, lease_until }: StoredAnswer): Claim => ({ id, leases: [lease_until] });

/** Keeps the answer to what was made, inside the transaction that makes it. */
export type Receipt<T> = (stores: Stores, made: T) => Promise<void>;
export const noReceipt = async (): Promise<void> => {};

/** The first answer where there is one, else a claim on the key: whoever holds it answers. */
export const claimAnswer =
  ({ answers, clock }: Pick<Ports, "answers" | "clock">) =>
  async (request: Request): Promise<{ answer: Answer } | { claim: Claim }> => {
    const now = clock.now();
    const lease_until = leaseFrom(now);
    const draft = {
      ...request,
      status: null,
      headers: {},
      body: null,
      lease_until,
      created_at: now.toISOString(),
    };
    const claimed = await answers.addNew(draft);
    if (claimed) return { claim: claimOf(claimed) };

    const busy = new AppError("idempotency_in_progress", { retry_after: 1 });
    const first = await answers.findBy({ user_id: request.user_id, key: request.key });
    if (!first) throw busy;
    if (first.created_at < new Date(now.getTime() - KEPT_MS).toISOString()) {
      // This row and no other: a twin may have claimed the key anew meanwhile.
      await answers.remove({ id: first.id });
      const again = await answers.addNew(draft);
      if (again) return { claim: claimOf(again) };
      throw busy;
    }
    if (first.fingerprint !== request.fingerprint) throw new AppError("idempotency_key_reused");
    if (first.status !== null) return { answer: { status: first.status, headers: first.headers, body: first.body } };

    // Only one of those who wait takes over from a process that died.
    const dead = { id: first.id, status: null, lease_until: first.lease_until };
    const [taken] = first.lease_until < now.toISOString() ? await answers.change(dead, { lease_until }) : [];
    if (taken) return { claim: claimOf(taken) };
    throw busy;
  };

/** Renews a claim until the returned function is called: however long the work takes, it is not taken for dead. */
export function holdClaim(
  { answers, clock }: Pick<Ports, "answers" | "clock">,
  { id, leases: [first = ""] }: Claim,
): { claim: Claim; release(): void } {
  const leases = [first];
  const renewing = setInterval(() => {
    const lease_until = leaseFrom(clock.now());
    const held = { id, status: null, lease_until: { in: [...leases] } };
    // Before it is written: an answer may be kept in between, under the one or the other.
    leases.push(lease_until);
    // One that is missed is made up for by the next: a lease outlives two.
    answers.change(held, { lease_until }).catch(() => {});
  }, RENEW_MS);
  renewing.unref();
  return { claim: { id, leases }, release: () => clearInterval(renewing) };
}

/**
 * Keeps the answer: in the transaction that has the effect, so that neither is there without the other. Whoever was too
 * slow and lost the key to another must not have the effect: it throws, and the transaction is undone.
 */
export async function keepAnswer({ answers }: Pick<Stores, "answers">, claim: Claim, answer: Answer): Promise<void> {
  const { id, leases } = claim;
  const [kept] = await answers.change({ id, lease_until: { in: leases }, status: null }, answer);
  if (!kept) throw new AppError("idempotency_in_progress", { retry_after: 1 });
}

/** What failed is not kept: the key is free again. */
export async function dropClaim({ answers }: Pick<Stores, "answers">, { id, leases }: Claim): Promise<void> {
  await answers.remove({ id, lease_until: { in: leases }, status: null });
}

/** Forgets answers older than a day; at the start of a server that is alone, also the claims of its dead forerunner. */
export const sweepAnswers =
  ({ answers, clock }: Pick<Ports, "answers" | "clock">) =>
  async ({ alone = false } = {}): Promise<void> => {
    const now = clock.now();
    await answers.remove({ created_at: { before: new Date(now.getTime() - KEPT_MS).toISOString() } });
    if (alone) await answers.change({ status: null }, { lease_until: new Date(0).toISOString() });
  };
