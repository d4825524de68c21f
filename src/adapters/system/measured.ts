import type { FileStore } from "../../application/ports/files.ts";
import type { Grammar } from "../../application/ports/grammar.ts";
import type { Judge } from "../../application/ports/judge.ts";
import { type Metrics, type Outcome, outcomeOf } from "../../application/ports/metrics.ts";
import type { AudioDecoder, SpeechToText } from "../../application/ports/speech.ts";
import { SAMPLE_RATE } from "../../domain/speech.ts";

// What helps us, timed from outside: an adapter does its work, and knows nothing of figures.

type Observe = (outcome: Outcome, seconds: number) => void;

async function timed<T>(observe: Observe, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const start = performance.now();
  const end = (outcome: Outcome) => observe(outcome, (performance.now() - start) / 1000);
  try {
    const result = await work();
    end("ok");
    return result;
  } catch (error) {
    end(outcomeOf(error, signal));
    throw error;
  }
}

const call =
  (metrics: Metrics, vendor: string, operation: string): Observe =>
  (outcome, seconds) =>
    metrics.observe("vendor_call", { vendor, operation, outcome }, seconds);

function measuredSpeech(port: SpeechToText, metrics: Metrics): SpeechToText {
  const { engine } = port;
  return {
    ...port,
    transcribe: (samples, options) => {
      const observe: Observe = (outcome, seconds) => {
        metrics.observe("recognition", { engine, outcome }, seconds);
        metrics.observe("recognition_audio", { engine, outcome }, samples.length / SAMPLE_RATE);
      };
      return timed(observe, () => port.transcribe(samples, options), options?.signal);
    },
  };
}

/** `operation` tells apart the decoders of those who wait for an answer and of the background. */
function measuredDecoder(port: AudioDecoder, metrics: Metrics, operation: string): AudioDecoder {
  const observe = call(metrics, "decoder", operation);
  return {
    ...port,
    decode: (bytes, options) => timed(observe, () => port.decode(bytes, options), options?.signal),
  };
}

function measuredGrammar(port: Grammar, metrics: Metrics): Grammar {
  const observe = call(metrics, "grammar", "check");
  return {
    ...port,
    check: (text, language, options) => timed(observe, () => port.check(text, language, options), options?.signal),
  };
}

function measuredJudge(port: Judge, metrics: Metrics): Judge {
  const observe = call(metrics, "judge", "grade");
  return {
    ...port,
    grade: (answer, options) => timed(observe, () => port.grade(answer, options), options?.signal),
  };
}

type Helpers = {
  readonly decoder: AudioDecoder;
  readonly backgroundDecoder: AudioDecoder;
  readonly speechToText: SpeechToText | null;
  readonly grammar: Grammar;
  readonly judge: Judge;
};

export function measuredHelpers(helpers: Helpers, metrics: Metrics): Helpers {
  const { decoder, backgroundDecoder, speechToText, grammar, judge } = helpers;
  return {
    decoder: measuredDecoder(decoder, metrics, "decode"),
    backgroundDecoder: measuredDecoder(backgroundDecoder, metrics, "decode_in_background"),
    speechToText: speechToText && measuredSpeech(speechToText, metrics),
    grammar: measuredGrammar(grammar, metrics),
    judge: measuredJudge(judge, metrics),
  };
}

export function measuredFiles(port: FileStore, metrics: Metrics): FileStore {
  const put = call(metrics, "files", "put");
  const get = call(metrics, "files", "get");
  return {
    ...port,
    put: (key, bytes) => timed(put, () => port.put(key, bytes)),
    get: (key) => timed(get, () => port.get(key)),
  };
}
