import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Env, Server } from "./env.ts";
import { problemOf } from "./errors.ts";

type Answering = (
  onPiece: (piece: string) => void,
  send: (c: Context<Env>, answer: { body: unknown }) => Response,
) => Promise<Response>;

const PING_MS = 5000;

/** The answer piece by piece. What fails before the first piece is refused as ever; later it is one more event. */
export async function streamed(c: Context<Env>, { log }: Pick<Server, "log">, answer: Answering): Promise<Response> {
  const line = pieceLine();
  let whole: unknown;
  const keepWhole = (c: Context<Env>, { body }: { body: unknown }) => {
    whole = body;
    return c.body(null);
  };
  const working = answer(line.push, keepWhole).finally(line.close);
  const failure = working.then(
    () => null,
    (error: Error) => error,
  );
  const first = await line.next();
  // Nothing came: a refusal, or an answer that was given before and is told at once.
  if (first === null) await working;
  c.header("X-Accel-Buffering", "no");
  return streamSSE(c, async (stream) => {
    // Whoever leaves finds the answer in the conversation.
    for (let text = first; text !== null && !stream.aborted; text = await line.next(PING_MS)) {
      if (text === "") await stream.write(": ping\n\n");
      else await stream.writeSSE({ event: "token", data: JSON.stringify({ text }) });
    }
    const failed = await failure;
    if (!failed) return stream.writeSSE({ event: "done", data: JSON.stringify(whole) });
    log.warn("an answer broke off", { request_id: c.get("requestId"), message: failed.message });
    return stream.writeSSE({ event: "error", data: JSON.stringify(problemOf(c, failed)) });
  });
}

/** Pieces on their way from who makes them to who sends them. */
function pieceLine() {
  let waiting = "";
  let closed = false;
  let wake = () => {};
  return {
    push: (piece: string) => {
      waiting += piece;
      wake();
    },
    close: () => {
      closed = true;
      wake();
    },
    /** All that came since, empty where nothing did for so long; null after the last. */
    next: async (ms?: number): Promise<string | null> => {
      if (waiting === "" && !closed) {
        const moved = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race(ms === undefined ? [moved] : [moved, Bun.sleep(ms)]);
      }
      const text = waiting;
      waiting = "";
      return text === "" && closed ? null : text;
    },
  };
}
