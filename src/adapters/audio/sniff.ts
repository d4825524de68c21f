import { fileTypeFromBuffer } from "file-type";
import { AppError } from "../../domain/errors.ts";
import type { Format } from "./formats.ts";
import { mp3Start } from "./mp3.ts";

// Two looks at the content, never at a name: our own first, so that only what begins like audio is parsed further.

const MIME: Record<string, Format> = {
  "audio/wav": "wav",
  "audio/ogg": "ogg",
  "audio/ogg; codecs=opus": "ogg",
  "video/webm": "webm",
  "audio/webm": "webm",
  "video/mp4": "m4a",
  "audio/mp4": "m4a",
  "audio/x-m4a": "m4a",
  "audio/flac": "flac",
  "audio/x-flac": "flac",
};

/** What the file is. Throws `audio_empty` and `unsupported_audio`. */
export async function recognise(bytes: Uint8Array): Promise<Format> {
  if (bytes.length === 0) throw new AppError("audio_empty");
  const guess = guessed(bytes);
  if (!guess) throw new AppError("unsupported_audio");
  if (guess === "mp3") return guess;
  const type = await fileTypeFromBuffer(bytes.subarray(0, 65_536)).catch(() => undefined);
  if (!type || MIME[type.mime] !== guess) throw new AppError("unsupported_audio");
  return guess;
}

const inFirstPage = (bytes: Uint8Array, words: string) => Buffer.from(bytes.subarray(0, 512)).includes(words);
const isOpus = (bytes: Uint8Array) => inFirstPage(bytes, "OpusHead");
export const isVorbis = (bytes: Uint8Array) => inFirstPage(bytes, "\x01vorbis");

function guessed(bytes: Uint8Array): Format | null {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 4) === "RIFF") return text(8, 12) === "WAVE" ? "wav" : null;
  if (text(0, 4) === "fLaC") return "flac";
  if (text(0, 4) === "\x1aE\xdf\xa3") return text(0, 64).includes("webm") ? "webm" : null;
  if (text(4, 8) === "ftyp") return "m4a";
  if (text(0, 4) === "OggS") return isOpus(bytes) || isVorbis(bytes) ? "ogg" : null;
  return mp3Start(bytes) === -1 ? null : "mp3";
}
