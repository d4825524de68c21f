import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Quotas } from "../../application/ports/quotas.ts";
import type { Quota, Spending } from "../../domain/quotas.ts";
import type { Database } from "./connect.ts";

/** Counters and the records of what was taken from them: each call is one statement, so neither is ever without the other. */
export function postgresQuotas(db: Kysely<Database>): Quotas {
  const release = async (which: RawBuilder<unknown>, used: number): Promise<number> => {
    const { rows } = await sql<{ settled: number }>`
      with held as (
        select id, amount from spendings where state = 'reserved' and ${which} order by id for update
      ), settled as (
        update spendings set state = ${used > 0 ? "spent" : "returned"}, amount = ${used}
        from held where spendings.id = held.id
        returning spendings.user_id, spendings.meter, spendings.period, held.amount - ${used}::int as unused
      ), sums as (
        select user_id, meter, period, sum(unused)::int as unused from settled group by user_id, meter, period
      ), counted as (
        update quotas set remaining = quotas.remaining + sums.unused from sums
        where quotas.user_id = sums.user_id and quotas.meter = sums.meter and quotas.period = sums.period
      )
      select count(*) as settled from settled`.execute(db);
    return rows[0]?.settled ?? 0;
  };

  return {
    of: async (userId) => (await sql<Quota>`select * from quotas where user_id = ${userId}`.execute(db)).rows,
    take: async ({ user_id, meter, amount, allowance, renews_at, purpose, request_id, lease_until, now }) => {
      // A counter that is not there, or whose period is over, begins with the allowance.
      const over = sql`quotas.renews_at <= ${now}::timestamptz`;
      const there = sql`(case when ${over} then ${allowance}::int else quotas.remaining end)`;
      const { rows } = await sql<Spending>`
        with taken as (
          insert into quotas (user_id, meter, allowance, remaining, source, period, renews_at)
          select ${user_id}::int, ${meter}::text, ${allowance}::int, greatest(0, ${allowance}::int - ${amount}::int), 'plan', 1,
            ${renews_at}::timestamptz
          where ${allowance}::int >= ${amount}::int
            or exists (select from quotas where user_id = ${user_id} and meter = ${meter})
          on conflict (user_id, meter) do update set
            remaining = ${there} - ${amount}::int,
            allowance = case when ${over} then ${allowance}::int else quotas.allowance end,
            source = case when ${over} then 'plan' else quotas.source end,
            period = quotas.period + case when ${over} then 1 else 0 end,
            renews_at = case when ${over} then ${renews_at}::timestamptz else quotas.renews_at end
          where ${there} >= ${amount}::int
          returning user_id, meter, period
        )
        insert into spendings (user_id, meter, amount, period, state, purpose, request_id, lease_until, created_at)
        select user_id, meter, ${amount}::int, period, 'reserved', ${purpose}::text, ${request_id}::text,
          ${lease_until}::timestamptz, ${now}::timestamptz
        from taken returning *`.execute(db);
      return rows[0] ?? null;
    },
    settle: async (id, used) => (await release(sql`id = ${id}`, used)) === 1,
    sweep: (before) => release(sql`lease_until < ${before}::timestamptz`, 0),
    grant: async ({ user_id, meter, allowance, remaining, renews_at }) => {
      const { rows } = await sql<Quota>`
        insert into quotas (user_id, meter, allowance, remaining, source, period, renews_at)
        values (${user_id}, ${meter}, ${allowance}, ${remaining}, 'grant', 1, ${renews_at})
        on conflict (user_id, meter) do update set allowance = excluded.allowance, remaining = excluded.remaining,
          source = 'grant', period = quotas.period + 1, renews_at = excluded.renews_at
        returning *`.execute(db);
      const [row] = rows;
      if (!row) throw new Error("quotas: an insert returned nothing");
      return row;
    },
  };
}
