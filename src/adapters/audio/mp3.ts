import { unreadable } from "./formats.ts";

// Only as much of MPEG audio as it takes to know a real file, its length, and whether its end is missing.

const RATES_1 = [44_100, 48_000, 32_000];
const KBPS_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBPS_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
// Where a tag stands before the sound, some writers leave padding behind it.
const PADDING = 65_536;
// What stands between frames is searched for the next one no further than this in all: a search takes its time.
const MOST_JUNK = 1_048_576;
// Frames in a row that make an MP3: two bytes that look like one are found in any noise.
const CHAIN = 3;

type Frame = { version: number; rate: number; samples: number; length: number; mono: boolean };

function frameAt(bytes: Uint8Array, at: number): Frame | null {
  // Asked at each byte of a damaged file, so nothing is made before it is known to be worth it.
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const version = (b >> 3) & 3;
  if (bytes[at] !== 0xff || b < 0xe0 || version === 1 || ((b >> 1) & 3) !== 1) return null;
  const base = RATES_1[(c >> 2) & 3];
  const kbps = (version === 3 ? KBPS_1 : KBPS_2)[c >> 4];
  if (!base || !kbps) return null;
  const rate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const samples = version === 3 ? 1152 : 576;
  const length = Math.floor((samples * 125 * kbps) / rate) + ((c >> 1) & 1);
  return { version, rate, samples, length, mono: (bytes[at + 3] ?? 0) >> 6 === 3 };
}

/** Length of the ID3v2 tag at the beginning; 0 where there is none. */
function tagLength(bytes: Uint8Array): number {
  if (bytes[0] !== 0x49 || bytes[1] !== 0x44 || bytes[2] !== 0x33 || bytes.length < 10) return 0;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(6, 10);
  return 10 + (((a & 127) << 21) | ((b & 127) << 14) | ((c & 127) << 7) | (d & 127));
}

/** Whether frame follows frame from here on, for long enough or to the file's end. */
function chained(bytes: Uint8Array, start: number): boolean {
  const first = frameAt(bytes, start);
  let at = start;
  for (let n = 0; first && n < CHAIN; n++) {
    const frame = frameAt(bytes, at);
    if (!frame || frame.version !== first.version || frame.rate !== first.rate) return n > 0 && at === bytes.length;
    at += frame.length;
  }
  return first !== null && at <= bytes.length;
}

/** Where the first frame begins; -1 where this is no MP3. */
export function mp3Start(bytes: Uint8Array): number {
  const tag = tagLength(bytes);
  const last = Math.min(bytes.length, tag + PADDING);
  for (let at = tag; at < last; at++) {
    if (bytes[at] === 0xff && chained(bytes, at)) return at;
    // Without a tag nothing but zeros may stand before the first frame, or any file with an MP3 inside were one.
    if (tag === 0 && bytes[at] !== 0) return -1;
  }
  return -1;
}

/** Its length by counting frames. Refuses a file with fewer of them than its Xing, Info or VBRI header promises. */
export function measureMp3(bytes: Uint8Array): number {
  const start = mp3Start(bytes);
  const first = frameAt(bytes, start);
  if (!first) throw unreadable();
  const promised = promisedFrames(bytes.subarray(start, start + first.length), first);
  let frames = promised === null ? 0 : -1;
  let at = start;
  let junk = 0;
  while (at + 4 <= bytes.length && junk < MOST_JUNK) {
    const frame = frameAt(bytes, at);
    if (frame?.version === first.version && frame.rate === first.rate) {
      if (at + frame.length <= bytes.length) frames++;
      at += frame.length;
    } else {
      const found = bytes.indexOf(0xff, at + 1);
      const next = found === -1 ? bytes.length : found;
      junk += next - at;
      at = next;
    }
  }
  // A little less is a damaged or a trimmed file, and what is left of it plays.
  if (promised && frames < promised - 2 && frames < promised * 0.95) throw unreadable(new Error("the file was cut"));
  return (frames * first.samples) / first.rate;
}

/** Null without such a header, 0 with one that does not know: an encoder that wrote into a pipe. */
function promisedFrames(frame: Uint8Array, { version, mono }: Frame): number | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const side = version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17;
  const name = (at: number) => String.fromCharCode(...frame.subarray(at, at + 4));
  if (["Xing", "Info"].includes(name(4 + side)) && frame.length >= side + 16) {
    return view.getUint32(8 + side) & 1 ? view.getUint32(12 + side) : 0;
  }
  if (name(36) === "VBRI" && frame.length >= 54) return view.getUint32(50);
  return null;
}
