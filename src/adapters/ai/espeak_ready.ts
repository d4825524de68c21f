import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../../..");
const DATA = join(ROOT, "node_modules/@echogarden/espeak-ng-emscripten/espeak-ng.data");

export type EspeakState = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** Whether the optional package is here; one look at a file, and nothing of it is loaded. */
export const espeakReady = (data = DATA): EspeakState =>
  existsSync(data)
    ? { ok: true }
    : { ok: false, detail: "espeak-ng is not installed, so Uzbek has no voice: bun install, without --omit=optional" };
