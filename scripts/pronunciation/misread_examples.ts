import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stretchesBeside } from "../../src/adapters/pronunciation/added.ts";
import { align } from "../../src/adapters/pronunciation/alignment.ts";
import { looksAt, tokensOf } from "../../src/adapters/pronunciation/followed.ts";
import { openLexicon } from "../../src/adapters/pronunciation/lexicon.ts";
import { hearSound, passagesOf, type Sound } from "../../src/adapters/pronunciation/listener.ts";
import { openMoonshine } from "../../src/adapters/pronunciation/moonshine.ts";
import { openProbe } from "../../src/adapters/pronunciation/probe.ts";
import { SHIPPED } from "../../src/adapters/pronunciation/scorer_ready.ts";
import { type SpokenWord, spokenWords } from "../../src/adapters/pronunciation/spoken_words.ts";
import { surveyOf } from "../../src/adapters/pronunciation/survey.ts";
import { openTokens } from "../../src/adapters/pronunciation/tokens.ts";
import type { Evidence } from "../../src/adapters/pronunciation/word_evidence.ts";
import type { Samples } from "../../src/domain/speech.ts";
import { readSamples } from "../../tests/support/recordings.ts";
import { seeded } from "./agreement.ts";
import { type Made, type Reader, readersOf, readingsOf } from "./made_readings.ts";

const USAGE = `bun scripts/pronunciation/misread_examples.ts --corpus FOLDER --out FOLDER --probe FILE --folds FILE [--clips N] [--part 0/2]
Makes readings that are wrong in a known way out of the training split of a corpus, and writes what the scorer hears in them:
examples.jsonl, a line for each, and names.json.
--probe  phone probes; {fold} in the name stands for the fold of the clip's speaker, whom the probe does not know
--folds  JSON, {"speaker": fold}
--clips  the first so many in a drawn order; all, unless given
--part   the first of two halves: each in a folder of its own`;

const { values } = parseArgs({
  options: {
    corpus: { type: "string" },
    out: { type: "string" },
    probe: { type: "string" },
    folds: { type: "string" },
    clips: { type: "string" },
    part: { type: "string", default: "0/1" },
  },
});
const { corpus, out, probe, folds } = values;
if (!corpus || !out || !probe || !folds) {
  console.error(USAGE);
  process.exit(1);
}

mkdirSync(out, { recursive: true });
const foldOf: Record<string, number> = JSON.parse(readFileSync(folds, "utf8"));
const tokens = await openTokens();
const lexicon = openLexicon();
// Nothing here is made of what is heard without the text, which takes most of the time.
const moonshine = { ...(await openMoonshine({ ...SHIPPED, threads: 1 }, tokens.lettered)), listen: async () => [] };
const probes = new Map<string, ReturnType<typeof openProbe>>();
const probeOf = (speaker: string, probe: string) => {
  const file = probe.replace("{fold}", String(foldOf[speaker] ?? ""));
  const priors: number[] = JSON.parse(readFileSync(file.replace(/\.onnx$/, ".priors.json"), "utf8"));
  const found = probes.get(file) ?? openProbe({ probe: file, priors, threads: 1 });
  probes.set(file, found);
  return found;
};

const wordsIn = (text: string) => spokenWords(text, lexicon);

/** Frames of each word in a clip, where all of them are said. */
function spansIn({ posteriors, priors }: Sound, words: readonly SpokenWord[]) {
  const segments = align(words, posteriors, priors)?.segments ?? [];
  return words.flatMap((_, word) => {
    const own = segments.filter((segment) => segment.word === word);
    const [first, last] = [own[0], own.at(-1)];
    return first && last ? [{ from: first.from, to: last.to }] : [];
  });
}

const [file, namesFile] = [join(out, "examples.jsonl"), join(out, "names.json")];
writeFileSync(file, "");
const names: { words?: string[]; stretches?: string[] } = {};
let namesKnown = false;

/** Numbers alone; the names are the same in every row. */
function columns(rows: readonly Evidence[], what: "words" | "stretches"): number[][] {
  const [first] = rows;
  if (first && !names[what]) names[what] = Object.keys(first);
  return rows.map((row) => names[what]?.map((name) => Math.round((row[name] ?? Number.NaN) * 1e4) / 1e4) ?? []);
}

async function write(reader: Reader, { kind, sound, text, labels, marks, added }: Made<Sound>) {
  const words = wordsIn(text);
  const label = (word: SpokenWord) => {
    let at = 0;
    const index = text.split(" ").findIndex((token) => {
      at += token.length + 1;
      return word.start < at;
    });
    return { label: labels[index] ?? 0, mark: marks[index] ?? null };
  };
  const survey = surveyOf(words, sound.posteriors, sound.priors);
  const looks = await looksAt(sound, words, survey);
  const known = words.map(label);
  const stretches = known.some((word) => word.label !== 0)
    ? []
    : stretchesBeside(
        words,
        await tokensOf({ ...sound, passages: await passagesOf(sound, words) }),
        sound.posteriors,
        sound.priors,
        survey,
      );
  const isAdded = ({ from, to }: { from: number; to: number }) =>
    added !== undefined && Math.min(to, added.to) - Math.max(from, added.from) > (to - from) / 2;
  const example = {
    ...{ id: reader.id, speaker: reader.speaker, kind, text },
    labels: known.map((word) => word.label),
    marks: known.map((word) => word.mark),
    words: columns(
      looks.flatMap(({ evidence }) => evidence),
      "words",
    ),
    stretches: columns(
      stretches.map(({ evidence }) => evidence),
      "stretches",
    ),
    added: stretches.map((stretch) => (isAdded(stretch) ? 1 : 0)),
  };
  appendFileSync(file, `${JSON.stringify(example)}\n`);
  if (namesKnown || !names.words || !names.stretches) return;
  writeFileSync(namesFile, JSON.stringify(names));
  namesKnown = true;
}

const readers = readersOf(corpus, foldOf);
const [part = 0, parts = 1] = (values.part ?? "").split("/").map(Number);
const random = seeded(1);
const order = readers.map((reader) => ({ reader, key: random() })).toSorted((a, b) => a.key - b.key);
const chosen = order.slice(0, values.clips ? Number(values.clips) : undefined).filter((_, i) => i % parts === part);
for (const [i, { reader }] of chosen.entries()) {
  const own = { tokens, moonshine, probe: await probeOf(reader.speaker, probe) };
  const hear = (samples: Samples) => hearSound(own, samples);
  const tools = { hear, read: readSamples, words: wordsIn, spans: spansIn };
  for await (const made of readingsOf(reader, readers, tools)) await write(reader, made);
  if (i % 20 === 19) console.log(`${i + 1} of ${chosen.length}`);
}
