import { AppError } from "./domain/errors.ts";
import { say } from "./http/messages/mod.ts";
import { serve } from "./serve.ts";

const NO_ROOM = 28;

/** PGlite throws things of its own, which are no errors. */
function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  if ("errno" in error && error.errno === NO_ROOM) return "there is no room left on the disk";
  return "message" in error ? String(error.message) : JSON.stringify(error);
}

await serve().catch((error: unknown) => {
  const sentence = error instanceof AppError ? say(error, "en") : messageOf(error);
  console.error(`Cannot start: ${sentence}`);
  process.exit(1);
});
