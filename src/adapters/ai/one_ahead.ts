/**
 * Pieces of sound in order, each one made while the one before it is listened to. `nth` gives undefined behind the last one;
 * the end of the loop, whatever ends it, aborts `left`.
 */
export async function* oneAhead(
  first: Uint8Array,
  nth: (i: number) => Promise<Uint8Array> | undefined,
  left: AbortController,
): AsyncGenerator<Uint8Array> {
  const ahead = (i: number) => {
    const piece = nth(i);
    // Its failure is told when its turn comes, which may be never.
    piece?.catch(() => {});
    return piece;
  };
  try {
    let next = ahead(1);
    yield first;
    for (let i = 2; next; i++) {
      const piece = await next;
      next = ahead(i);
      yield piece;
    }
  } finally {
    left.abort(new Error("nobody listens"));
  }
}
