import { AppError } from "../../domain/errors.ts";

/** Lets so many pieces of work run at once and so many wait; one more is refused with `busy`. */
export function gate({ running: most, waiting: room }: { running: number; waiting: number }) {
  const waiting: (() => void)[] = [];
  let running = 0;

  const turn = (signal: AbortSignal) =>
    new Promise<void>((go, leave) => {
      const enter = () => {
        signal.removeEventListener("abort", quit);
        go();
      };
      const quit = () => {
        waiting.splice(waiting.indexOf(enter), 1);
        leave(signal.reason);
      };
      waiting.push(enter);
      signal.addEventListener("abort", quit, { once: true });
    });

  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    signal.throwIfAborted();
    if (running < most) running++;
    else if (waiting.length >= room) throw new AppError("busy", { retry_after: 5 });
    // Whoever is called in takes over the place of the one that left.
    else await turn(signal);
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
