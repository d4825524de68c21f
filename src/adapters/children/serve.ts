import { AppError } from "../../domain/errors.ts";
import type { ChildReply, ToChild } from "./supervisor.ts";

type Call<P> = {
  /** Aborted when nobody waits any more; the call should end soon, in whatever way. */
  readonly signal: AbortSignal;
  /** Says something before the answer. */
  piece(piece: P): void;
};

/** A sentence of ours alone: what a package throws may hold what a learner sent. */
const whyOf = ({ cause }: AppError) => (typeof cause === "string" ? { why: cause } : {});

/** The child's side: answers each message of the parent, and ends with it. */
export function serve<Q, R, P = never>(answer: (request: Q, call: Call<P>) => Promise<R>): void {
  let cancelling = new AbortController();
  const send = (reply: ChildReply<R, P>) => process.send?.(reply);
  process.on("disconnect", () => process.exit(0));
  // A terminal's Ctrl-C reaches the whole group; the parent decides when the child ends.
  process.on("SIGINT", () => {});
  process.on("message", async (message: ToChild<Q>) => {
    // One that comes after the answer meets the controller of a call that is over.
    if ("cancel" in message) return cancelling.abort();
    cancelling = new AbortController();
    const call = { signal: cancelling.signal, piece: (piece: P) => void send({ piece }) };
    const reply: ChildReply<R, P> = await answer(message.request, call).then(
      (value) => ({ ok: true, value }),
      (error: unknown) => {
        if (error instanceof AppError) return { ok: false, code: error.code, params: error.params, ...whyOf(error) };
        throw error;
      },
    );
    send(reply);
  });
}
