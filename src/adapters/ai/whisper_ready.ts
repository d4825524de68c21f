import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";

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
  if (!existsSync(model)) return { ok: false, why: "no_model", model, detail: `${model} does not exist` };
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
    const head = Buffer.alloc(4);
    const handle = openSync(file, "r");
    try {
      readSync(handle, head, 0, 4, 0);
    } finally {
      closeSync(handle);
    }
    // "ggml" as a little-endian word.
    if (head.toString("latin1") !== "lmgg") return `${file} is not a ggml model`;
    if (resolve(file) === SHIPPED_MODEL.file && size !== SHIPPED_MODEL.bytes) {
      return `${file} has ${size} bytes instead of ${SHIPPED_MODEL.bytes}`;
    }
    return size < 1_000_000 ? `${file} is cut short` : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
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
