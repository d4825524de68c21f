import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { readGguf } from "./gguf.ts";

// Whether a language model can run on this machine, told without loading any native code. Imports nothing from
// node_modules, because the step that installs the package uses it too.

const ROOT = resolve(import.meta.dir, "../../..");

/** The package is fifty megabytes that few want: it has a lock of its own, and is installed when it is first chosen. */
export const PACKAGE = join(ROOT, "optional/local_model");

/** Written when everything is in place; says for which machine. */
export const STAMP = join(PACKAGE, "node_modules/.installed");

/** What a stamp says on this machine. */
export const MACHINE = `${process.platform} ${process.arch}`;

/** Prompt and answer together: what more costs in memory, and in time to read, is not worth it to a tutor. */
export const CONTEXT_TOKENS = 4096;

export type LocalModel =
  | { ok: true; model: string; engine: string; context_tokens: number }
  | { ok: false; why: "no_package" | "no_model" | "bad_model"; model: string; engine: string; detail: string };

/**
 * Looks at the model file and the package. A relative path starts at the project. `detail` is one sentence: what is
 * missing, and how to get it.
 */
export function localModel(
  modelSetting: string | undefined,
  { stamp = STAMP, most_tokens = CONTEXT_TOKENS } = {},
): LocalModel {
  const model = resolve(ROOT, modelSetting ?? "");
  const engine = `local ${basename(model).replace(/\.gguf$/i, "")}`;
  const off = (why: "no_package" | "no_model" | "bad_model", detail: string) =>
    ({ ok: false, why, model, engine, detail }) as const;
  if (!modelSetting) return off("no_model", "set LLM_MODEL to the path of a GGUF file");
  if (!existsSync(model)) return off("no_model", `${model} does not exist: set LLM_MODEL to the path of a GGUF file`);
  const read = readGguf(model);
  if (!read.ok) return off("bad_model", `${read.fault}: set LLM_MODEL to another one`);
  if (!isInstalled(stamp))
    return off("no_package", "the local model's package is not installed; run: bun scripts/local_model.ts");
  return { ok: true, model, engine, context_tokens: Math.min(most_tokens, read.context_tokens) };
}

/** Another machine's package would not load here. */
function isInstalled(stamp: string): boolean {
  try {
    return readFileSync(stamp, "utf8").startsWith(`${MACHINE} `);
  } catch {
    return false;
  }
}
