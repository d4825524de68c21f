import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { spread } from "../../scripts/pronunciation/agreement.ts";
import { badWords, sentences, words } from "../../scripts/pronunciation/comparison.ts";
import { type Judged, judged } from "../../scripts/pronunciation/judged.ts";
import { readClips } from "../../scripts/pronunciation/labelled.ts";
import { moonshineScorer } from "../../src/adapters/pronunciation/scorer.ts";
import { figure, size } from "../support/prove.ts";
import { readSamples } from "../support/recordings.ts";

// The scorer beside the experts, on learners' recordings that stay outside the project. They are of the speakers that it was
// fitted on: a fall shows that something broke, the figures themselves prove nothing. `bun run bench:pronunciation` measures.
// Where the recordings are not, as on a clean clone elsewhere, what the scorer makes of the project's own is what there is:
// tests/system/pronunciation_test.ts.

const FOLDER = resolve(process.env.PRONUNCIATION_CLIPS ?? join(import.meta.dir, "../../../shared/pronunciation/tune"));

// Shown among the figures of `.ci/run`, so that nobody takes it for compared.
if (!existsSync(FOLDER))
  figure("experts and scorer", "NOT COMPARED", "shared/ beside the project, or PRONUNCIATION_CLIPS");

/** Scores and the experts' marks of as many clips as the size asks for. */
async function compare() {
  const clips = spread(await readClips(FOLDER), size(40, 250));
  const scorer = moonshineScorer();
  const all: Judged[] = [];
  for (const clip of clips) {
    const samples = readSamples(join(FOLDER, clip.file));
    all.push(judged(clip, samples, await scorer.score(samples, { text: clip.text, language: "en" })));
  }
  expect(all.filter((one) => one.words === null)).toEqual([]);
  expect(all.filter(({ result }) => result.wrong_text).length).toBeLessThanOrEqual(0.05 * all.length);
  const figures: [what: string, value: number, least: number][] = [
    ["sentence accuracy, r", sentences("accuracy", ({ result }) => result.accuracy)(all), 0.8],
    ["sentence fluency, r", sentences("fluency", ({ result }) => result.fluency)(all), 0.8],
    ["sentence total, r", sentences("total", ({ result }) => result.total)(all), 0.8],
    ["words, r", words(({ ours }) => ours)(all), 0.6],
    ["bad words, AUC", badWords(({ ours }) => ours)(all), 0.9],
  ];
  for (const [what, value, least] of figures) {
    figure(`experts and scorer on ${clips.length} clips of known speakers: ${what}`, value.toFixed(3), `over ${least}`);
    expect(value, what).toBeGreaterThan(least);
  }
  await scorer.stop();
}

if (existsSync(FOLDER)) test("scores still agree with the experts'", compare, 240_000);
