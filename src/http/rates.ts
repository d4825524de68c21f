import type { Context } from "hono";
import { rateLimiter } from "hono-rate-limiter";
import type { RateCounts } from "../application/ports/system.ts";
import { AppError } from "../domain/errors.ts";
import type { Env } from "./env.ts";

const MINUTE_MS = 60_000;

/** A user by their id, anyone else by the address the connection came from. */
function whose(c: Context<Env>): string {
  const actor = c.get("actor");
  return actor ? `user ${actor.id}` : `address ${c.get("address")}`;
}

/** hono-rate-limiter decides and writes the headers; the counts are a port: its own store miscounts bursts, and servers share them. */
export const limiter = (rates: RateCounts, multiplier: number) =>
  rateLimiter<Env>({
    windowMs: MINUTE_MS,
    limit: (c) => c.get("rate").perMinute * multiplier,
    keyGenerator: (c) => `${c.get("rate").name} ${whose(c)}`,
    store: {
      increment: (key) => rates.hit(key, MINUTE_MS),
      decrement: () => {},
      resetKey: (key) => rates.forget(key, MINUTE_MS),
    },
    handler: (c) => {
      throw new AppError("rate_limited", { retry_after: Number(c.res.headers.get("retry-after") ?? 60) });
    },
  });

/** A second limit beside the route's, on a key that only the body tells. */
export async function limitKey(rates: RateCounts, key: string, perMinute: number, now: Date): Promise<void> {
  const { totalHits, resetTime } = await rates.hit(key, MINUTE_MS);
  if (totalHits > perMinute)
    throw new AppError("rate_limited", { retry_after: Math.ceil((resetTime.getTime() - now.getTime()) / 1000) });
}

/**
 * The address that a client cannot forge: the connection's own, or, behind so many proxies of ours, the one that the
 * outermost of them saw. Each proxy appends what it saw to `X-Forwarded-For`.
 */
export function addressOf(c: Context<Env>, trustedProxies: number): string {
  const direct = c.env?.requestIP?.(c.req.raw)?.address ?? "unknown";
  if (trustedProxies === 0) return direct;
  const seen = (c.req.header("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  return seen.at(-trustedProxies) || direct;
}
