import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { GGML_BLOCKS } from "./ggml_blocks.ts";

// Whether this machine can recognise speech, told without loading any native code. Imports nothing from
// node_modules, because the post-install step uses it too.

const ROOT = resolve(import.meta.dir, "../../..");

/** The model that lies in the repository. */
export const SHIPPED_MODEL = {
  file: join(ROOT, "models/ggml-base-q5_1.bin"),
  bytes: 59_707_625,
  sha256: "ee4332cc5b3f700877fc8d00730b9c7a464a1265188d821bfc09e55d6dc5163c",
};

export const ADDON = join(ROOT, "node_modules/smart-whisper/build/Release/smart-whisper.node");

/** What the post-install step remembers, so that the next start need not find it out again. */
export const BUILD_RECORD = join(ROOT, "node_modules/.recogniser.json");

export type BuildRecord = {
  readonly ok: boolean;
  /** What is missing and how to get it; empty when all is well. */
  readonly why: string;
  /** `compiler`: a start on which it is there builds; `build`: only a changed key does. */
  readonly lacking?: "compiler" | "package" | "build";
  readonly key: string;
  readonly flags: string;
  readonly seconds?: number;
  readonly model?: { readonly ok: boolean; readonly bytes: number; readonly mtime_ms: number };
};

export type Recogniser =
  | { ok: true; model: string; engine: string }
  | { ok: false; why: "no_addon" | "no_model" | "bad_model"; model: string; detail: string };

/** Looks at the addon and the model file; a few reads, no native code. A relative path starts at the project. */
export function recogniser(
  modelSetting: string | undefined,
  { addon = ADDON, record = BUILD_RECORD } = {},
): Recogniser {
  const model = modelSetting ? resolve(ROOT, modelSetting) : SHIPPED_MODEL.file;
  const remembered = readRecord(record);
  if (!existsSync(model))
    return {
      ok: false,
      why: "no_model",
      model,
      detail: `${model} does not exist: set WHISPER_MODEL, or leave it out for the shipped one`,
    };
  const fault = modelFault(model) ?? rememberedFault(model, remembered);
  if (fault) return { ok: false, why: "bad_model", model, detail: fault };
  if (!existsSync(addon)) {
    const detail = remembered?.why || "the recogniser is not built; run: bun scripts/build_recogniser.ts";
    return { ok: false, why: "no_addon", model, detail };
  }
  return { ok: true, model, engine: engineName(model) };
}

/** How answers name a model: `whisper ggml-base-q5_1`. */
export const engineName = (model: string) => `whisper ${basename(model).replace(/\.bin$/, "")}`;

/** Why a file cannot be a model, or null. Other files would take the process down that loads them. */
export function modelFault(file: string): string | null {
  try {
    const { size } = statSync(file);
    if (resolve(file) === SHIPPED_MODEL.file && size !== SHIPPED_MODEL.bytes) {
      return `${file} has ${size} bytes instead of ${SHIPPED_MODEL.bytes}`;
    }
    const handle = openSync(file, "r");
    try {
      const end = endOfModel(handle, size);
      if (end === null) return `${file} is not a ggml model`;
      return end > size ? `${file} is cut short` : null;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Where a model's last tensor ends by what its headers say: a few hundred short reads. Null is no model. A model that
 * broke off (a download, a full disk) would crash its reader like any other file.
 */
function endOfModel(handle: number, size: number): number | null {
  const read = (at: number, length: number) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(handle, bytes, 0, length, at));
  };
  // Magic number ("ggml" as a little-endian word), eleven settings, then the size of the table of filters.
  const head = read(0, 56);
  if (head.toString("latin1", 0, 4) !== "lmgg") return null;
  if (head.length < 56) return 56;
  let at = 56 + 4 * head.readInt32LE(48) * head.readInt32LE(52);

  const vocabulary = read(at, 4_000_000);
  if (vocabulary.length < 4) return at + 4;
  let word = 4;
  for (let left = vocabulary.readInt32LE(0); left > 0; left--) {
    if (word + 4 > vocabulary.length) return at + word + 4;
    word += 4 + vocabulary.readUInt32LE(word);
  }
  at += word;

  while (at < size) {
    const tensor = read(at, 28);
    if (tensor.length < 28) return at + 28;
    const [dimensions, name, type] = [tensor.readInt32LE(0), tensor.readInt32LE(4), tensor.readInt32LE(8)];
    if (dimensions < 1 || dimensions > 4 || name < 1 || name > 256) return null;
    let numbers = 1;
    for (let i = 0; i < dimensions; i++) numbers *= tensor.readInt32LE(12 + 4 * i);
    const block = GGML_BLOCKS[type];
    // A type of a later day: the recogniser may know it.
    if (!block) return size;
    at += 12 + 4 * dimensions + name + (numbers / block[1]) * block[0];
  }
  return at;
}

/** Reads the whole file (a third of a second for the shipped model): for the post-install step and `doctor`. */
export async function sha256(file: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(file).stream()) hash.update(chunk);
  return hash.digest("hex");
}

/** Whether the shipped model is the one whose checksum is known, and what to remember of it. */
export async function checkShippedModel(file = SHIPPED_MODEL.file): Promise<BuildRecord["model"]> {
  if (!existsSync(file)) return undefined;
  const { size, mtimeMs } = statSync(file);
  const ok = size === SHIPPED_MODEL.bytes && (await sha256(file)) === SHIPPED_MODEL.sha256;
  return { ok, bytes: size, mtime_ms: mtimeMs };
}

export function readRecord(file = BUILD_RECORD): BuildRecord | null {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

function rememberedFault(model: string, record: BuildRecord | null): string | null {
  if (model !== SHIPPED_MODEL.file || !record?.model || record.model.ok) return null;
  const { size, mtimeMs } = statSync(model);
  const same = size === record.model.bytes && mtimeMs === record.model.mtime_ms;
  return same ? `${model} does not have its published checksum` : null;
}
