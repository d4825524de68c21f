import {
  BufferSource,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputAudioTrack,
  type InputFormat,
  MP4,
  OGG,
  WEBM,
} from "mediabunny";
import { SAMPLE_RATE } from "../../domain/speech.ts";
import { enough, unreadable } from "./formats.ts";
import { soundPages } from "./ogg.ts";

// Runs in a child only: a damaged file may keep the demuxer busy for ever.

export type Boxed = "ogg" | "webm" | "m4a" | "flac";

const FORMATS: Record<Boxed, InputFormat> = { ogg: OGG, webm: WEBM, m4a: MP4, flac: FLAC };

export type Track = { codec: string; description: Uint8Array; start: number; seconds: number; sink: EncodedPacketSink };

/** Finds the sound and how long it is, without decoding and not much further than `maxSeconds`. */
export async function openTrack(bytes: Uint8Array, format: Boxed, maxSeconds: number): Promise<Track> {
  try {
    const source = new BufferSource(format === "ogg" ? soundPages(bytes) : bytes);
    const input = new Input({ source, formats: [FORMATS[format]] });
    const track = await input.getPrimaryAudioTrack();
    if (!track) throw new Error("no sound in it");
    const sink = new EncodedPacketSink(track);
    let first: number | undefined;
    let seconds = 0;
    for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
      first ??= packet.timestamp;
      seconds = packet.timestamp + packet.duration - first;
      if (seconds * SAMPLE_RATE > enough(maxSeconds)) break;
    }
    return { ...(await config(track)), start: first ?? 0, seconds, sink };
  } catch (error) {
    throw unreadable(error);
  }
}

async function config(track: InputAudioTrack) {
  const { description } = (await track.getDecoderConfig()) ?? {};
  const codec = (await track.getCodec()) ?? "unknown";
  if (!description) return { codec, description: new Uint8Array(0) };
  if (ArrayBuffer.isView(description)) {
    const { buffer, byteOffset, byteLength } = description;
    return { codec, description: new Uint8Array(buffer, byteOffset, byteLength) };
  }
  return { codec, description: new Uint8Array(description) };
}

/** The packets, some at a time. */
export async function* batches({ sink }: Track, size = 100): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  for await (const packet of sink.packets()) {
    batch.push(packet.data);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
