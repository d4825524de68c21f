import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from "cockatiel";
import type { TextToSpeech } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { pieces, readable } from "../../domain/reading.ts";
import { chosenVoice } from "../../domain/voices.ts";
import { fetchSound, isAway } from "./gtts_fetch.ts";
import { GTTS_VOICES, gttsPath, MOST_CHARACTERS } from "./gtts_request.ts";
import { oneAhead } from "./one_ahead.ts";

type Options = {
  readonly baseUrl: string;
  /** Milliseconds to the first byte of an answer: a server without internet soon has another voice speak. */
  readonly answerMs?: number;
  /** Milliseconds for which a service that failed is left alone. */
  readonly askAgainMs?: number;
};

const leftAlone = () =>
  new AppError("ai_unavailable", { retry_after: 60 }, { cause: new Error("gtts: left alone since it failed") });

/** Google's voice of its translator's page: free, without a key and without a promise. It has no Uzbek. */
export function gtts({ baseUrl, answerMs = 4000, askAgainMs = 60_000 }: Options): TextToSpeech {
  // Another voice waits behind this one, so one failure is enough.
  const breaker = circuitBreaker(handleWhen(isAway), { halfOpenAfter: askAgainMs, breaker: new ConsecutiveBreaker(1) });
  const stopped = new AbortController();

  const ask = async (path: string, signal: AbortSignal): Promise<Uint8Array> => {
    // While one asks whether it is back, the others need not wait for what that one finds.
    if (breaker.state === CircuitState.HalfOpen) throw leftAlone();
    try {
      return await breaker.execute(() => fetchSound(`${baseUrl}${path}`, { signal, answerMs }));
    } catch (error) {
      throw isBrokenCircuitError(error) ? leftAlone() : error;
    }
  };

  return {
    voices: GTTS_VOICES,
    speak: async (text, { signal, ...wanted }) => {
      const voice = chosenVoice(GTTS_VOICES, wanted);
      const parts = pieces(readable(text), MOST_CHARACTERS);
      if (parts.length === 0) throw new AppError("speech_failed", {}, { cause: new Error("there is nothing to say") });
      const left = new AbortController();
      const end = AbortSignal.any([left.signal, stopped.signal, ...(signal ? [signal] : [])]);
      if (end.aborted) throw new AppError("speech_failed", {}, { cause: end.reason });
      const nth = (i: number) => (i < parts.length ? ask(gttsPath(parts, i, voice), end) : undefined);
      return { voice, sound: oneAhead(await ask(gttsPath(parts, 0, voice), end), nth, left) };
    },
    stop: async () => stopped.abort(new Error("stopped")),
  };
}
