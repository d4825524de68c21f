/** Turns samples (mono) into MP3, away from the event loop. */
export type Mp3Encoder = {
  /** A whole MP3 of its own; several after one another are one file. Fails with `speech_failed`. */
  encode(samples: Int16Array, rate: number): Promise<Uint8Array>;
  stop(): Promise<void>;
};
