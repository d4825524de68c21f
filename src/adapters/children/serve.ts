import { AppError } from "../../domain/errors.ts";
import type { ChildReply } from "./supervisor.ts";

/** The child's side: answers each message of the parent, and ends with it. */
export function serve<Q, R>(answer: (request: Q) => Promise<R>): void {
  process.on("disconnect", () => process.exit(0));
  // A terminal's Ctrl-C reaches the whole group; the parent decides when the child ends.
  process.on("SIGINT", () => {});
  process.on("message", async (request: Q) => {
    const reply: ChildReply<R> = await answer(request).then(
      (value) => ({ ok: true, value }),
      (error: unknown) => {
        if (error instanceof AppError) return { ok: false, code: error.code, params: error.params };
        throw error;
      },
    );
    process.send?.(reply);
  });
}
