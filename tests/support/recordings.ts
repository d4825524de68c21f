import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SAMPLE_RATE, type Samples } from "../../src/domain/speech.ts";

const ROOT = resolve(import.meta.dir, "../..");
const FOLDER = [join(ROOT, "tests/test_data/speech"), join(ROOT, "../shared/audio")].find(existsSync) ?? "";

export type Recorded = { file: string; transcript: string; source: string };

/** Real speech whose words are known, from Debian's pocketsphinx-testdata. */
export const recordings: Recorded[] = JSON.parse(readFileSync(join(FOLDER, "manifest.json"), "utf8")).filter(
  ({ file, source }: Recorded) => file.endsWith(".wav") && source.includes("pocketsphinx-testdata"),
);

/** The samples of one of them. */
export const clip = (file: string): Samples => readSamples(join(FOLDER, file));

/** The samples of a WAV file of 16-bit mono at 16 kHz, without a decoder. */
export function readSamples(path: string): Samples {
  const bytes = readFileSync(path);
  const format = bytes.indexOf("fmt ") + 8;
  const [channels, rate, bits] = [2, 4, 14].map((at) => bytes.readUInt16LE(format + at));
  if (channels !== 1 || rate !== SAMPLE_RATE || bits !== 16) throw new Error(`${path} is not 16-bit mono at 16 kHz`);
  let at = 12;
  while (bytes.toString("latin1", at, at + 4) !== "data") at += 8 + bytes.readUInt32LE(at + 4);
  const length = Math.floor(Math.min(bytes.readUInt32LE(at + 4), bytes.length - at - 8) / 2);
  return Float32Array.from({ length }, (_, i) => bytes.readInt16LE(at + 8 + 2 * i) / 32768);
}

/** Several one after the other, with a silence of that many seconds behind each. */
export function joined(clips: readonly Samples[], gap = 0): Samples {
  const silence = Math.round(gap * 16_000);
  const all = new Float32Array(clips.reduce((sum, { length }) => sum + length + silence, 0));
  let at = 0;
  for (const one of clips) {
    all.set(one, at);
    at += one.length + silence;
  }
  return all;
}
