import { expect, test } from "bun:test";
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

const FOLDER = resolve(process.env.PRONUNCIATION_CLIPS ?? join(import.meta.dir, "../../../shared/pronunciation/tune"));

test("scores still agree with the experts'", async () => {
  const clips = spread(await readClips(FOLDER), size(40, 250));
  const scorer = moonshineScorer();
  const all: Judged[] = [];
  for (const clip of clips) {
    const samples = readSamples(join(FOLDER, clip.file));
    all.push(judged(clip, samples, await scorer.score(samples, { text: clip.text, language: "en" })));
  }
  const figures = {
    accuracy: sentences("accuracy", ({ result }) => result.accuracy)(all),
    fluency: sentences("fluency", ({ result }) => result.fluency)(all),
    total: sentences("total", ({ result }) => result.total)(all),
    words: words(({ ours }) => ours)(all),
    "bad words, AUC": badWords(({ ours }) => ours)(all),
  };
  for (const [what, value] of Object.entries(figures)) {
    figure(`experts and scorer on ${clips.length} clips of known speakers, ${what}`, value.toFixed(3), "no fall");
  }
  expect(all.filter((one) => one.words === null)).toEqual([]);
  expect(all.filter(({ result }) => result.wrong_text).length).toBeLessThanOrEqual(0.05 * all.length);
  for (const aspect of ["accuracy", "fluency", "total"] as const) expect(figures[aspect]).toBeGreaterThan(0.8);
  expect(figures.words).toBeGreaterThan(0.6);
  expect(figures["bad words, AUC"]).toBeGreaterThan(0.9);
  await scorer.stop();
}, 240_000);
