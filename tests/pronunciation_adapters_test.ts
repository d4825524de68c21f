import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeSpeechToText } from "../src/adapters/ai/fake_speech.ts";
import { whisper } from "../src/adapters/ai/whisper.ts";
import { SHIPPED_MODEL } from "../src/adapters/ai/whisper_ready.ts";
import { chainedScorers } from "../src/adapters/pronunciation/chain.ts";
import { fakePronunciation } from "../src/adapters/pronunciation/fake.ts";
import { moonshineScorer } from "../src/adapters/pronunciation/scorer.ts";
import { transcriptScorer } from "../src/adapters/pronunciation/transcript.ts";
import { damagedWeights, WEIGHTS } from "../src/adapters/pronunciation/weights.ts";
import type { PronunciationScorer } from "../src/application/ports/pronunciation.ts";
import type { SpeechToText } from "../src/application/ports/speech.ts";
import { readConfig } from "../src/config.ts";
import { AppError, type ErrorCode } from "../src/domain/errors.ts";
import { choosePronunciation } from "../src/vendors.ts";
import { codeOf, pronunciationContract } from "./contracts/pronunciation.ts";
import { clip } from "./support/recordings.ts";
import { hears } from "./support/stories.ts";

const folder = mkdtempSync(join(tmpdir(), "pronunciation-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Its transcripts are what the fake recogniser makes up; the chain's first scorer is always broken. */
const broken = (code: ErrorCode = "scoring_failed"): PronunciationScorer => ({
  ...fakePronunciation(),
  engine: "broken",
  score: async (_samples, _reference, { signal } = {}) => {
    throw signal?.aborted ? new AppError("scoring_failed") : new AppError(code);
  },
});

pronunciationContract("fake", fakePronunciation);
pronunciationContract("transcript", () => transcriptScorer(fakeSpeechToText()));
pronunciationContract("a chain", () => chainedScorers([fakePronunciation(), transcriptScorer(fakeSpeechToText())]));
pronunciationContract("a chain whose better one is broken", () =>
  chainedScorers([broken(), transcriptScorer(fakeSpeechToText())]),
);
pronunciationContract("moonshine", moonshineScorer);

const spoken = clip("librivox-0880.wav");

describe("transcriptScorer()", () => {
  const english = { text: "I get up at seven", language: "en" };

  test("knows the recogniser's languages, but for those that part no words", () => {
    const { languages } = transcriptScorer(whisper({ model: SHIPPED_MODEL.file }));
    expect(languages).toEqual(expect.arrayContaining(["en", "uz", "ru", "tr"]));
    for (const code of ["zh", "ja", "th"]) expect(languages).not.toContain(code);
  });

  test("does not listen again where somebody has", async () => {
    let asked = 0;
    const { score } = transcriptScorer(hears("something else", () => asked++));
    const heard = { text: "I get up at seven", language: "en", words: [], engine: "test" };
    expect(await score(spoken, english, { heard })).toMatchObject({
      transcript: "I get up at seven",
      wrong_text: false,
    });
    expect(asked).toBe(0);
  });

  test("fails with what the recogniser fails with", async () => {
    for (const code of ["busy", "recognition_failed", "recognition_unavailable", "ai_timeout"] as const) {
      const { score } = transcriptScorer(hears("", () => Promise.reject(new AppError(code))));
      expect(await codeOf(score(spoken, english))).toBe(code);
    }
  });

  test("leaves the recogniser to whoever gave it", async () => {
    const stops: string[] = [];
    const scorer = transcriptScorer({ ...hears(""), stop: async () => void stops.push("recogniser") });
    await scorer.stop();
    expect(stops).toEqual([]);
  });
});

describe("chainedScorers()", () => {
  const text = "I get up at seven";
  const words = transcriptScorer({ ...hears(text), languages: ["en", "uz"] });

  test("what the better scorer does not know is left to the next one", async () => {
    const { score, languages, engine } = chainedScorers([fakePronunciation(), words]);
    expect([languages, engine]).toEqual([["en", "uz"], "fake"]);
    expect(await score(spoken, { text, language: "en" })).toMatchObject({ method: "made_up", engine: "fake" });
    expect(await score(spoken, { text, language: "uz" })).toMatchObject({ method: "transcript", engine: "test" });
  });

  test("where the better one is broken, words are compared, with low confidence, and somebody is told", async () => {
    for (const code of ["scoring_failed", "scoring_unavailable"] as const) {
      const told: string[] = [];
      const { score } = chainedScorers([broken(code), words], (engine) => told.push(engine));
      const answer = await score(spoken, { text, language: "en" });
      expect(answer).toMatchObject({ method: "transcript", confidence: "low", accuracy: 75 });
      expect(told).toEqual(["broken"]);
    }
  });

  test("a queue that is full, and whatever is wrong with recording or text, is no reason to ask the next one", async () => {
    for (const code of ["busy", "audio_unusable", "nothing_to_say"] as const)
      expect(await codeOf(chainedScorers([broken(code), words]).score(spoken, { text, language: "en" }))).toBe(code);
  });

  test("whoever has left is not answered by the next one either", async () => {
    let asked = 0;
    const second = { ...words, score: async () => Promise.reject(new AppError("internal", { asked: asked++ })) };
    const { score } = chainedScorers([broken(), second]);
    expect(await codeOf(score(spoken, { text, language: "en" }, { signal: AbortSignal.abort() }))).toBe(
      "scoring_failed",
    );
    expect(asked).toBe(0);
  });

  test("the last one's failure is told, and a language that none knows is refused with all there are", async () => {
    const recogniser = hears(text, () => Promise.reject(new AppError("recognition_failed")));
    const { score } = chainedScorers([broken(), transcriptScorer(recogniser)]);
    expect(await codeOf(score(spoken, { text, language: "en" }))).toBe("recognition_failed");
    await expect(score(spoken, { text, language: "tlh" })).rejects.toMatchObject({
      code: "language_not_scored",
      params: { languages: ["en"] },
    });
  });
});

describe("who judges pronunciation", () => {
  const chosen = (env: Record<string, string>, speechToText = transcribes) =>
    choosePronunciation(readConfig(env), speechToText);
  const transcribes: SpeechToText | null = { ...hears("I get up"), languages: ["en", "uz"] };

  test("is whoever listens to English, and the words of a transcript for every other language", () => {
    expect(chosen({})).toMatchObject({ engine: "moonshine-tiny with phone probe", languages: ["en", "uz"] });
  });

  test("without a recogniser, or with one that makes its words up, is nobody for another language", () => {
    for (const without of [null, fakeSpeechToText()]) expect(chosen({}, without)?.languages).toEqual(["en"]);
  });

  test("is made up where the settings say so", () => {
    expect(chosen({ DISABLE_PRONUNCIATION: "1" })?.engine).toBe("fake");
  });
});

describe("the weights in the repository", () => {
  test("are all among the published checksums, and are what these say", async () => {
    const listed = readFileSync(join(WEIGHTS, "SHA256SUMS"), "utf8").match(/(?<= {2}).+$/gm) ?? [];
    const texts = ["LICENSE", "NOTICE", "README.md", "SHA256SUMS"];
    expect(listed.toSorted()).toEqual(
      readdirSync(WEIGHTS)
        .filter((name) => !texts.includes(name))
        .toSorted(),
    );
    expect(await damagedWeights()).toEqual([]);
  });

  test("one byte more, or a file that is not there, is told", async () => {
    const sum = new Bun.CryptoHasher("sha256").update("weights").digest("hex");
    writeFileSync(join(folder, "SHA256SUMS"), ["whole", "longer", "gone"].map((name) => `${sum}  ${name}\n`).join(""));
    writeFileSync(join(folder, "whole"), "weights");
    writeFileSync(join(folder, "longer"), "weights.");
    expect(await damagedWeights(folder)).toEqual(["longer", "gone"]);
  });
});
