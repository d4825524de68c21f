import { closeSync, openSync, readSync, statSync } from "node:fs";
import { GGML_BLOCKS } from "./ggml_blocks.ts";

// Reads what a GGUF file says of itself: a few reads, no native code. A file that is none, or broke off (a download, a full
// disk), would take the process down that loads it.

export type Gguf =
  | { readonly ok: true /** Tokens that the model was trained to see at once. */; readonly context_tokens: number }
  | { readonly ok: false /** A sentence that starts with the file's name. */; readonly fault: string };

const WINDOW = 1 << 20;
/** No file has as many entries; more is a number out of nowhere. */
const MOST = 1_000_000;

const NOT_GGUF = "is not a GGUF model";
const CUT_SHORT = "is cut short";

/** Reads numbers and texts one after the other, a window at a time. */
function reader(handle: number, size: number) {
  let window = Buffer.alloc(0);
  let start = 0;
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > size) throw new Error(CUT_SHORT);
    if (at + length > start + window.length) {
      const wanted = Buffer.alloc(Math.min(size - at, Math.max(WINDOW, length)));
      window = wanted.subarray(0, readSync(handle, wanted, 0, wanted.length, at));
      start = at;
      if (length > window.length) throw new Error(CUT_SHORT);
    }
    at += length;
    return window.subarray(at - length - start, at - start);
  };
  const count = () => {
    const value = Number(take(8).readBigUInt64LE());
    if (value > MOST) throw new Error(NOT_GGUF);
    return value;
  };
  return {
    take,
    u32: () => take(4).readUInt32LE(),
    u64: () => Number(take(8).readBigUInt64LE()),
    count,
    text: () => take(count()).toString(),
    get at() {
      return at;
    },
  };
}

type Reader = ReturnType<typeof reader>;

const [TEXT, LIST] = [8, 9];
/** Bytes of a plain value, by its type's number. */
const PLAIN = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];

/** A whole number of the kinds that counts come in, or a text; anything else is read past. */
function value(from: Reader, type: number): number | string | undefined {
  if (type === TEXT) return from.text();
  if (type === LIST) {
    const kind = from.u32();
    for (let left = from.count(); left > 0; left--) value(from, kind);
    return undefined;
  }
  const bytes = PLAIN[type];
  if (!bytes) throw new Error(NOT_GGUF);
  const raw = from.take(bytes);
  if (type === 4 || type === 5) return raw.readUInt32LE();
  return type === 10 || type === 11 ? Number(raw.readBigUInt64LE()) : undefined;
}

/** How many bytes the tensors take, measured from where the first of them lies. */
function tensorBytes(from: Reader, tensors: number): number {
  let end = 0;
  for (let i = 0; i < tensors; i++) {
    from.text();
    let numbers = 1;
    for (let left = from.u32(); left > 0; left--) numbers *= from.u64();
    const [bytes, inBlock] = GGML_BLOCKS[from.u32()] ?? [0, 1];
    end = Math.max(end, from.u64() + (numbers / inBlock) * bytes);
  }
  return end;
}

function readHead(file: string, handle: number, size: number): Gguf {
  const from = reader(handle, size);
  if (size < 4 || from.take(4).toString("latin1") !== "GGUF") throw new Error(NOT_GGUF);
  const version = from.u32();
  if (version !== 2 && version !== 3) return { ok: false, fault: `${file} is of GGUF version ${version}, not 2 or 3` };
  const tensors = from.count();
  const told = new Map<string, number | string | undefined>();
  for (let left = from.count(); left > 0; left--) {
    const key = from.text();
    told.set(key, value(from, from.u32()));
  }
  const bytes = tensorBytes(from, tensors);
  const alignment = Number(told.get("general.alignment") ?? 32) || 32;
  if (Math.ceil(from.at / alignment) * alignment + bytes > size) throw new Error(CUT_SHORT);
  const context = told.get(`${told.get("general.architecture")}.context_length`);
  return typeof context === "number" && context > 0
    ? { ok: true, context_tokens: context }
    : { ok: false, fault: `${file} is a GGUF file, but not of a language model` };
}

/** What the file says, or why it cannot be a model. Never throws. */
export function readGguf(file: string): Gguf {
  try {
    const { size } = statSync(file);
    const handle = openSync(file, "r");
    try {
      return readHead(file, handle, size);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isOurs = why === NOT_GGUF || why === CUT_SHORT;
    return { ok: false, fault: `${file} ${isOurs ? why : `cannot be read (${why})`}` };
  }
}
