import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
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
// Every connection is lent out: no sign that those that are there do not work.
const NO_PLACE = /timeout exceeded when trying to connect/;
// What the server says of itself, and not of the statement: it has no place or memory left (class 53), it waited for
// another's lock or a slow disk until the time was over (57014, 55P03), or it may only be read for now (25006).
const PASSING_CODE = /^(53|57014|55P03|25006)/;
const NO_ROOM = "53100";

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");

const isAway = (error: unknown): boolean =>
  error instanceof Error && (AWAY_CODE.test(codeOf(error)) || AWAY_WORDS.test(error.message));

/** What will be otherwise after a while, whatever was asked. */
const isPassing = (error: Error): boolean => PASSING_CODE.test(codeOf(error)) || NO_PLACE.test(error.message);

/**
 * Kysely's pool over pg's. What is away, or cannot now, is `not_ready`, which asks the caller to come back; a full disk is
 * `storage_full`. A job waits out either.
 */
export function guardedPool(pool: Pool): PostgresPool {
  const breaker = circuitBreaker(handleWhen(isAway), {
    halfOpenAfter: ASK_AGAIN_MS,
    breaker: new ConsecutiveBreaker(1),
  });
  let failed = Number.NEGATIVE_INFINITY;
  // The breaker counts from the first failure, and has others wait for the one that asks: whoever has just waited for
  // nothing would wait a second time.
  const isLeftAlone = () => breaker.state === CircuitState.HalfOpen || performance.now() - failed < ASK_AGAIN_MS;
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isLeftAlone())
      throw new AppError("not_ready", { retry_after: 5 }, { cause: new Error("the database is away") });
    try {
      return await breaker.execute(work);
    } catch (error) {
      if (isAway(error)) failed = performance.now();
      // Broken off by us, found out now, or every connection busy for too long.
      if (!(error instanceof Error)) throw error;
      if (codeOf(error) === NO_ROOM) throw new AppError("storage_full", {}, { cause: error });
      const isOpen = "isBrokenCircuitError" in error;
      if (!isOpen && !isAway(error) && !isPassing(error)) throw error;
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
