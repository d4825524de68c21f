import { constants } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { politely } from "../children/supervisor.ts";
import { isFull } from "../files/room.ts";
import { enough, type Format, unreadable } from "./formats.ts";

/** Where ffmpeg is on this machine; null without one. */
export const findFfmpeg = (): string | null => Bun.which("ffmpeg");

// A damaged file keeps some demuxers searching. A good one begins to give samples within a tenth of a second.
const STALL_MS = 3_500;
/** Microseconds of work in which nobody can tell whether a file is readable; ffmpeg's own start takes 60 000. */
const STARVED_US = 500_000;
// What gives samples all the time but never ends.
const TOTAL_MS = 60_000;

// Named, so that ffmpeg never guesses: its guesses include playlists and some hundred old formats.
const DEMUXER: Record<Format, string> = {
  wav: "wav",
  mp3: "mp3",
  ogg: "ogg",
  webm: "matroska",
  m4a: "mov",
  flac: "flac",
};

const CODECS =
  "opus,libopus,vorbis,aac,mp3,mp3float,flac,alac,pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le";

type Options = { ffmpeg: string; tmpDir: string; maxSeconds: number };
type Job = { bytes: Uint8Array; format: Format; signal: AbortSignal };

/** Decodes one file by a process of its own, which is gone when the promise settles. */
export const ffmpegDecode =
  ({ ffmpeg, tmpDir, maxSeconds }: Options) =>
  async ({ bytes, format, signal }: Job): Promise<Samples> => {
    const most = enough(maxSeconds);
    const input = await nameless(tmpDir, bytes);
    const child = spawn(ffmpeg, format, most / SAMPLE_RATE, input.fd);
    await input.close();

    let why: Error | undefined;
    const kill = (reason: Error) => {
      why ??= reason;
      child.kill("SIGKILL");
    };
    const abort = () => kill(new Error("cancelled"));
    const late = () => kill(new Error("no more samples in time"));
    const total = setTimeout(late, TOTAL_MS);
    let stall = setTimeout(late, STALL_MS);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();

    const complaints = firstWords(child.stderr);
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const part of child.stdout) {
        parts.push(part);
        length += part.length;
        if (length > 4 * most) kill(new Error("enough"));
        clearTimeout(stall);
        stall = setTimeout(late, STALL_MS);
      }
      await child.exited;
    } finally {
      clearTimeout(total);
      clearTimeout(stall);
      signal.removeEventListener("abort", abort);
      child.kill("SIGKILL");
      await child.exited;
    }
    if (signal.aborted) throw new AppError("decoding_failed", {}, { cause: why });
    // One that had no processor to work with says nothing of the recording.
    const cpu_us = Number(child.resourceUsage()?.cpuTime.total ?? STARVED_US);
    if (why && length === 0 && cpu_us < STARVED_US) throw new AppError("decoding_failed", {}, { cause: why });
    if (why && why.message !== "enough") throw unreadable(why);
    // A shell's words for "not found" and "not to be run", which `nice` says too.
    if (!why && (child.signalCode || (child.exitCode ?? 0) > 125)) {
      const cause = new Error(`ffmpeg ended: ${child.signalCode ?? child.exitCode}, ${await complaints}`);
      throw new AppError("decoding_failed", {}, { cause });
    }
    if (length < 4) throw unreadable(new Error(await complaints));
    const whole = new Uint8Array(length - (length % 4));
    let at = 0;
    for (const part of parts) {
      whole.set(part.subarray(0, whole.length - at), at);
      at += part.length;
    }
    return new Float32Array(whole.buffer);
  };

/** A file for one reader, without a name from the start of its reading: nothing of it stays, however this ends. */
async function nameless(folder: string, bytes: Uint8Array) {
  const path = join(folder, `${crypto.randomUUID()}.audio`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    await file.writeFile(bytes).catch(async (error) => {
      await file.close();
      throw error;
    });
    return file;
  } catch (error) {
    // A full disk may refuse the folder or the name already.
    throw new AppError(isFull(error) ? "storage_full" : "decoding_failed", {}, { cause: error });
  } finally {
    await rm(path, { force: true });
  }
}

function spawn(ffmpeg: string, format: Format, seconds: number, stdin: number) {
  const command = [...politely(10), ffmpeg, "-nostdin", "-hide_banner", "-v", "error", "-max_alloc", "268435456"];
  const limits = ["-protocol_whitelist", "file,pipe", "-codec_whitelist", CODECS, "-threads", "1"];
  const input = [...limits, "-f", DEMUXER[format], "-i", "/dev/stdin"];
  // Two channels become their mean; without a word it is half as much again, and clips.
  const sound = ["-af", "aresample=rematrix_maxval=1", "-ar", String(SAMPLE_RATE), "-ac", "1"];
  const output = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-t", String(seconds), ...sound];
  return Bun.spawn([...command, ...input, ...output, "-f", "f32le", "pipe:1"], {
    // Opened again by name, so that it can be read from any place: an M4A may have its index at the end.
    stdin,
    stdout: "pipe",
    stderr: "pipe",
    // Nothing of ours is ffmpeg's business.
    env: { PATH: process.env.PATH ?? "" },
  });
}

/** The beginning of what a process complains of; the rest is read too, or it would wait for a reader. */
async function firstWords(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of stream) if (text.length < 500) text += decoder.decode(part).slice(0, 500);
  return text.trim();
}
