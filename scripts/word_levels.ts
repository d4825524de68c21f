import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { LEVELS_FILE } from "../src/adapters/words/levels.ts";

// `bun scripts/word_levels.ts`: makes models/cefr/levels.txt.gz again from the PyPI package cefrpy, fetched by pip.

const PACKAGE = "cefrpy==1.0.3";
const DATA_SHA256 = "21866e2f58a859ca5d62d402c850729ef0919b0ff673384fd6d1437bdc9f6a38";

/** The part-of-speech tags that the package numbers so: proper nouns, singular and plural. */
const NAMES: ReadonlySet<number> = new Set([10, 11]);

type Entry = { tags: number[]; level: number };

/** The package's data: how far the words of each length reach, then word, tag and level of each, one byte a letter. */
function entries(data: Buffer): Map<string, Entry> {
  const lengths = data.readUInt8(0);
  const body = data.subarray(1 + 4 * lengths);
  const found = new Map<string, Entry>();
  for (let length = 1; length < lengths; length++) {
    const end = data.readUInt32LE(1 + 4 * length);
    for (let at = data.readUInt32LE(1 + 4 * (length - 1)); at < end; at += length + 2) {
      const word = body.toString("latin1", at, at + length);
      const tag = body.readUInt8(at + length);
      // 1 is A1, 6 is C2.
      const level = 1 + body.readUInt8(at + length + 1) / 50;
      const { tags, level: easiest } = found.get(word) ?? { tags: [], level: 6 };
      found.set(word, { tags: [...tags, tag], level: Math.min(easiest, level) });
    }
  }
  return found;
}

/** The level of the easiest part of speech, 1 to 6: who writes `book` means the thing to read. Halves go down. */
const levelOf = ({ level }: Entry): number => Math.ceil(level - 0.5);

/** A rare name says nothing of its writer's vocabulary. */
const isName = ({ tags, level }: Entry): boolean =>
  level > 5.5 ? tags.some((tag) => NAMES.has(tag)) : level > 4.5 && tags.every((tag) => NAMES.has(tag));

/** See `wordsIn` in src/adapters/words/levels.ts. */
function frontCoded(words: readonly string[]): string {
  return words
    .map((word, i) => {
      const before = words[i - 1] ?? "";
      let shared = 0;
      while (shared < 25 && shared < before.length && before[shared] === word[shared]) shared++;
      return String.fromCharCode("A".charCodeAt(0) + shared) + word.slice(shared);
    })
    .join("");
}

const folder = mkdtempSync(join(tmpdir(), "word-levels-"));
try {
  const fetched = Bun.spawnSync(
    ["pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", folder, PACKAGE],
    {
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  if (!fetched.success) throw new Error(`pip could not fetch ${PACKAGE}`);
  const data = readFileSync(join(folder, "cefrpy", "data.bin"));
  const digest = new Bun.CryptoHasher("sha256").update(data).digest("hex");
  if (digest !== DATA_SHA256) throw new Error(`data.bin of ${PACKAGE} is not the one that was looked at: ${digest}`);
  const words = [...entries(data)].filter(([, entry]) => !isName(entry)).sort(([a], [b]) => (a < b ? -1 : 1));
  const byLevel = [1, 2, 3, 4, 5, 6].map((level) => words.filter(([, entry]) => levelOf(entry) === level));
  const text = byLevel.map((line) => `${frontCoded(line.map(([word]) => word))}\n`).join("");
  writeFileSync(LEVELS_FILE, gzipSync(text, { level: 9 }));
  console.log(`${words.length} words: ${byLevel.map((line, i) => `${i + 1}: ${line.length}`).join(", ")}`);
} finally {
  rmSync(folder, { recursive: true });
}
