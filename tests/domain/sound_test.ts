import { describe, expect, test } from "bun:test";
import { isSilent, measureSpeech, syllablesIn } from "../../src/domain/sound.ts";
import { noise } from "../support/noise.ts";

const RATE = 16_000;

/** Stretches of tone with their seconds and loudness (0 to 1), over a little noise. */
function sound(...stretches: [seconds: number, loudness: number][]): Float32Array {
  const random = noise();
  return Float32Array.from(
    stretches.flatMap(([seconds, loudness]) =>
      Array.from({ length: Math.round(seconds * RATE) }, (_, i) => loudness * Math.sin(i / 8) + 0.001 * random()),
    ),
  );
}

describe("measureSpeech()", () => {
  test("tells speech from pauses, and silence before and after is no pause", () => {
    const samples = sound([1, 0], [2, 0.3], [0.5, 0], [1.5, 0.3], [0.1, 0], [1, 0.2], [2, 0]);
    const measures = measureSpeech(samples, { text: "one two three four five six seven eight nine ten" });
    expect(measures.duration_ms).toBe(8100);
    expect(measures.pause_count).toBe(1);
    expect(measures.longest_pause_ms).toBeWithin(460, 541);
    expect(measures.speech_ms).toBeWithin(4500, 4701);
    expect(measures.pause_ratio).toBeCloseTo(0.5 / 5.1, 1);
    expect(measures.wpm).toBeWithin(110, 125);
    expect(measures.articulation_rate).toBeCloseTo(11 / 4.6, 0);
    expect(measures).toMatchObject({ clipping: 0, silent: false });
    expect(measures.level_db).toBeWithin(-16, -11);
  });

  test("finds the same pauses in a noisy room and in a quiet voice", () => {
    const quiet = sound([0.5, 0], [1, 0.02], [0.6, 0], [1, 0.02]);
    const noisy = sound([0.5, 0.02], [1, 0.4], [0.6, 0.02], [1, 0.4]);
    for (const samples of [quiet, noisy]) expect(measureSpeech(samples, { text: "a b" }).pause_count).toBe(1);
  });

  test("speech without any pause is not taken for noise", () => {
    expect(measureSpeech(sound([3, 0.3]), { text: "a" })).toMatchObject({ pause_count: 0, speech_ms: 3000, wpm: 20 });
  });

  test("a click before the first word is not where speech begins", () => {
    const { speech_ms, pause_count } = measureSpeech(sound([0.5, 0], [0.01, 0.9], [2, 0], [1, 0.3]), { text: "a" });
    expect(pause_count).toBe(0);
    expect(speech_ms).toBeWithin(980, 1041);
  });

  test("sound that is cut off is clipped, sound that is loud is not", () => {
    const cut = sound([1, 3]).map((sample) => Math.min(1, Math.max(-1, sample)));
    expect(measureSpeech(cut, { text: "" }).clipping).toBeGreaterThan(0.3);
    expect(measureSpeech(sound([1, 0.9]), { text: "" }).clipping).toBe(0);
  });

  test("nothing, silence and broken numbers give zeros, never NaN", () => {
    for (const samples of [
      new Float32Array(0),
      new Float32Array(RATE),
      new Float32Array(RATE).fill(Number.NaN),
      new Float32Array(5),
    ]) {
      const measures = measureSpeech(samples, { text: "words that nobody said" });
      expect(measures).toMatchObject({
        speech_ms: 0,
        wpm: 0,
        articulation_rate: null,
        pause_count: 0,
        pause_ratio: 0,
        silent: true,
      });
      expect(Object.values(measures).some(Number.isNaN)).toBe(false);
    }
  });

  test("a minute takes less than 50 ms", () => {
    const samples = sound([60, 0.2]);
    measureSpeech(samples, { text: "warm" });
    const from = performance.now();
    measureSpeech(samples, { text: "word ".repeat(120) });
    expect(performance.now() - from).toBeLessThan(50);
  });
});

describe("isSilent()", () => {
  test("is careful: quiet speech is not silent, one word in a minute of silence neither", () => {
    expect(isSilent(sound([1, 0.005]))).toBe(false);
    expect(isSilent(sound([20, 0], [0.2, 0.05], [20, 0]))).toBe(false);
  });

  test("digital silence, the hiss of a microphone and nothing at all are", () => {
    for (const samples of [new Float32Array(RATE), sound([5, 0]), new Float32Array(0)])
      expect(isSilent(samples)).toBe(true);
  });
});

test.each([
  ["the", 1],
  ["apple", 2],
  ["tables", 2],
  ["liked", 1],
  ["wanted", 2],
  ["makes", 1],
  ["boxes", 2],
  ["whole", 1],
  ["chocolate", 3],
  ["school", 1],
  ["maktab", 2],
  ["hmm", 1],
])("%p has %d syllables", (word, count) => {
  expect(syllablesIn(word)).toBe(count);
});
