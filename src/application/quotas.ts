import { type Actor, holds } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import {
  FREE_PLAN,
  METER_NAMES,
  METERS,
  type Meter,
  renewalAfter,
  type Spending,
  type Standing,
  standing,
} from "../domain/quotas.ts";
import { audit } from "./audit.ts";
import type { Ports, Stores } from "./ports/mod.ts";

/** After it whoever reserved is taken for dead; renewed while the work goes on. With the sweep it is below two minutes. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

type Amounts = Readonly<Partial<Record<Meter, number>>>;
type Spender = { readonly actor: Actor; readonly purpose: string; readonly requestId: string };
type Counting = Pick<Ports, "atomically" | "quotas" | "spendings" | "clock" | "log">;

/** What was reserved for one piece of work. It is settled once, whichever of the two is called first. */
export type Bill = {
  /** The work is done and cost so much: called in the transaction that has the effect. What is not named is given back. */
  pay(stores: Pick<Stores, "quotas">, used: Amounts): Promise<void>;
  /** Whether `pay` was called; its transaction may have been undone since. */
  isPaid(): boolean;
  /** The work failed, or its transaction was undone. Never throws: what cannot be given back now is swept later. */
  giveBack(): Promise<void>;
};

const FREE: Bill = { pay: async () => {}, isPaid: () => true, giveBack: async () => {} };

const lease = (now: Date): string => new Date(now.getTime() + LEASE_MS).toISOString();

/**
 * Takes from each counter what the work may cost, or nothing at all; refuses with `quota_exceeded`. Admins are not limited.
 * Whoever gets the bill settles it.
 */
export const reserve =
  (ports: Counting) =>
  async ({ actor, purpose, requestId }: Spender, most: Amounts): Promise<Bill> => {
    const wanted = METERS.flatMap((meter) => ((most[meter] ?? 0) > 0 ? [{ meter, amount: most[meter] ?? 0 }] : []));
    if (holds(actor, "admin") || wanted.length === 0) return FREE;
    const now = ports.clock.now();
    const take = async (stores: Pick<Stores, "quotas">, { meter, amount }: (typeof wanted)[number]) => {
      const taken = await stores.quotas.take({
        user_id: actor.id,
        meter,
        amount,
        allowance: FREE_PLAN[meter],
        renews_at: renewalAfter(now),
        purpose,
        request_id: requestId,
        lease_until: lease(now),
        now: now.toISOString(),
      });
      if (!taken) throw await exceeded(stores, actor, meter, amount, now);
      return taken;
    };
    const [only, ...others] = wanted;
    // One counter is one statement; several are one transaction, in an order that is always the same.
    const spendings =
      only && others.length === 0
        ? [await take(ports, only)]
        : await ports.atomically(async (stores) => {
            const all: Spending[] = [];
            for (const each of wanted) all.push(await take(stores, each));
            return all;
          });
    return billOf(ports, spendings);
  };

async function exceeded(
  { quotas }: Pick<Stores, "quotas">,
  { id }: Actor,
  meter: Meter,
  needed: number,
  now: Date,
): Promise<AppError> {
  const stored = (await quotas.of(id)).find((quota) => quota.meter === meter);
  const { limit, remaining, reset_at } = standing(stored ?? null, meter, FREE_PLAN, now);
  return new AppError("quota_exceeded", { quota: METER_NAMES[meter], limit, remaining, needed, reset_at });
}

function billOf({ spendings, quotas, clock, log }: Counting, reserved: readonly Spending[]): Bill {
  const id = { in: reserved.map((spending) => spending.id) };
  const renewing = setInterval(() => {
    // One that is missed is made up for by the next: a lease outlives two.
    spendings.change({ id, state: "reserved" }, { lease_until: lease(clock.now()) }).catch(() => {});
  }, RENEW_MS);
  renewing.unref();
  let paid = false;
  return {
    isPaid: () => paid,
    pay: async (stores, used) => {
      clearInterval(renewing);
      paid = true;
      for (const { id, meter, amount } of reserved) await stores.quotas.settle(id, Math.min(amount, used[meter] ?? 0));
    },
    giveBack: async () => {
      clearInterval(renewing);
      try {
        for (const spending of reserved) await quotas.settle(spending.id, 0);
      } catch (error) {
        log.warn("a reservation is left to the sweep", { message: String(error) });
      }
    },
  };
}

/**
 * Runs the work on the caller's quotas. Work that fails costs nothing; what it pays for, it pays for with its effect: it must
 * not resolve where the transaction in which it paid was undone.
 */
export const onQuota =
  (ports: Counting) =>
  async <T>(spender: Spender, most: Amounts, work: (bill: Bill) => Promise<T>): Promise<T> => {
    const bill = await reserve(ports)(spender, most);
    try {
      const done = await work(bill);
      // Nothing is left of a bill that was paid: settling it once more would be a statement for nothing.
      if (!bill.isPaid()) await bill.giveBack();
      return done;
    } catch (error) {
      await bill.giveBack();
      throw error;
    }
  };

/** Gives back what processes that died had reserved. */
export const sweepQuotas =
  ({ quotas, clock }: Pick<Ports, "quotas" | "clock">) =>
  (): Promise<number> =>
    quotas.sweep(clock.now().toISOString());

/** A user's four counters as they stand now. */
export const usageOf =
  ({ quotas, clock }: Pick<Ports, "quotas" | "clock">) =>
  async (userId: number): Promise<Standing[]> => {
    const stored = await quotas.of(userId);
    const now = clock.now();
    return METERS.map((meter) =>
      standing(stored.find((quota) => quota.meter === meter) ?? null, meter, FREE_PLAN, now),
    );
  };

/** An admin sets what a user has left, until the counters begin anew. */
export const grantQuotas =
  (ports: Pick<Ports, "atomically" | "clock">) =>
  async (actor: Actor, userId: number, left: Amounts): Promise<Standing[]> => {
    const now = ports.clock.now();
    return ports.atomically(async (stores) => {
      if (!(await stores.users.find(userId))) throw new AppError("not_found");
      for (const meter of METERS) {
        const remaining = left[meter];
        if (remaining === undefined) continue;
        const renews_at = renewalAfter(now);
        await stores.quotas.grant({ user_id: userId, meter, allowance: remaining, remaining, renews_at });
      }
      await audit(stores, actor, "quotas.grant", `user:${userId}`, now, left);
      return usageOf({ ...stores, clock: ports.clock })(userId);
    });
  };
