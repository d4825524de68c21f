import type { AudioDecoder } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import type { Samples } from "../../domain/speech.ts";
import { checkLength, recording, unreadable } from "./formats.ts";
import { resample } from "./resample.ts";
import { recognise } from "./sniff.ts";

const INTEGER = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const MOST_CHANNELS = 8;
const HIGHEST_RATE = 768_000;
// A writer that cannot seek back leaves 0 or a number near 2 or 4 GB where the size belongs.
const UNKNOWN_SIZE = 0x7fff_f000;
// Some writers count the header in.
const MISCOUNT = 64;

type Wav = { coding: string; channels: number; rate: number; frames: number; data: DataView };

/** How to read one number of each kind that is understood: `i` integer, `u` unsigned, `f` float, then its bits. */
const READ: Record<string, (data: DataView, at: number) => number> = {
  i8: (data, at) => (data.getUint8(at) - 128) / 128,
  i16: (data, at) => data.getInt16(at, true) / 0x8000,
  i24: (data, at) => ((data.getInt8(at + 2) << 16) | data.getUint16(at, true)) / 0x80_0000,
  i32: (data, at) => data.getInt32(at, true) / 0x8000_0000,
  f32: (data, at) => data.getFloat32(at, true),
  f64: (data, at) => data.getFloat64(at, true),
};

/** The header, and where the samples lie. Refuses what was cut: data shorter than the header promises. */
export function readWav(bytes: Uint8Array): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: { coding: string; channels: number; rate: number; block: number } | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const name = view.getUint32(at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (name === 0x666d7420 /* fmt */) {
      if (size < 16 || body + size > bytes.length) throw unreadable();
      const tag = view.getUint16(body, true);
      const kind = tag === EXTENSIBLE && size >= 40 ? view.getUint16(body + 24, true) : tag;
      const bits = view.getUint16(body + 14, true);
      const letter = { [INTEGER]: "i", [FLOAT]: "f" }[kind];
      format = {
        coding: `${letter}${bits}`,
        channels: view.getUint16(body + 2, true),
        rate: view.getUint32(body + 4, true),
        block: view.getUint16(body + 12, true),
      };
    }
    if (name === 0x64617461 /* data */) {
      if (!format) throw unreadable();
      const { coding, channels, rate, block } = format;
      if (!(coding in READ)) throw new AppError("unsupported_audio");
      if (channels < 1 || channels > MOST_CHANNELS || rate < 1 || rate > HIGHEST_RATE) throw unreadable();
      const width = (channels * Number(coding.slice(1))) / 8;
      if (block !== width) throw unreadable();
      const there = bytes.length - body;
      const known = size !== 0 && size < UNKNOWN_SIZE;
      if (known && size > there + MISCOUNT) throw unreadable(new Error("the file was cut"));
      const length = known ? Math.min(size, there) : there;
      const data = new DataView(bytes.buffer, bytes.byteOffset + body, length);
      return { coding, channels, rate, frames: Math.floor(length / width), data };
    }
    at = body + size + (size % 2);
  }
  throw unreadable();
}

/** Reads the samples of any accepted WAV. */
export function decodeWav({ coding, channels, rate, frames, data }: Wav): Samples {
  const read = READ[coding];
  if (!read) throw new AppError("unsupported_audio");
  const bytes = Number(coding.slice(1)) / 8;
  const mono = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += read(data, (i * channels + c) * bytes);
    mono[i] = sum / channels;
  }
  return resample(mono, rate);
}

/** WAV alone, in this process: for tests and for the memory adapters, where no child is wanted. */
export function wavDecoder({ maxSeconds = 600 } = {}): AudioDecoder {
  return {
    decode: async (bytes) => {
      const format = await recognise(bytes);
      if (format !== "wav") throw new AppError("unsupported_audio");
      const wav = readWav(bytes);
      checkLength(wav.frames / wav.rate, maxSeconds);
      return recording(decodeWav(wav), format, maxSeconds);
    },
    stop: async () => {},
  };
}
