import { AppError } from "../../domain/errors.ts";

/**
 * What `run` pushes, to be pulled one by one; it is gathered as fast as it comes, so that a slow listener takes nobody's
 * time. Leaving the loop, or the caller's signal, aborts the signal that `run` was given; after the caller's nothing more
 * is given, and the loop ends with `run`'s failure, or with `ai_failed` where it had come to its end before.
 */
export async function* pulled<T>(
  run: (push: (piece: T) => void, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const leaving = new AbortController();
  const waiting: { piece: T }[] = [];
  const whole: { over: boolean; error?: unknown } = { over: false };
  let wake = () => {};
  const end = (outcome: { error?: unknown }) => {
    Object.assign(whole, outcome, { over: true });
    wake();
  };
  const push = (piece: T) => {
    waiting.push({ piece });
    wake();
  };
  run(push, signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal).then(
    () => end({}),
    (error: unknown) => end({ error }),
  );
  try {
    while (true) {
      const next = signal?.aborted ? undefined : waiting.shift();
      if (next) yield next.piece;
      else if (whole.over) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    leaving.abort();
  }
  if ("error" in whole) throw whole.error;
  if (waiting.length > 0) throw new AppError("ai_failed", {}, { cause: signal?.reason });
}
