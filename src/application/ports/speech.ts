import type { Samples, Transcript } from "../../domain/speech.ts";
import type { Voice } from "../../domain/voices.ts";

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
 * recogniser broke or timed out (worth another try). One that a vendor runs fails with `ai_overloaded`, `ai_unavailable`,
 * `ai_timeout`, `ai_failed` too. An aborted signal ends it with `recognition_failed`.
 */
export interface SpeechToText {
  /** Shown in answers and logs, e.g. `whisper ggml-base-q5_1`. */
  readonly engine: string;
  /** The languages it knows (ISO 639-1), without end where a vendor does not say. */
  readonly languages: readonly string[];
  transcribe(
    samples: Samples,
    options?: { language?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Transcript>;
  stop(): Promise<void>;
}

/** Sound as it is made: MP3, in pieces of any size that make one file together. */
export type Speech = { readonly voice: Voice; readonly sound: AsyncIterable<Uint8Array> };

/**
 * Reads a text aloud. Resolves with the first sound: what fails before that rejects, what fails later throws in the loop over
 * `sound`; leaving the loop ends the work. Fails with `voice_unavailable` where no voice speaks the language, `speech_failed` when the
 * engine broke or timed out, `busy`, and a vendor's `ai_overloaded`, `ai_unavailable`, `ai_timeout`, `ai_failed`.
 * Nothing that can be said (no letter, no digit) is `speech_failed`.
 */
export interface TextToSpeech {
  /** In the order of preference within each language. */
  readonly voices: readonly Voice[];
  /** `voice` is the id of one for that language; without it the first one. */
  speak(
    text: string,
    options: { language: string; voice?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Speech>;
  stop(): Promise<void>;
}
