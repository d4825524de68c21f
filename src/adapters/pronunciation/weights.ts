import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sha256 } from "../ai/whisper_ready.ts";
import { SHIPPED } from "./scorer_ready.ts";

/** Written beside the weights by whatever fits them, in the form that `sha256sum -c` reads. */
const SUMS = join(dirname(SHIPPED.encoder), "SHA256SUMS");

/** Which of the weights are not there, or not as they were published; reads all of them, for `doctor`. */
export async function damagedWeights(files = Object.values(SHIPPED), sums = SUMS): Promise<string[]> {
  const lines = readFileSync(sums, "utf8").trim().split("\n");
  const published = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  const found = await Promise.all(files.map(async (file) => [file, await sha256(file).catch(() => null)] as const));
  return found.flatMap(([file, sum]) => (sum !== null && sum === published.get(basename(file)) ? [] : [file]));
}
