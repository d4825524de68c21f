import type { FileStore } from "../../application/ports/files.ts";
import type { Grammar } from "../../application/ports/grammar.ts";
import type { Judge } from "../../application/ports/judge.ts";
import type { LanguageModel } from "../../application/ports/language_model.ts";
import { type Metrics, type Outcome, outcomeOf } from "../../application/ports/metrics.ts";
import type { PronunciationScorer } from "../../application/ports/pronunciation.ts";
import type { AudioDecoder, SpeechToText, TextToSpeech } from "../../application/ports/speech.ts";
import { baseLanguage } from "../../domain/language_tags.ts";
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
  const analysis = call(metrics, "judge", "analyse");
  return {
    ...port,
    grade: (answer, options) => timed(observe, () => port.grade(answer, options), options?.signal),
    analyse: (answer) => timed(analysis, () => port.analyse(answer)),
  };
}

/** To the first piece, and to the last one: who leaves early has had an answer all the same. */
async function* timedPieces<T>(first: Observe, whole: Observe, pieces: AsyncIterable<T>, signal?: AbortSignal) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  let some = false;
  let outcome: Outcome = "ok";
  try {
    for await (const piece of pieces) {
      if (!some) first("ok", seconds());
      some = true;
      yield piece;
    }
  } catch (error) {
    outcome = outcomeOf(error, signal);
    throw error;
  } finally {
    if (!some) first(outcome, seconds());
    whole(outcome, seconds());
  }
}

function measuredModel(port: LanguageModel, metrics: Metrics): LanguageModel {
  const { engine } = port;
  const [first, whole] = [call(metrics, engine, "first_token"), call(metrics, engine, "stream")];
  return {
    ...port,
    stream: (prompt) => timedPieces(first, whole, port.stream(prompt), prompt.signal),
    answer: (prompt, shape) => timed(call(metrics, engine, "answer"), () => port.answer(prompt, shape), prompt.signal),
  };
}

function measuredVoice(port: TextToSpeech, metrics: Metrics): TextToSpeech {
  return {
    ...port,
    speak: (text, options) => {
      let engine = port.voices.find(({ language }) => language === baseLanguage(options.language))?.engine ?? "-";
      return timed(
        (outcome, seconds) => call(metrics, engine, "first_sound")(outcome, seconds),
        async () => {
          const speech = await port.speak(text, options);
          engine = speech.voice.engine;
          return speech;
        },
        options.signal,
      );
    },
  };
}

function measuredPronunciation(port: PronunciationScorer, metrics: Metrics): PronunciationScorer {
  return {
    ...port,
    score: (samples, reference, options) => {
      let { engine } = port;
      return timed(
        (outcome, seconds) => call(metrics, engine, "score")(outcome, seconds),
        async () => {
          const heard = await port.score(samples, reference, options);
          // Of several scorers it is the one that answered.
          engine = heard.engine;
          return heard;
        },
        options?.signal,
      );
    },
  };
}

type Helpers = {
  readonly decoder: AudioDecoder;
  readonly backgroundDecoder: AudioDecoder;
  readonly speechToText: SpeechToText | null;
  readonly languageModel: LanguageModel | null;
  readonly textToSpeech: TextToSpeech;
  readonly pronunciation: PronunciationScorer | null;
  readonly grammar: Grammar;
  readonly judge: Judge;
};

export function measuredHelpers(helpers: Helpers, metrics: Metrics): Helpers {
  const { decoder, backgroundDecoder, speechToText, languageModel, textToSpeech, pronunciation, grammar, judge } =
    helpers;
  return {
    decoder: measuredDecoder(decoder, metrics, "decode"),
    backgroundDecoder: measuredDecoder(backgroundDecoder, metrics, "decode_in_background"),
    speechToText: speechToText && measuredSpeech(speechToText, metrics),
    languageModel: languageModel && measuredModel(languageModel, metrics),
    textToSpeech: measuredVoice(textToSpeech, metrics),
    pronunciation: pronunciation && measuredPronunciation(pronunciation, metrics),
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
