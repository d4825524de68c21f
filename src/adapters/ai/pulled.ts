/**
 * What `run` pushes, to be pulled one by one. Leaving the loop aborts the signal that `run` was given; an abort of the
 * caller's ends the loop at once.
 */
export async function* pulled<T>(
  run: (push: (piece: T) => void, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const leaving = new AbortController();
  const waiting: { piece: T }[] = [];
  let wake = () => {};
  let over: { error?: unknown } | undefined;
  const end = (outcome: { error?: unknown }) => {
    over = outcome;
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
      const next = waiting.shift();
      if (next && !signal?.aborted) yield next.piece;
      else if (over && "error" in over) throw over.error;
      else if (over) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    leaving.abort();
  }
}
