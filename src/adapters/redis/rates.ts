import { createHash } from "node:crypto";
import { ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import { type ClientRateLimitInfo, type RedisClient, RedisStore } from "hono-rate-limiter";
import type { Redis } from "ioredis";
import type { RateCounts } from "../../application/ports/system.ts";
import type { RedisConnection } from "./connect.ts";

/** After a failure: how long counts stay in the process before Redis is asked again. */
const AWAY_MS = 5000;

/**
 * Counts in Redis, so that all processes share them: exact, however many count at once. While Redis is away, `local`
 * counts for this process alone, and what it counted is forgotten when Redis is back.
 */
export function redisRates({ commands, space }: RedisConnection, local: RateCounts): RateCounts {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: AWAY_MS, breaker: new ConsecutiveBreaker(1) });
  const stores = new Map<number, RedisStore>();
  const storeOf = (windowMs: number): RedisStore => {
    const known = stores.get(windowMs);
    if (known) return known;
    const store = new RedisStore({ client: scriptsOf(commands), prefix: `${space}:rate:${windowMs}:` });
    // Of all that a limiter is set to, the store reads the window alone.
    store.init({ windowMs } as Parameters<typeof store.init>[0]);
    stores.set(windowMs, store);
    return store;
  };
  // A limit is no reason to refuse a call: whatever is wrong with Redis, this process goes on counting by itself.
  const shared = <T>(inRedis: () => Promise<T>, here: () => Promise<T>): Promise<T> =>
    breaker.execute(inRedis).catch(here);
  return {
    hit: (key, windowMs) =>
      shared(
        async () => told(await storeOf(windowMs).increment(key), windowMs),
        () => local.hit(key, windowMs),
      ),
    seen: (key, windowMs) =>
      shared(
        async () => {
          const counted = await storeOf(windowMs).get(key);
          // Where nobody has counted, the store makes no number of that.
          return told(counted?.totalHits ? counted : { totalHits: 0 }, windowMs);
        },
        () => local.seen(key, windowMs),
      ),
    forget: async (key, windowMs) => {
      await local.forget(key, windowMs);
      await shared(
        () => storeOf(windowMs).resetKey(key),
        async () => {},
      );
    },
  };
}

/** A window that nobody has counted in begins with the next hit. */
const told = ({ totalHits, resetTime }: ClientRateLimitInfo, windowMs: number) => ({
  totalHits,
  resetTime: resetTime ?? new Date(Date.now() + windowMs),
});

/**
 * What the store asks of its client. It loads its scripts once and, for reading, never again: a Redis that was away at
 * the start, or came back empty, would be asked for what it does not know. So a script goes along where it is missing.
 */
function scriptsOf(redis: Redis): RedisClient {
  const texts = new Map<string, string>();
  return {
    scriptLoad: async (script) => {
      const sha = createHash("sha1").update(script).digest("hex");
      texts.set(sha, script);
      return sha;
    },
    evalsha: async (sha, keys, args) => {
      const words = [...keys, ...args.map(String)];
      try {
        return (await redis.evalsha(sha, keys.length, ...words)) as never;
      } catch (error) {
        const text = texts.get(sha);
        if (!text || !String(error).includes("NOSCRIPT")) throw error;
        return (await redis.eval(text, keys.length, ...words)) as never;
      }
    },
    decr: (key) => redis.decr(key),
    del: (key) => redis.del(key),
  };
}
