import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Ports } from "../application/ports/mod.ts";
import { takeShare } from "../application/shares.ts";
import { AppError } from "../domain/errors.ts";
import { caller, type Env, InvalidInput, type Server } from "./env.ts";

const PING_MS = 5000;

type Streaming = Pick<Ports, "signals" | "log"> & Pick<Server, "stopping">;
const MAX_ID = 2_147_483_647;

type StreamEvent = { readonly id: number; readonly event: string; readonly data: unknown };

type Source = {
  /** What wakes the stream up. */
  readonly topic: string;
  /** The events after that id, oldest first. */
  read(after: number): Promise<StreamEvent[]>;
  /** True when nothing will follow what was read. */
  over(): Promise<boolean>;
  /** Whether the caller may still listen: asked before each look, so that a logout ends the stream. */
  allowed(): Promise<boolean>;
};

/** The id after which the client wants to go on. */
export function lastEventId(c: Context<Env>): number | undefined {
  const given = c.req.header("last-event-id");
  if (given === undefined || given === "") return undefined;
  if (!/^\d{1,10}$/.test(given) || Number(given) > MAX_ID)
    throw new InvalidInput("header", [{ code: "custom", path: ["Last-Event-ID"], message: "", input: given }]);
  return Number(given);
}

const STREAMS_PER_USER = 20;

/** Sends what is stored after `from`, then what comes, until the source ends or the client goes. */
export function eventStream(c: Context<Env>, { signals, log, stopping }: Streaming, from: number, source: Source) {
  const leave = takeShare(signals, caller(c).id, STREAMS_PER_USER);
  if (!leave) throw new AppError("rate_limited", { retry_after: 10 });
  // Bun cuts a connection that is quiet for long; the pings keep proxies from doing so too.
  c.env?.timeout?.(c.req.raw, 0);
  c.header("X-Accel-Buffering", "no");
  return streamSSE(c, async (stream) => {
    let woken = () => {};
    let pending = true;
    // A server that stops says good-bye: EventSource comes back, to another process or the next start.
    const sayGoodbye = () => {
      stream.abort();
      woken();
    };
    stopping.addEventListener("abort", sayGoodbye);
    const stopListening = signals.on(source.topic, () => {
      pending = true;
      woken();
    });
    stream.onAbort(() => woken());
    try {
      await stream.write(`retry: ${PING_MS}\n\n`);
      for (let after = from; !stream.aborted; ) {
        pending = false;
        if (!(await source.allowed())) return;
        // Asked before the reading, so that nothing comes between.
        const isOver = await source.over();
        const events = await source.read(after);
        for (const { id, event, data } of events) {
          after = id;
          await stream.writeSSE({ id: String(id), event, data: JSON.stringify(data) });
        }
        if (pending || events.length > 0 || stream.aborted) continue;
        if (isOver) return;
        // A wake-up may be lost between processes: each ping looks again.
        const woke = await Promise.race([
          new Promise<boolean>((resolve) => {
            woken = () => resolve(true);
          }),
          Bun.sleep(PING_MS).then(() => false),
        ]);
        if (!woke) await stream.write(": ping\n\n");
      }
    } catch (error) {
      // EventSource comes back with Last-Event-ID.
      if (!stream.aborted) log.warn("an event stream was lost", { topic: source.topic, message: String(error) });
    } finally {
      stopListening();
      stopping.removeEventListener("abort", sayGoodbye);
      leave();
    }
  });
}
