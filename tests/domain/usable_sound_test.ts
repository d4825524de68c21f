import { describe, expect, test } from "bun:test";
import { signalToNoise, whyUnusable } from "../../src/domain/usable_sound.ts";
import { syllables } from "../support/pronouncing.ts";

const TEXT = "a man had a plan";

describe("whyUnusable()", () => {
  test("finds nothing wrong with speech, loud or soft, alone or in much silence", () => {
    const spoken = syllables(2);
    const padded = new Float32Array(10 * 16_000);
    padded.set(spoken, 5 * 16_000);
    for (const samples of [spoken, spoken.map((sample) => sample / 20), syllables(2, 0.9), padded])
      expect(whyUnusable(samples, TEXT)).toBeNull();
  });

  test.each([
    ["silent", new Float32Array(32_000)],
    ["short", Float32Array.from({ length: 32_000 }, (_, i) => (i > 9000 && i < 12_000 ? 0.3 * Math.sin(i / 8) : 0))],
    ["clipped", syllables(2, 3)],
    ["noisy", syllables(2, 0.3, 0.3)],
    ["noisy", syllables(2, 0, 0.1)],
  ] as const)("calls what cannot be judged %s", (reason, samples) => expect(whyUnusable(samples, TEXT)).toBe(reason));

  test("hears through the offset of a sound card, and no more than there is", () => {
    const shifted = (samples: Float32Array, by: number) => samples.map((sample) => sample + by);
    for (const by of [0.02, 0.2, -0.2]) {
      expect(whyUnusable(shifted(syllables(2), by), TEXT)).toBeNull();
      expect(whyUnusable(shifted(new Float32Array(32_000), by), TEXT)).toBe("silent");
      expect(whyUnusable(shifted(syllables(2, 0, 0.1), by), TEXT)).toBe("noisy");
    }
  });

  test("sees that nobody reads so much in so short a time", () => {
    expect(whyUnusable(syllables(2), `${TEXT} `.repeat(5))).toBe("fast");
    expect(whyUnusable(syllables(10), `${TEXT} `.repeat(5))).toBeNull();
  });
});

describe("signalToNoise()", () => {
  const power = (samples: Float32Array) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

  test.each([20, 10, 3])("finds %d dB within 2 dB", (decibels) => {
    const voice = syllables(4, 0.3, 0);
    const hiss = syllables(4, 0, 0.1);
    // The voice sounds in 60 of 100 samples.
    const gain = Math.sqrt(power(voice) / 0.6 / power(hiss) / 10 ** (decibels / 10));
    const mixed = voice.map((sample, i) => sample + gain * (hiss[i] ?? 0));
    expect(Math.abs(signalToNoise(mixed) - decibels)).toBeLessThan(2);
  });

  test("of nothing is the least there is", () => expect(signalToNoise(new Float32Array(0))).toBe(-100));
});
