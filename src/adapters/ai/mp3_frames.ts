import { createMp3Encoder } from "wasm-media-encoders";

// Only for child processes: it computes without a pause.

const BITRATE = 48;
const RATES = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000] as const;

let opened: ReturnType<typeof createMp3Encoder> | undefined;

/**
 * A whole MP3 of nothing but frames: 48 kbit/s, plenty for one voice. A constant bitrate takes no header that speaks of its
 * length, so that several after one another are one file. The same samples make the same bytes.
 */
export async function mp3Frames(samples: Int16Array, rate: number): Promise<Uint8Array> {
  if (samples.length === 0) return new Uint8Array();
  opened ??= createMp3Encoder();
  const encoder = await opened;
  // A rate that MP3 knows is kept; for another the encoder chooses the nearest.
  const kept = RATES.find((known) => known === rate);
  encoder.configure({ channels: 1, sampleRate: rate, bitrate: BITRATE, ...(kept ? { outputSampleRate: kept } : {}) });
  // Both are views of the encoder's own memory, which the next call writes over.
  const body = encoder.encode([Float32Array.from(samples, (sample) => sample / 32768)]).slice();
  const end = encoder.finalize();
  const all = new Uint8Array(body.length + end.length);
  all.set(body);
  all.set(end, body.length);
  return all;
}
