import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { audioDecoder } from "../src/adapters/audio/mod.ts";
import { moonshineScorer } from "../src/adapters/pronunciation/scorer.ts";
import type { PronunciationScorer } from "../src/application/ports/pronunciation.ts";
import { childrenOf } from "../tests/support/processes.ts";
import { readSamples } from "../tests/support/recordings.ts";
import { spread } from "./pronunciation/agreement.ts";
import { comparison } from "./pronunciation/comparison.ts";
import { patiently, robustness, speed } from "./pronunciation/endurance.ts";
import { type Judged, judged } from "./pronunciation/judged.ts";
import { readClips } from "./pronunciation/labelled.ts";
import { type Line, misreadings } from "./pronunciation/misreadings.ts";

// `bun run bench:pronunciation [FOLDER] [CLIPS]`: how far the scorer agrees with experts, beside the simple methods, and what
// it makes of wrong texts, other formats and long readings. FOLDER holds recordings with experts' scores (else
// PRONUNCIATION_CLIPS, else those beside the project); CLIPS takes so many of them for a quick look. Prints Markdown.

const [given, most] = process.argv.slice(2);
const folder = resolve(
  given ?? process.env.PRONUNCIATION_CLIPS ?? join(import.meta.dir, "../../shared/pronunciation/check"),
);
const note = (what: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${what}`);

const table = (lines: readonly Line[]): string =>
  [
    "| what | measured | wanted |",
    "| --- | --- | --- |",
    ...lines.map(({ what, measured, wanted }) => `| ${what} | ${measured} | ${wanted} |`),
  ].join("\n");

const all = await readClips(folder);
const labels = spread(all, Number(most ?? all.length));
const tmpDir = await mkdtemp(join(tmpdir(), "bench-pronunciation-"));
const decoder = audioDecoder({ tmpDir });
const others = childrenOf(process.pid);
const children = () => childrenOf(process.pid).filter((pid) => !others.includes(pid));
const own = moonshineScorer();
const scorer: PronunciationScorer = { ...own, score: (...asked) => patiently(() => own.score(...asked)) };
try {
  note(`${labels.length} clips of ${folder}`);
  const clips: Judged[] = [];
  for (const clip of labels) {
    const samples = readSamples(join(folder, clip.file));
    clips.push(judged(clip, samples, await scorer.score(samples, { text: clip.text, language: "en" })));
  }
  const version = clips[0]?.result.scoring_version;
  console.log(`# ${scorer.engine}, scoring version ${version}

Measured on ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Bun ${Bun.version}. In brackets: 95 % intervals over
speakers, 1 000 resamples.
`);
  note("agreement");
  console.log(`${comparison(clips)}\n`);
  console.log(`## Wrong texts\n\n${table(await misreadings(scorer, clips, note))}\n`);
  note("other formats");
  console.log(`## The same speech otherwise\n\n${table(await robustness(scorer, decoder, clips))}\n`);
  note("speed");
  console.log(`## Speed\n\n${table(await speed(scorer, clips, children))}`);
} finally {
  await scorer.stop();
  await decoder.stop();
  await rm(tmpDir, { recursive: true, force: true });
}
