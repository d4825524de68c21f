import { gunzipSync } from "node:zlib";
import type { LevelOf, WordLevels } from "../../application/ports/word_levels.ts";
import { LEVELS, type Level } from "../../domain/users.ts";
import { knownForm } from "../../domain/word_forms.ts";

/** Made by scripts/word_levels.ts: what is in it and where it comes from is said beside it. */
export const LEVELS_FILE = new URL("../../../models/cefr/levels.txt.gz", import.meta.url);

const A = "A".charCodeAt(0);
const AT_ONCE = 4_000;

/** The words of one line: a capital letter says how many letters of the word before begin this one too (A is none). */
function* wordsIn(line: string): Generator<string> {
  let before = "";
  for (const [coded] of line.matchAll(/[A-Z][a-z]*/g)) {
    before = before.slice(0, coded.charCodeAt(0) - A) + coded.slice(1);
    yield before;
  }
}

async function read(): Promise<LevelOf> {
  const text = gunzipSync(await Bun.file(LEVELS_FILE).bytes()).toString("latin1");
  const levels = new Map<string, Level>();
  for (const [i, line] of text.trimEnd().split("\n").entries()) {
    const level = LEVELS[i];
    if (!level) continue;
    for (const word of wordsIn(line)) {
      levels.set(word, level);
      // Other calls have their turn.
      if (levels.size % AT_ONCE === 0) await new Promise(setImmediate);
    }
  }
  return (word) => levels.get(knownForm(word, levels) ?? word) ?? null;
}

/** The list of the PyPI package cefrpy: 100 000 words in memory from the first use on. */
export function listedWordLevels(): WordLevels {
  let reading: Promise<LevelOf> | undefined;
  return {
    load: () => {
      reading ??= read().catch((error) => {
        reading = undefined;
        throw error;
      });
      return reading;
    },
  };
}
