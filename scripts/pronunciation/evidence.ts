import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clipEvidence } from "../../src/adapters/pronunciation/clip_evidence.ts";
import { openLexicon } from "../../src/adapters/pronunciation/lexicon.ts";
import { type Hearing, hear } from "../../src/adapters/pronunciation/listener.ts";
import { openMoonshine } from "../../src/adapters/pronunciation/moonshine.ts";
import { PHONE_INPUTS, phoneInputs } from "../../src/adapters/pronunciation/phone_inputs.ts";
import { soundOf } from "../../src/adapters/pronunciation/phones.ts";
import { openProbe } from "../../src/adapters/pronunciation/probe.ts";
import { SHIPPED } from "../../src/adapters/pronunciation/scorer_ready.ts";
import { spokenWords } from "../../src/adapters/pronunciation/spoken_words.ts";
import { openTokens } from "../../src/adapters/pronunciation/tokens.ts";
import { readSamples } from "../../tests/support/recordings.ts";
import { type CorpusClip, trainingClips } from "./corpus.ts";
import { heardBefore } from "./heard_before.ts";

const USAGE = `bun scripts/pronunciation/evidence.ts --corpus FOLDER --out FOLDER [--probe FILE] [--folds FILE] [--name NAME] [--part 0/2]
Writes what the scorer hears in the training split of a corpus: states.f16 with states.jsonl, NAME.jsonl with a line for each clip,
and inputs.json with the names of the network's inputs.
--probe  a phone probe other than the shipped one, its priors beside it in a file named .priors.json; {fold} in its name stands for the fold of the clip's speaker
--folds  JSON, {"speaker": fold}, for such a probe
--name   evidence, unless another is given
--part   the first of two halves: each in a folder of its own`;

const { values } = parseArgs({
  options: {
    corpus: { type: "string" },
    out: { type: "string" },
    probe: { type: "string", default: SHIPPED.probe },
    folds: { type: "string" },
    name: { type: "string", default: "evidence" },
    part: { type: "string", default: "0/1" },
  },
});
if (!values.corpus || !values.out) {
  console.error(USAGE);
  process.exit(1);
}

const rounded = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Math.round(value * 1e5) / 1e5 : value;

/** Word and clip records have the names that scores.json asks for. */
function record({ id, speaker, text }: CorpusClip, { chunks, posteriors, passages }: Hearing) {
  const words = passages.flatMap((passage) => passage.words);
  const inputs = passages.flatMap((passage) => phoneInputs(passage.words, passage.evidence));
  return {
    ...{ id, speaker, text },
    frames: posteriors.frames,
    transcript: chunks.map(({ transcript }) => transcript).join(" "),
    words: passages.flatMap((passage, p) =>
      passage.words.map(({ word, tokens }, i) => ({
        ...{ text: word.text, said: word.said, passage: p, evidence: passage.evidence[i] },
        tokens: tokens.map(({ word: _, ...token }) => token),
      })),
    ),
    phones: words
      .flatMap(({ phones }, word) => phones.map((phone) => ({ ...phone, word })))
      .map(({ shares: _, phone, heard, ...evidence }, i) => ({
        ...evidence,
        ...{ phone: soundOf(phone), heard: soundOf(heard), inputs: [...(inputs[i] ?? [])] },
      })),
    /** One for each passage; clips of up to 15 s have one. */
    clip: passages.map(({ words, evidence, pace, fit }) => clipEvidence(words, evidence, pace, fit)),
  };
}

mkdirSync(values.out, { recursive: true });
const folds: Record<string, number> = values.folds ? JSON.parse(readFileSync(values.folds, "utf8")) : {};
const tokens = await openTokens();
const lexicon = openLexicon();
const moonshine = heardBefore(values.out, await openMoonshine({ ...SHIPPED, threads: 1 }, tokens.lettered));
const probes = new Map<string, ReturnType<typeof openProbe>>();
const probeOf = (speaker: string) => {
  const file = (values.probe ?? "").replace("{fold}", String(folds[speaker] ?? ""));
  const priors: number[] = JSON.parse(readFileSync(file.replace(/\.onnx$/, ".priors.json"), "utf8"));
  const probe = probes.get(file) ?? openProbe({ probe: file, priors, threads: 1 });
  probes.set(file, probe);
  return probe;
};

writeFileSync(join(values.out, "inputs.json"), JSON.stringify(PHONE_INPUTS));
const file = join(values.out, `${values.name}.jsonl`);
writeFileSync(file, "");
const [part = 0, parts = 1] = (values.part ?? "").split("/").map(Number);
const clips = trainingClips(values.corpus).filter((_, i) => i % parts === part);
for (const [i, clip] of clips.entries()) {
  const words = spokenWords(clip.text, lexicon);
  const own = { tokens, probe: await probeOf(clip.speaker), moonshine: moonshine.of(clip.id) };
  const hearing = await hear(own, readSamples(clip.wav), words);
  moonshine.keep(clip.id);
  appendFileSync(file, `${JSON.stringify(record(clip, hearing), rounded)}\n`);
  if (i % 250 === 249) console.log(`${i + 1} of ${clips.length}`);
}
