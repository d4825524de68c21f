import type { AudioDecoder } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { ffmpegDecode, findFfmpeg } from "./ffmpeg.ts";
import { checkLength, type Format, recording, unreadable } from "./formats.ts";
import { gate } from "./gate.ts";
import { promisedSeconds } from "./headers.ts";
import { recognise } from "./sniff.ts";
import { findAac, wasmDecode } from "./wasm.ts";

export { findFfmpeg };

type Options = {
  /** Its path; null does without. Left out, it is looked for. */
  ffmpeg?: string | null | undefined;
  /** Where a file lies while ffmpeg opens it. */
  tmpDir: string;
  maxSeconds?: number | undefined;
};

/** What a server on this machine can decode. */
export function accepts(ffmpeg: string | null = findFfmpeg()): Record<Format, boolean> {
  return { wav: true, mp3: true, ogg: true, webm: true, flac: true, m4a: ffmpeg !== null || findAac() };
}

/** ffmpeg where there is one, else decoders in a watched child. Nothing is decoded in this process. */
export function audioDecoder({ ffmpeg = findFfmpeg(), tmpDir, maxSeconds = 600 }: Options): AudioDecoder {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  const wasm = ffmpeg === null ? wasmDecode({ maxSeconds, aac: findAac() }) : null;
  const decode = wasm?.decode ?? ffmpegDecode({ ffmpeg: ffmpeg ?? "ffmpeg", tmpDir, maxSeconds });
  const enter = gate({ running: wasm ? 1 : 2, waiting: 16 });

  return {
    decode: async (bytes, options = {}) => {
      const format = await recognise(bytes);
      const promised = promisedSeconds(bytes, format);
      if (promised !== null) checkLength(promised, maxSeconds);
      const signal = options.signal ? AbortSignal.any([stopping.signal, options.signal]) : stopping.signal;
      const work = enter(() => decode({ bytes, format, promised, signal }), signal).catch((error: unknown) => {
        if (stopping.signal.aborted) throw new AppError("busy", { retry_after: 5 });
        throw error instanceof AppError ? error : new AppError("decoding_failed", {}, { cause: error });
      });
      running.add(work);
      const samples = await work.finally(() => running.delete(work));
      // A film's length is that of its pictures too.
      if (promised !== null && format !== "m4a") checkWhole(samples, promised);
      return recording(samples, format, maxSeconds);
    },
    stop: async () => {
      stopping.abort(new Error("stopped"));
      await Promise.allSettled(running);
      await wasm?.stop();
    },
  };
}

/** Much less sound than the header promises: the upload was cut. The margin is for frames that a decoder drops. */
function checkWhole(samples: Samples, promised: number): void {
  if (samples.length > 0 && samples.length / SAMPLE_RATE < 0.95 * promised - 0.3) {
    throw unreadable(new Error("the file was cut"));
  }
}
