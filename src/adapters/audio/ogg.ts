import { unreadable } from "./formats.ts";

// The page checksum of Ogg: CRC-32 with the usual polynomial, but neither reflected nor inverted.
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c1_1db7 : 0);
  return value;
});

// An hour at one packet a page. Whatever is behind them is too long, and the decoders stop there by themselves.
const MOST_PAGES = 180_000;

type Page = { start: number; end: number };

/** An Ogg file is a row of pages. Refuses one whose last page is not whole: it was cut. */
export function pagesOf(bytes: Uint8Array): Page[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages: Page[] = [];
  let start = 0;
  while (start !== -1 && start < file.length && pages.length < MOST_PAGES) {
    const body = start + 27 + (file[start + 26] ?? 0);
    let end = body;
    for (let i = start + 27; i < body; i++) end += file[i] ?? 0;
    if (body > file.length || end > file.length) throw unreadable(new Error("the file was cut"));
    pages.push({ start, end });
    start = file.indexOf("OggS", end);
  }
  return pages;
}

/** The pages whose checksum holds: Opus makes a sound of any bytes, so damage must not reach it. */
export function soundPages(bytes: Uint8Array): Uint8Array {
  const sound = pagesOf(bytes).filter((page) => holds(bytes.subarray(page.start, page.end)));
  return Buffer.concat(sound.map(({ start, end }) => bytes.subarray(start, end)));
}

function holds(page: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < page.length; i++) {
    // The checksum's own place counts as zeros.
    const byte = i >= 22 && i < 26 ? 0 : (page[i] ?? 0);
    sum = (sum << 8) ^ (TABLE[(sum >>> 24) ^ byte] ?? 0);
  }
  return sum === new DataView(page.buffer, page.byteOffset).getInt32(22, true);
}
