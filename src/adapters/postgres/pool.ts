import { ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import type { Pool, PoolClient } from "pg";
import { AppError } from "../../domain/errors.ts";

// A server that is away is found out once, and then asked now and then: whoever calls meanwhile is told at once, also
// by the second and third statement of a call whose first one has waited for nothing.

const ASK_AGAIN_MS = 500;

// Postgres' codes of a server that is away or asks to come back (class 08 and 57P), and the operating system's.
const AWAY_CODE = /^(08|57P|ECONN|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EPIPE|EAI_AGAIN|ENOENT)/;
// The driver's own errors have no code.
const AWAY_WORDS = /Connection terminated|connection error and is not queryable|Query read timeout/;
// Every connection is lent out or taken by others: no sign that those that are there do not work.
const NO_PLACE = /timeout exceeded when trying to connect|too many (clients|connections)|connection slots are reserved/;

const isAway = (error: unknown): boolean =>
  error instanceof Error && (("code" in error && AWAY_CODE.test(String(error.code))) || AWAY_WORDS.test(error.message));

/** Kysely's pool over pg's. What is away is `not_ready`, which asks the caller to come back. */
export function guardedPool(pool: Pool): PostgresPool {
  const breaker = circuitBreaker(handleWhen(isAway), {
    halfOpenAfter: ASK_AGAIN_MS,
    breaker: new ConsecutiveBreaker(1),
  });
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await breaker.execute(work);
    } catch (error) {
      // Broken off by us, found out now, or every connection busy for too long.
      const isOpen = error instanceof Error && "isBrokenCircuitError" in error;
      if (!isOpen && !isAway(error) && !(error instanceof Error && NO_PLACE.test(error.message))) throw error;
      throw new AppError("not_ready", { retry_after: 5 }, { cause: error });
    }
  };
  // Kysely knows a connection again by its client.
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  const guarded = (client: PoolClient): PostgresPoolClient => {
    let isBroken = false;
    const query = (text: string, parameters: readonly unknown[]) =>
      asked(() => client.query(text, [...parameters])).catch((error) => {
        // Its answer may still come, and would be taken for the next one's.
        if (error instanceof AppError) isBroken = true;
        throw error;
      });
    return {
      // Safe because Kysely calls it the other way, with a cursor, only where one is configured.
      query: query as unknown as PostgresPoolClient["query"],
      release: (destroy = false) => client.release(destroy || isBroken),
    };
  };
  return {
    options: pool.options,
    connect: async () => {
      const client = await asked(() => pool.connect());
      const same = known.get(client) ?? guarded(client);
      known.set(client, same);
      return same;
    },
    end: () => pool.end(),
  };
}
