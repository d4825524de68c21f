import { AppError } from "../../domain/errors.ts";
import { mp3Start } from "../audio/mp3.ts";
import { GTTS_HEADERS } from "./gtts_request.ts";

// One piece of speech is 100 kB and less.
const MOST_BYTES = 2_000_000;

const failed = (why: string) => new AppError("ai_failed", {}, { cause: new Error(`gtts: ${why}`) });
const away = (code: "ai_unavailable" | "ai_overloaded", why: string, cause?: unknown) =>
  new AppError(code, { retry_after: 60 }, { cause: new Error(`gtts: ${why}`, { cause }) });

/** A refusal of this text or language alone, which says nothing of the next one. */
const OWN_FAULT = "its request was refused";

/** Whether a failure speaks of the service, and not of what was asked or of who left. */
export const isAway = (error: unknown): boolean =>
  error instanceof AppError &&
  error.code.startsWith("ai_") &&
  !(error.cause instanceof Error && error.cause.message.includes(OWN_FAULT));

type Asked = { signal: AbortSignal; answerMs: number };

/**
 * One whole piece of MP3, or an `AppError`: an answer is sound only where its status, its type, its length and its first frames
 * say so. `answerMs` is the time to the first byte; the whole has three times as long.
 */
export async function fetchSound(url: string, { signal, answerMs }: Asked): Promise<Uint8Array> {
  const late = new AbortController();
  const cut = () => late.abort(new AppError("ai_timeout", {}, { cause: new Error("gtts: no answer in time") }));
  let timer = setTimeout(cut, answerMs);
  try {
    const end = AbortSignal.any([signal, late.signal]);
    // A redirect leads to another host, or to a page that asks whether this is a human.
    const response = await fetch(url, { headers: GTTS_HEADERS, redirect: "manual", signal: end });
    clearTimeout(timer);
    timer = setTimeout(cut, 2 * answerMs);
    checkHead(response);
    return checkSound(await wholeBody(response), response.headers.get("content-length"));
  } catch (error) {
    if (signal.aborted) throw new AppError("speech_failed", {}, { cause: signal.reason });
    if (late.signal.aborted) throw late.signal.reason;
    if (error instanceof AppError) throw error;
    throw away("ai_unavailable", error instanceof Error ? error.message : String(error), error);
  } finally {
    clearTimeout(timer);
  }
}

function checkHead({ status, headers }: Response): void {
  if (status === 429) throw away("ai_overloaded", "status 429");
  if (status >= 500) throw away("ai_unavailable", `status ${status}`);
  if (status >= 300 && status < 400) throw failed(`a redirect to ${headers.get("location")}`);
  if (status >= 400) throw failed(`${OWN_FAULT}, status ${status}`);
  const type = headers.get("content-type") ?? "no type";
  if (!/^audio\/(mpeg|mp3)\b/i.test(type)) throw failed(`an answer of ${type}`);
}

async function wholeBody({ body }: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > MOST_BYTES) throw failed("an answer without end");
  }
  return Buffer.concat(parts);
}

function checkSound(sound: Uint8Array, promised: string | null): Uint8Array {
  if (promised !== null && Number(promised) !== sound.length) throw failed("an answer that was cut");
  if (mp3Start(sound) === -1) throw failed(sound.length === 0 ? "an empty answer" : "an answer that is no MP3");
  return sound;
}
