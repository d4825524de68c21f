import { FLACDecoder } from "@wasm-audio-decoders/flac";
import { OggVorbisDecoder } from "@wasm-audio-decoders/ogg-vorbis";
import { MPEGDecoder } from "mpg123-decoder";
import { OpusDecoder } from "opus-decoder";
import { AppError } from "../../domain/errors.ts";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { serve } from "../children/serve.ts";
import { type Boxed, batches, openTrack, type Track } from "./demux.ts";
import { enough, unreadable } from "./formats.ts";
import { joined, mix, resample } from "./resample.ts";
import { decodeWav, readWav } from "./wav.ts";

// The decoders for a machine without ffmpeg. A file in a container is asked for twice, so that the parent can give its
// decoding the time that its length needs: first how long it is and what is in it, then its samples.

export type Ask =
  | { what: "length"; bytes: Uint8Array; format: Boxed; maxSeconds: number }
  | { what: "samples"; maxSeconds: number }
  | { what: "whole"; bytes: Uint8Array; format: "wav" | "mp3" | "ogg"; maxSeconds: number };

export type Told = { codec: string; seconds: number; samples: Samples };

const NOTHING = new Float32Array(0);
let track: Track | undefined;

serve(async (ask: Ask): Promise<Told> => {
  if (ask.what === "length") {
    track = await openTrack(ask.bytes, ask.format, ask.maxSeconds);
    return { codec: track.codec, seconds: track.seconds, samples: NOTHING };
  }
  try {
    const samples = ask.what === "samples" ? await boxed(ask.maxSeconds) : await whole(ask);
    return { codec: "", seconds: samples.length / SAMPLE_RATE, samples };
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(error);
  } finally {
    track = undefined;
  }
});

async function boxed(maxSeconds: number): Promise<Samples> {
  if (!track) throw new AppError("decoding_failed");
  switch (track.codec) {
    case "opus":
      return opus(track, maxSeconds);
    case "flac": {
      const decoder = new FLACDecoder();
      await decoder.ready;
      return collect(batches(track), (frames) => decoder.decodeFrames(frames), maxSeconds);
    }
    case "mp3": {
      const decoder = new MPEGDecoder();
      await decoder.ready;
      return collect(batches(track), (frames) => decoder.decodeFrames(frames), maxSeconds);
    }
    default:
      throw new AppError("unsupported_audio");
  }
}

async function whole({ bytes, format, maxSeconds }: Extract<Ask, { what: "whole" }>): Promise<Samples> {
  if (format === "wav") return decodeWav(readWav(bytes));
  if (format === "mp3") {
    const decoder = new MPEGDecoder();
    await decoder.ready;
    return collect(slices(bytes), (slice) => decoder.decode(slice), maxSeconds);
  }
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  // It keeps the last pages back until it is told that there are no more.
  const pieces = [...slices(bytes), "end" as const];
  return collect(pieces, (piece) => (piece === "end" ? decoder.flush() : decoder.decode(piece)), maxSeconds);
}

/** Opus decodes to 16 kHz and one channel by itself. */
async function opus(packets: Track, maxSeconds: number): Promise<Samples> {
  const { description: head } = packets;
  // More than two channels come as several streams, told by a table in the header.
  const surround = (head[18] ?? 0) > 0 && head.length > 21;
  const channels = surround
    ? { channels: head[9] ?? 1, streamCount: head[19] ?? 1, coupledStreamCount: head[20] ?? 0 }
    : { channels: 1, streamCount: 1, coupledStreamCount: 0 };
  const channelMappingTable = surround ? [...head.subarray(21)] : [0];
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE, ...channels, channelMappingTable });
  await decoder.ready;
  const samples = await collect(batches(packets), (frames) => decoder.decodeFrames(frames), maxSeconds);
  // What the codec needs to settle, in samples of 48 kHz.
  const settling = head.length >= 12 ? (head[10] ?? 0) + 256 * (head[11] ?? 0) : 0;
  return samples.slice(Math.round((settling * SAMPLE_RATE) / 48_000));
}

function* slices(bytes: Uint8Array, size = 65_536) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Decoded = { channelData: Float32Array[]; sampleRate: number };

/** Piece by piece to one channel, so that a long stereo file is never held whole, and no longer than is allowed. */
async function collect<T>(
  pieces: Iterable<T> | AsyncIterable<T>,
  decode: (piece: T) => Decoded | Promise<Decoded>,
  maxSeconds: number,
): Promise<Samples> {
  const parts: Float32Array[] = [];
  let rate = 0;
  let length = 0;
  for await (const piece of pieces) {
    const { channelData, sampleRate } = await decode(piece);
    const mono = mix(channelData);
    if (mono.length === 0) continue;
    rate ||= sampleRate;
    parts.push(mono);
    length += mono.length;
    if (length > enough(maxSeconds, rate)) break;
  }
  return rate > 0 ? resample(joined(parts), rate) : NOTHING;
}
