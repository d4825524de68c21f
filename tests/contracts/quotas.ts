import { describe, expect, test } from "bun:test";
import type { Stores } from "../../src/application/ports/mod.ts";
import type { Taking } from "../../src/application/ports/quotas.ts";
import { person } from "./tables.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const NEXT = "2026-01-31T19:00:00.000Z";

const one: Taking = {
  user_id: 1,
  meter: "stt",
  amount: 1,
  allowance: 5,
  renews_at: NEXT,
  purpose: "test",
  request_id: "r-1",
  lease_until: at(1),
  now: at(0),
};

/** What every Quotas adapter must do. `open` gives fresh, empty stores. */
export function quotasContract(name: string, open: () => Promise<Stores>) {
  const opened = async () => {
    const stores = await open();
    for (const email of ["a@example.com", "b@example.com"]) await stores.users.add(person(email));
    const left = async (user = 1) => (await stores.quotas.of(user)).find(({ meter }) => meter === "stt")?.remaining;
    return { ...stores, left };
  };

  describe(`${name} keeps the Quotas contract`, () => {
    test("a counter begins with the allowance at its first use, and each use is written down", async () => {
      const { quotas, spendings, left } = await opened();
      expect(await quotas.of(1)).toEqual([]);
      const taken = await quotas.take({ ...one, amount: 2 });
      const { user_id, meter, amount, purpose, request_id, lease_until } = { ...one, amount: 2 };
      const written = { user_id, meter, amount, purpose, request_id, lease_until, period: 1, state: "reserved" };
      expect(taken).toMatchObject({ ...written, created_at: at(0) });
      expect(await spendings.find(taken?.id ?? 0)).toEqual(taken);
      expect(await left()).toBe(3);
      expect(await left(2)).toBeUndefined();
    });

    test("what is not there is refused, and nothing is taken or written", async () => {
      const { quotas, spendings, left } = await opened();
      expect(await quotas.take({ ...one, amount: 6 })).toBeNull();
      expect(await quotas.of(1)).toEqual([]);
      await quotas.take({ ...one, amount: 4 });
      expect(await quotas.take({ ...one, amount: 2 })).toBeNull();
      expect(await left()).toBe(1);
      expect(await spendings.count({})).toBe(1);
      expect(await quotas.take({ ...one, user_id: 2, amount: 5 })).not.toBeNull();
    });

    test("no unit is sold twice, however many come at once", async () => {
      const { quotas, spendings, left } = await opened();
      const taken = await Promise.all(Array.from({ length: 40 }, () => quotas.take(one)));
      expect(taken.filter((spending) => spending !== null)).toHaveLength(5);
      expect(await left()).toBe(0);
      expect(await spendings.count({ state: "reserved" })).toBe(5);
    });

    test("a reservation is settled once: for all of it, for a part, or for nothing", async () => {
      const { quotas, spendings, left } = await opened();
      const ids: number[] = [];
      for (const amount of [1, 2, 2]) ids.push((await quotas.take({ ...one, amount }))?.id ?? 0);
      const [whole = 0, part = 0, nothing = 0] = ids;
      expect(await quotas.settle(whole, 1)).toBe(true);
      expect(await quotas.settle(part, 1)).toBe(true);
      expect(await quotas.settle(nothing, 0)).toBe(true);
      for (const id of [...ids, 404]) expect(await quotas.settle(id, 0)).toBe(false);
      expect(await left()).toBe(3);
      const rows = await spendings.list({ skip: 0, limit: 10 });
      expect(rows.map(({ state, amount }) => [state, amount])).toEqual([
        ["spent", 1],
        ["spent", 1],
        ["returned", 0],
      ]);
    });

    test("settled by two at once, it is settled once", async () => {
      const { quotas, left } = await opened();
      const { id = 0 } = (await quotas.take({ ...one, amount: 3 })) ?? {};
      const settled = await Promise.all([quotas.settle(id, 0), quotas.settle(id, 0), quotas.sweep(at(5))]);
      expect(settled.filter((one) => one === true || one === 1)).toHaveLength(1);
      expect(await left()).toBe(5);
    });

    test("sweep() gives back what nobody settled, and leaves what is young or settled", async () => {
      const { quotas, left } = await opened();
      await quotas.settle((await quotas.take(one))?.id ?? 0, 1);
      for (const minute of [1, 2, 9]) await quotas.take({ ...one, lease_until: at(minute) });
      expect(await quotas.sweep(at(5))).toBe(2);
      expect(await quotas.sweep(at(5))).toBe(0);
      expect(await left()).toBe(3);
    });

    test("a period that is over begins anew when it is used, and nothing of the old one comes into it", async () => {
      const { quotas, left } = await opened();
      const old = await quotas.take({ ...one, amount: 4 });
      const later = {
        ...one,
        now: NEXT,
        renews_at: "2026-02-28T19:00:00.000Z",
        lease_until: "2026-02-01T00:00:00.000Z",
      };
      expect(await quotas.take({ ...later, amount: 3 })).toMatchObject({ period: 2 });
      expect(await left()).toBe(2);
      expect(await quotas.settle(old?.id ?? 0, 0)).toBe(true);
      expect(await left()).toBe(2);
      expect(await quotas.of(1)).toMatchObject([{ allowance: 5, period: 2, renews_at: later.renews_at }]);
    });

    test("grant() sets the counter whatever is reserved of it, also above the allowance", async () => {
      const { quotas, left } = await opened();
      const reserved = await quotas.take({ ...one, amount: 4 });
      const grant = { user_id: 1, meter: "stt", allowance: 90, remaining: 90, renews_at: NEXT } as const;
      expect(await quotas.grant(grant)).toMatchObject({ ...grant, source: "grant" });
      await quotas.settle(reserved?.id ?? 0, 0);
      expect(await left()).toBe(90);
      expect(await quotas.take({ ...one, amount: 60 })).not.toBeNull();
      expect(await quotas.take({ ...one, amount: 31 })).toBeNull();
      await quotas.grant({ ...grant, user_id: 2, allowance: 0, remaining: 0 });
      expect(await quotas.take({ ...one, user_id: 2 })).toBeNull();
    });

    test("the four counters of a user are apart, as are those of users", async () => {
      const { quotas } = await opened();
      await quotas.take({ ...one, meter: "tts", allowance: 100, amount: 70 });
      await quotas.take({ ...one, meter: "llm", amount: 5 });
      await quotas.take({ ...one, user_id: 2, meter: "llm", amount: 2 });
      const left = (await quotas.of(1)).map(({ meter, remaining }) => `${meter} ${remaining}`).sort();
      expect(left).toEqual(["llm 0", "tts 30"]);
    });
  });
}
