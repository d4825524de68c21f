import { supervise } from "../children/supervisor.ts";

/** Turns samples (mono) into MP3, away from the event loop. */
export type Mp3Encoder = {
  /** A whole MP3 of its own; several after one another are one file. Fails with `speech_failed`. */
  encode(samples: Int16Array, rate: number): Promise<Uint8Array>;
  stop(): Promise<void>;
};

/** What the child is asked. */
export type Encode = { samples: Int16Array; rate: number };

/** The encoder in a child process that ends when it is idle; `busy` when 64 calls wait. */
export function childMp3({ idleMs = 60_000 } = {}): Mp3Encoder {
  const child = supervise<Encode, Uint8Array>({
    script: `${import.meta.dir}/mp3_child.ts`,
    timeoutMs: 30_000,
    queue: 64,
    nice: 5,
    broken: "speech_failed",
    idleMs,
  });
  return { encode: (samples, rate) => child.call({ samples, rate }), stop: () => child.stop() };
}
