import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

// Whether this machine can score pronunciation, told without loading any native code or weights.

const ROOT = resolve(import.meta.dir, "../../..");

const WEIGHTS = join(ROOT, "models/pronunciation");

/** The files that the scorer reads, as they lie in the repository. */
export const SHIPPED = {
  encoder: join(WEIGHTS, "encoder.onnx"),
  decoder: join(WEIGHTS, "decoder.onnx"),
  probe: join(WEIGHTS, "probe.onnx"),
  network: join(WEIGHTS, "network.f32"),
  scores: join(WEIGHTS, "scores.json"),
  misreadings: join(WEIGHTS, "misreadings.json"),
  letters: join(WEIGHTS, "letters.bin.gz"),
};

/** How answers name the scorer. */
export const ENGINE = "moonshine-tiny with phone probe";

const RUNTIME = join(ROOT, "node_modules/onnxruntime-node");

export type Ready = { ok: true; engine: string } | { ok: false; detail: string };

/** Looks whether the runtime's native code for this platform and the weights are there; a few looks at the disk. */
export function scorerReady({ files = SHIPPED, runtime = RUNTIME } = {}): Ready {
  for (const file of Object.values(files)) {
    if (!existsSync(file)) return { ok: false, detail: `${file} does not exist` };
    if (statSync(file).size === 0) return { ok: false, detail: `${file} is empty` };
  }
  const binding = join(runtime, "bin/napi-v6", process.platform, process.arch, "onnxruntime_binding.node");
  if (!existsSync(binding)) {
    const platform = `${process.platform} ${process.arch}`;
    return { ok: false, detail: `onnxruntime-node has no native code for ${platform}; run: bun install` };
  }
  return { ok: true, engine: ENGINE };
}
