import { join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { Samples } from "../../domain/speech.ts";
import { supervise } from "../children/supervisor.ts";
import type { AacAsk } from "./aac_child.ts";
import type { Ask, Told } from "./decode_child.ts";
import { checkLength, type Format } from "./formats.ts";
import { isVorbis } from "./sniff.ts";

// A file is told in this time what it is, or it is none; what it lasts gives its decoding more.
const BASE_MS = 4_000;
const MS_PER_SECOND = 50;
// What is longer than this and late is the machine's fault rather than the file's.
const LONG_SECONDS = 60;

type Job = { bytes: Uint8Array; format: Format; promised: number | null; signal: AbortSignal };

/** Whether the optional AAC decoder is installed. It is looked for, never loaded here. */
export function findAac(): boolean {
  try {
    return Bun.resolveSync("@audio/decode-aac", import.meta.dir) !== "";
  } catch {
    return false;
  }
}

/** Decoders in WebAssembly and JavaScript, each in a watched child. One file at a time. */
export function wasmDecode({ maxSeconds, aac }: { maxSeconds: number; aac: boolean }) {
  const child = <Q, R>(script: string) =>
    supervise<Q, R>({
      script: join(import.meta.dir, script),
      timeoutMs: BASE_MS,
      queue: 1,
      nice: 10,
      broken: "decoding_failed",
      idleMs: 30_000,
    });
  const decoders = child<Ask, Told>("decode_child.ts");
  const aacDecoder = child<AacAsk, Samples>("aac_child.ts");

  const decode = async ({ bytes, format, promised, signal }: Job): Promise<Samples> => {
    const began = performance.now();
    const within = (seconds: number) => ({
      signal,
      timeoutMs: Math.max(1_000, BASE_MS - (performance.now() - began)) + seconds * MS_PER_SECOND,
      late: seconds > LONG_SECONDS ? ("decoding_failed" as const) : ("audio_unreadable" as const),
    });
    // Vorbis is decoded from its file, not from its packets.
    if (format === "wav" || format === "mp3" || (format === "ogg" && isVorbis(bytes))) {
      const ask = { what: "whole", bytes, format, maxSeconds } as const;
      return (await decoders.call(ask, within(promised ?? 0))).samples;
    }
    const { codec, seconds } = await decoders.call({ what: "length", bytes, format, maxSeconds }, within(0));
    checkLength(seconds, maxSeconds);
    if (codec !== "aac") return (await decoders.call({ what: "samples", maxSeconds }, within(seconds))).samples;
    if (!aac) throw new AppError("unsupported_audio", { needs: "ffmpeg" });
    return aacDecoder.call({ bytes, maxSeconds }, within(seconds));
  };

  return {
    decode,
    stop: async () => {
      await Promise.all([decoders.stop(), aacDecoder.stop()]);
    },
  };
}
