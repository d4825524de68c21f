import type { Quotas } from "../../application/ports/quotas.ts";
import type { Quota, Spending } from "../../domain/quotas.ts";
import { memoryTable } from "./tables.ts";

type Spendings = ReturnType<typeof memoryTable<Spending>>;

/** Counters in this process; their records are rows of `spendings`. Nothing here awaits, so each call is atomic. */
export function memoryQuotas(spendings: Spendings): Quotas & { rows: Map<number, Quota> } {
  const table = memoryTable<Quota>([["user_id", "meter"]]);
  const counter = (user_id: number, meter: Quota["meter"]) =>
    [...table.rows.values()].find((row) => row.user_id === user_id && row.meter === meter);
  const write = (row: Omit<Quota, "id">) => {
    const id = counter(row.user_id, row.meter)?.id ?? table.rows.size + 1;
    const stored = { ...row, id };
    table.rows.set(id, stored);
    return stored;
  };
  const record = (draft: Omit<Spending, "id">) => {
    const row = { ...draft, id: spendings.rows.size + 1 };
    spendings.rows.set(row.id, row);
    return row;
  };
  const settle = (id: number, used: number): boolean => {
    const spending = spendings.rows.get(id);
    if (spending?.state !== "reserved") return false;
    spendings.rows.set(id, { ...spending, amount: used, state: used > 0 ? "spent" : "returned" });
    const row = counter(spending.user_id, spending.meter);
    if (row && row.period === spending.period) write({ ...row, remaining: row.remaining + spending.amount - used });
    return true;
  };
  return {
    rows: table.rows,
    of: async (userId) => [...table.rows.values()].filter(({ user_id }) => user_id === userId),
    take: async ({ user_id, meter, amount, allowance, renews_at, purpose, request_id, lease_until, now }) => {
      const stored = counter(user_id, meter);
      const over = !stored || stored.renews_at <= now;
      const begun = over
        ? ({ user_id, meter, allowance, remaining: allowance, source: "plan", renews_at } as const)
        : stored;
      if (begun.remaining < amount) return null;
      const period = stored ? stored.period + (over ? 1 : 0) : 1;
      write({ ...begun, period, remaining: begun.remaining - amount });
      return record({
        user_id,
        meter,
        amount,
        period,
        state: "reserved",
        purpose,
        request_id,
        lease_until,
        created_at: now,
      });
    },
    settle: async (id, used) => settle(id, used),
    sweep: async (before) => {
      const abandoned = [...spendings.rows.values()].filter(
        ({ state, lease_until }) => state === "reserved" && lease_until < before,
      );
      for (const { id } of abandoned) settle(id, 0);
      return abandoned.length;
    },
    grant: async (quota) =>
      write({ ...quota, source: "grant", period: (counter(quota.user_id, quota.meter)?.period ?? 0) + 1 }),
  };
}
