import { type Format, unreadable } from "./formats.ts";
import { measureMp3 } from "./mp3.ts";
import { pagesOf } from "./ogg.ts";
import { readWav } from "./wav.ts";

/**
 * What a file's own headers say of its length, in seconds; null where they do not. Costs no decoding, so that a day of
 * silence is refused at once; and refuses what is plainly cut in the middle or can hold no sound.
 */
export function promisedSeconds(bytes: Uint8Array, format: Format): number | null {
  switch (format) {
    case "wav": {
      const { frames, rate } = readWav(bytes);
      if (frames === 0) throw unreadable();
      return frames / rate;
    }
    case "mp3":
      return measureMp3(bytes);
    case "flac":
      return measureFlac(bytes);
    case "m4a":
      return measureMp4(bytes);
    case "ogg":
      pagesOf(bytes);
      return null;
    // A live WebM knows neither its length nor its size.
    case "webm":
      return null;
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** STREAMINFO must be the first block: rate in 20 bits, channels in 3, depth in 5, samples in 36 (0 is unknown). */
function measureFlac(bytes: Uint8Array): number | null {
  if (bytes.length < 42 || ((bytes[4] ?? 0) & 127) !== 0) throw unreadable();
  const view = viewOf(bytes);
  const rate = view.getUint32(18) >>> 12;
  if (rate === 0) throw unreadable();
  const samples = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  return samples === 0 ? null : samples / rate;
}

const MOST_BOXES = 50_000;

/** An MP4 is a row of boxes that say how long they are; one that reaches beyond the file was cut. */
function measureMp4(bytes: Uint8Array): number | null {
  const view = viewOf(bytes);
  let index: number | undefined;
  let at = 0;
  for (let boxes = 0; at + 8 <= bytes.length; boxes++) {
    // A recording of hours in fragments of a second has fewer.
    if (boxes > MOST_BOXES) throw unreadable();
    const name = nameAt(bytes, at);
    if (!/^[\w ©-]{4}$/.test(name)) break;
    if (name === "moov") index = at;
    let size = view.getUint32(at);
    if (size === 0) break;
    if (size === 1) size = at + 16 <= bytes.length ? Number(view.getBigUint64(at + 8)) : 0;
    if (size < 8) throw unreadable();
    if (at + size > bytes.length) throw unreadable(new Error("the file was cut"));
    at += size;
  }
  if (index === undefined) throw unreadable();
  return movieSeconds(bytes, index + 8);
}

const nameAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at + 4, at + 8));

/** The movie header comes first in the index; null where it does not say, as in a fragmented file. */
function movieSeconds(bytes: Uint8Array, at: number): number | null {
  if (nameAt(bytes, at) !== "mvhd" || at + 40 > bytes.length) return null;
  const view = viewOf(bytes);
  const [scale, duration] =
    view.getUint8(at + 8) === 1
      ? [view.getUint32(at + 28), Number(view.getBigUint64(at + 32))]
      : [view.getUint32(at + 20), view.getUint32(at + 24)];
  return scale > 0 && duration > 0 && duration < 0xffff_ffff ? duration / scale : null;
}
