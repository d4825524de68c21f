import type { Samples, Transcript } from "../../domain/speech.ts";

/** What a recording turned out to be. */
export type Recording = {
  readonly samples: Samples;
  readonly duration_ms: number;
  /** By content, not by name: `audio/wav`, `audio/mpeg`, `audio/ogg`, `audio/webm`, `audio/mp4`, `audio/flac`. */
  readonly mime: string;
};

/**
 * Turns a recording of any accepted format into samples. Refuses with `audio_empty`, `unsupported_audio`,
 * `audio_unreadable`, `audio_too_short`, `audio_too_long`; `busy` when its queue is full, `decoding_failed` when the
 * decoder itself broke. Never blocks the event loop.
 */
export interface AudioDecoder {
  decode(bytes: Uint8Array, options?: { signal?: AbortSignal | undefined }): Promise<Recording>;
  stop(): Promise<void>;
}

/**
 * Writes down what is said. `language` (ISO 639-1) forces one; without it the speech decides. Fails with `busy` when
 * its queue is full, `recognition_unavailable` when this machine cannot recognise, `recognition_failed` when the
 * recogniser broke or timed out (worth another try).
 */
export interface SpeechToText {
  /** Shown in answers and logs, e.g. `whisper ggml-base-q5_1`. */
  readonly engine: string;
  transcribe(
    samples: Samples,
    options?: { language?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Transcript>;
  stop(): Promise<void>;
}
