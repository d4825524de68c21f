import type { TranscribeResult, Whisper } from "smart-whisper";
import { AppError } from "../../domain/errors.ts";
import { serve } from "../children/serve.ts";
import type { Heard, Listen } from "./whisper.ts";
import { modelFault } from "./whisper_ready.ts";

// The recogniser's own process. A model file that is none takes it down with SIGSEGV, so the file is looked at first.

const unavailable = (cause: unknown) => new AppError("recognition_unavailable", {}, { cause });
let loaded: Promise<Whisper> | undefined;

async function load(): Promise<Whisper> {
  const file = process.env.RECOGNISER_MODEL ?? "";
  const fault = modelFault(file);
  if (fault) throw unavailable(fault);
  try {
    const { Whisper } = await import("smart-whisper");
    // The parent ends this process when it is idle; until then the model stays.
    const whisper = new Whisper(file, { gpu: false, offload: 24 * 3600 });
    await whisper.load();
    return whisper;
  } catch (error) {
    throw unavailable(error);
  }
}

serve<Listen, Heard>(async ({ samples, language, audio_ctx }) => {
  loaded ??= load();
  const whisper = await loaded.catch((error: unknown) => {
    // The file may be mended by the next call.
    loaded = undefined;
    throw error;
  });
  const task = await whisper.transcribe(samples, {
    strategy: 0, // greedy
    best_of: 1,
    n_threads: 1,
    audio_ctx,
    language: language ?? "auto",
    format: "detail",
    token_timestamps: true,
    no_context: true,
    // One pass over one part: a second pass over the silence behind it would hear "Thank you."
    single_segment: true,
    suppress_non_speech_tokens: true,
  });
  // Where the native code fails it hands an Error to where results are expected.
  const segments: TranscribeResult<"detail", true>[] | Error = await task.result;
  if (segments instanceof Error) throw segments;
  return {
    language: segments[0]?.lang ?? language ?? "en",
    segments: segments.map(({ text, tokens }) => ({ text, tokens })),
  };
});
