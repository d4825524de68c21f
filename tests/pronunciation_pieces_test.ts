import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chunksOf } from "../src/adapters/pronunciation/pauses.ts";
import { openProbe } from "../src/adapters/pronunciation/probe.ts";
import { SHIPPED } from "../src/adapters/pronunciation/scorer_ready.ts";
import { openScores } from "../src/adapters/pronunciation/scores.ts";
import { evaluateRidge, evaluateTrees } from "../src/adapters/pronunciation/trees.ts";
import { bestPath, type Graph } from "../src/adapters/pronunciation/viterbi.ts";
import { clip, joined } from "./support/recordings.ts";

const RATE = 16_000;
const folder = mkdtempSync(join(tmpdir(), "pronunciation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("bestPath()", () => {
  /** a, then b or nothing, then c: arcs into each state but its own loop. */
  const graph: Graph = {
    emits: Uint8Array.from([0, 1, 2]),
    first: Int32Array.from([0, 0, 1, 3]),
    from: Int32Array.from([0, 0, 1]),
    weight: Float64Array.from([0, -1, 0]),
    starts: [0],
    ends: [2],
  };
  const heard = (...letters: number[]) =>
    Float64Array.from(letters.flatMap((letter) => [0, 1, 2].map((own) => (own === letter ? 0 : -5))));

  test("follows what is heard, and pays for an arc that costs", () => {
    expect(bestPath(graph, heard(0, 1, 1, 2), 3)).toEqual({ states: Int32Array.from([0, 1, 1, 2]), score: 0 });
    expect(bestPath(graph, heard(0, 0, 2, 2), 3)).toEqual({ states: Int32Array.from([0, 0, 2, 2]), score: -1 });
  });

  test("too few frames have no path", () => {
    expect(bestPath(graph, heard(0), 3)).toBeNull();
    expect(bestPath(graph, heard(), 3)).toBeNull();
  });

  test("finds the same path where only some frames' pointers are held at once", () => {
    const length = 200;
    const chain: Graph = {
      emits: Uint8Array.from({ length }, (_, i) => i % 7),
      first: Int32Array.from({ length: length + 1 }, (_, i) => Math.max(0, i - 1) + Math.max(0, i - 2)),
      from: Int32Array.from(Array.from({ length }, (_, i) => [i - 1, i - 2].filter((j) => j >= 0)).flat()),
      weight: new Float64Array(2 * length).fill(-0.3),
      starts: [0],
      ends: [length - 1],
    };
    const emissions = Float64Array.from({ length: 333 * 7 }, (_, i) => -((i * i * 31 + i * 7) % 97) / 10);
    const whole = bestPath(chain, emissions, 7);
    expect(whole).not.toBeNull();
    for (const room of [1, 5000, 40_000]) expect(bestPath(chain, emissions, 7, room)).toEqual(whole);
  });
});

describe("chunksOf()", () => {
  const seconds = (samples: Float32Array) => chunksOf(samples).map(({ from, to }) => (to - from) / RATE);

  test("what fits is one chunk", () => {
    expect(seconds(new Float32Array(0))).toEqual([0]);
    expect(seconds(new Float32Array(15 * RATE))).toEqual([15]);
  });

  test("a long reading is cut inside its pauses, and nothing is lost", () => {
    const one = clip("librivox-0890.wav");
    const gap = 0.6;
    const samples = joined(
      Array.from({ length: 20 }, () => one),
      gap,
    );
    const chunks = chunksOf(samples);
    expect(chunks[0]?.from).toBe(0);
    expect(chunks.at(-1)?.to).toBe(samples.length);
    const period = one.length + gap * RATE;
    chunks.forEach(({ from, to }, i) => {
      expect((to - from) / RATE).toBeWithin(7, 15.01);
      if (i === 0) return;
      expect(chunks[i - 1]?.to).toBe(from);
      // The recording itself begins and ends in a little silence.
      const place = from % period;
      expect(place < 0.2 * RATE || place > one.length - 0.2 * RATE).toBe(true);
    });
  });

  test("sound without a pause is cut all the same", () => {
    for (const length of [15.5, 16, 23, 31, 44.7, 100]) {
      const tone = Float32Array.from({ length: length * RATE }, (_, i) => Math.sin(i / 5));
      for (const chunk of seconds(tone)) expect(chunk).toBeWithin(7, 15.05);
    }
  });
});

describe("weights", () => {
  const scores = JSON.parse(readFileSync(SHIPPED.scores, "utf8"));
  const opened = (content: unknown) => {
    const file = join(folder, "scores.json");
    writeFileSync(file, JSON.stringify(content));
    return openScores({ ...SHIPPED, scores: file });
  };

  test("trees go left up to a threshold in single precision, right above it", () => {
    const tree = {
      feature: Int32Array.from([1, -2, -2]),
      value: Float64Array.from([Math.fround(0.1), 10, 20]),
      left: Int32Array.from([1, -1, -1]),
      right: Int32Array.from([2, -1, -1]),
    };
    const at = (value: number) => evaluateTrees({ init: 1, rate: 0.5, trees: [tree] }, Float32Array.from([0, value]));
    expect([at(0.1), at(0.100001)]).toEqual([6, 11]);
  });

  test("an input far outside of the corpus counts as its edge", () => {
    const ridge = { mean: [1], sd: [2], weights: [3], bias: 4 };
    expect([1, 9, 1000, -1000].map((input) => evaluateRidge(ridge, [input]))).toEqual([4, 16, 16, -8]);
  });

  test("points lie on straight lines between the stated ones", () => {
    const { points } = opened({
      ...scores,
      points: [
        [0, 0],
        [5, 40],
        [10, 100],
      ],
    });
    expect([-3, 0, 2.5, 5, 7.5, 10, 12].map(points)).toEqual([0, 0, 20, 40, 70, 100, 100]);
  });

  test.each([
    ["no model", { ...scores, word: { features: ["nw"] } }],
    [
      "points that fall",
      {
        ...scores,
        points: [
          [0, 50],
          [10, 20],
        ],
      },
    ],
    [
      "a tree that goes round",
      { ...scores, word: { features: ["nw"], trees: { init: 0, rate: 1, trees: [[[0], [1], [0], [0]]] } } },
    ],
    ["no version", { ...scores, version: undefined }],
    ["no clip", { ...scores, clip: null }],
  ])("%s is refused", (_, content) => {
    expect(() => opened(content)).toThrow(/weights|scores.json/);
  });

  test("a score that asks for evidence which is not there says so", () => {
    const { word } = opened({
      ...scores,
      word: { features: ["magic"], ridge: { mean: [0], sd: [1], weights: [1], bias: 0 } },
    });
    expect(() => word({})).toThrow("no evidence magic");
  });

  test("weights of another network than the scores name are refused", () => {
    const network = join(folder, "short.f32");
    writeFileSync(network, new Uint8Array(readFileSync(SHIPPED.network).subarray(4)));
    expect(() => openScores({ ...SHIPPED, network })).toThrow("network.f32");
  });

  test("a file that is no probe is refused", async () => {
    const probe = join(folder, "bad.onnx");
    writeFileSync(probe, new Uint8Array(1000));
    await expect(openProbe({ probe, priors: [], threads: 1 })).rejects.toThrow();
  });
});
