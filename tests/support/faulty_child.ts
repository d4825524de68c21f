import { serve } from "../../src/adapters/children/serve.ts";
import { AppError } from "../../src/domain/errors.ts";

// A child with every fault that the supervisor must survive.

export type Fault =
  | ("none" | "crash" | "throw" | "refuse" | "hang" | "flood" | "busy_loop")
  /** Three pieces, then the answer; pieces for as long as it may; a piece, and then nothing. */
  | ("pieces" | "endless" | "stalled");

serve<Fault, { pid: number }, number>(async (fault, { signal, piece }) => {
  if (fault === "stalled") piece(1);
  if (fault === "stalled") await new Promise(() => {});
  for (let i = 1; fault === "pieces" ? i <= 3 : fault === "endless" && !signal.aborted; i++) {
    piece(i);
    await Bun.sleep(50);
  }
  if (fault === "crash") process.kill(process.pid, "SIGSEGV");
  if (fault === "throw") throw new Error("broken");
  if (fault === "refuse") throw new AppError("recognition_unavailable");
  if (fault === "hang" || fault === "crash") await new Promise(() => {});
  if (fault === "busy_loop") while (true);
  if (fault === "flood") {
    const line = "x".repeat(65_536);
    for (let i = 0; i < 200; i++) {
      process.stdout.write(line);
      process.stderr.write(line);
    }
  }
  return { pid: process.pid };
});
