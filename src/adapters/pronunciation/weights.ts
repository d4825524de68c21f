import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../ai/whisper_ready.ts";
import { SHIPPED } from "./scorer_ready.ts";

export const WEIGHTS = dirname(SHIPPED.encoder);

/** In the form that `sha256sum -c` reads; written anew with the weights. */
const SUMS = "SHA256SUMS";

/** Which of the weights are not there, or not as they were published; reads all of them, for `doctor`. */
export async function damagedWeights(folder = WEIGHTS): Promise<string[]> {
  const published = readFileSync(join(folder, SUMS), "utf8").trim().split("\n");
  const checked = published.map(async (line) => {
    const [sum, name] = [line.slice(0, 64), line.slice(66)];
    const found = await sha256(join(folder, name)).catch(() => null);
    return found === sum ? [] : [name];
  });
  return (await Promise.all(checked)).flat();
}
