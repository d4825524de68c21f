import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  isBrokenCircuitError,
  retry,
} from "cockatiel";
import { AppError } from "../../domain/errors.ts";
import { pulled } from "./pulled.ts";
import { type Failure, failure, failureOf, fateOf, isFailure } from "./vendor_failure.ts";

/** How long and how often a vendor is asked; milliseconds. Tests ask for less. */
export type Patience = {
  /** For a whole call, all its tries and the waiting between them. */
  readonly budgetMs?: number;
  /** Before the second try, and three times as long before the third. */
  readonly backoffMs?: number;
  /** A vendor that failed `openAfter` calls in a row is left alone for so long. */
  readonly openMs?: number;
  readonly openAfter?: number;
};

type Asked = { readonly signal?: AbortSignal | undefined };

export type Vendor = {
  /** One call with one answer. `work` gives up when its signal says so, and throws a `Failure` for what it knows. */
  call<T>(work: (signal: AbortSignal) => Promise<T>, asked?: Asked): Promise<T>;
  /**
   * One call with an answer in pieces. It is read as fast as it comes, so that a slow listener takes none of the vendor's time.
   * Once a piece has come, nothing is repeated; leaving the loop ends the call.
   */
  pieces<T>(work: (signal: AbortSignal) => AsyncIterable<T>, asked?: Asked): AsyncGenerator<T>;
  /** Ends what is under way. */
  stop(): Promise<void>;
};

const TRIES = 3;
/** A vendor that asks for more is not waited for: the caller hears of it instead. */
const SHORT_S = 5;
/** What a caller is told where the vendor says nothing. */
const COME_BACK_S = 5;
const LONGEST_WAIT_S = 3600;
/** Pieces of one answer. Nobody asked for more, and one that never ends must not fill the memory. */
const MOST_PIECES = 100_000;

/**
 * Every call to a vendor goes through here: within its time, repeated where that is safe, and not at all while the vendor is
 * known to be down. What fails is an `AppError` with a cause for the log, in which none of the `secrets` stands.
 */
export function vendor(name: string, secrets: readonly string[], patience: Patience = {}): Vendor {
  const { budgetMs = 30_000, backoffMs = 300, openMs = 20_000, openAfter = 5 } = patience;
  const breaker = circuitBreaker(
    handleWhen((error) => isFailure(error) && fateOf(error).counts),
    { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(openAfter) },
  );
  let openedAt = 0;
  breaker.onBreak(() => {
    openedAt = Date.now();
  });
  const leftAlone = () => {
    const wait_s = Math.max(1, (openedAt + openMs - Date.now()) / 1000);
    return failure("away", "left alone after failing too often", { wait_s });
  };
  const underWay = new Set<AbortController>();

  const told = (error: unknown): AppError => {
    const seen = isBrokenCircuitError(error) ? leftAlone() : failureOf(error);
    const { code } = fateOf(seen);
    const words = secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, "***"), seen.message);
    const wait_s = Math.ceil(Math.min(LONGEST_WAIT_S, Math.max(1, seen.wait_s ?? COME_BACK_S)));
    const params = code === "ai_overloaded" || code === "ai_unavailable" ? { retry_after: wait_s } : {};
    return new AppError(code, params, { cause: new Error(`${name}: ${words}`) });
  };

  /** All of one call. Once `isBegun`, nothing is repeated. */
  const run = async <T>(
    work: (signal: AbortSignal) => Promise<T>,
    { signal }: Asked = {},
    isBegun = () => false,
  ): Promise<T> => {
    const end = new AbortController();
    const abort = () => end.abort(failure("aborted", "given up by whoever asked"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    const deadline = performance.now() + budgetMs;
    const timer = setTimeout(() => end.abort(failure("late", `no answer within ${budgetMs} ms`)), budgetMs);
    underWay.add(end);
    const waitMs = (error: Failure, attempt: number) =>
      error.wait_s === undefined ? backoffMs * 3 ** (attempt - 1) * (0.75 + Math.random() / 2) : error.wait_s * 1000;
    const mayRepeat = (error: unknown) => {
      if (!isFailure(error) || !fateOf(error).repeat || isBegun() || end.signal.aborted) return false;
      return (error.wait_s ?? 0) <= SHORT_S && performance.now() + waitMs(error, TRIES - 1) < deadline;
    };
    const tries = retry(handleWhen(mayRepeat), {
      maxAttempts: TRIES - 1,
      backoff: new DelegateBackoff(({ attempt, result }) =>
        "error" in result && isFailure(result.error) ? waitMs(result.error, attempt) : backoffMs,
      ),
    });
    const attempt = async () => {
      end.signal.throwIfAborted();
      try {
        return await work(end.signal);
      } catch (error) {
        throw end.signal.aborted ? end.signal.reason : failureOf(error);
      }
    };
    try {
      end.signal.throwIfAborted();
      // Whoever comes while one call tries whether the vendor is back need not wait for what that one finds.
      if (breaker.state === CircuitState.HalfOpen) throw leftAlone();
      return await breaker.execute(() => orEnded(tries.execute(attempt), end.signal));
    } catch (error) {
      throw told(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      underWay.delete(end);
      // Whatever of it still waits or is unread.
      end.abort(failure("aborted", "over"));
    }
  };

  return {
    call: run,
    pieces: (work, { signal } = {}) =>
      pulled(async (push, ended) => {
        let count = 0;
        const gather = async (end: AbortSignal) => {
          for await (const piece of work(end)) {
            end.throwIfAborted();
            if (++count > MOST_PIECES) throw failure("garbled", "the answer does not end");
            push(piece);
          }
        };
        await run(gather, { signal: ended }, () => count > 0);
      }, signal),
    stop: async () => {
      for (const end of underWay) end.abort(failure("aborted", "the server stops"));
    },
  };
}

/** Its own outcome, or the signal's reason if that comes first. */
function orEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", end));
}
