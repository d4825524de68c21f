import { describe, expect, test } from "bun:test";
import { transcriptScorer } from "../../src/adapters/pronunciation/transcript.ts";
import type { Ports } from "../../src/application/ports/mod.ts";
import { AppError } from "../../src/domain/errors.ts";
import { scriptedModel } from "../support/models.ts";
import { pronounced, reading, scored, scorer, soundsOf } from "../support/pronouncing.ts";
import { ADMIN, call, form, LEARNER, put, type School, school, tone } from "../support/school.ts";
import { hears, rowsOf } from "../support/stories.ts";

const TEXT = "I think so too";
const ANSWER = JSON.stringify({ reply: "Zoʻr!", corrections: [], advice: "Mashq qiling." });
const SAID = [
  scored("I", { start: 0, end: 1 }),
  scored("think", { start: 2, end: 7, score: 30, sounds: soundsOf("TH:S 20, IH, NG, K") }),
  scored("so", { start: 8, end: 10 }),
  scored("too", { start: 11, end: 14 }),
];

const open = (override: Partial<Ports> = {}) =>
  school({
    languageModel: scriptedModel(() => ANSWER).model,
    speechToText: hears("I sink so"),
    pronunciation: scorer(() => pronounced(SAID)),
    ...override,
  });
const talk = (ports: School, fields: Record<string, string | Blob> = {}) =>
  call(ports, "/api/v1/ai/voice-loop", LEARNER, form({ file: reading(), reference_text: TEXT, ...fields }));
const analysesLeft = async (ports: School) =>
  (await call(ports, "/api/v1/ai/usage", LEARNER)).body.pronunciation_analysis_left;

describe("a text that is read aloud to the tutor", () => {
  test("is assessed by its sounds, in the words of /ai/pronunciation, for one analysis of the quota", async () => {
    const ports = await open();
    const { status, body } = await talk(ports);
    expect(status).toBe(200);
    expect(body.reading).toMatchObject({
      ...{ reference_text: TEXT, accuracy_score: 80, completeness_score: 100, method: "acoustic", confidence: "high" },
      missing: ["think", "too"],
    });
    expect(body.reading.words[1]).toMatchObject({
      ...{ word: "think", error_type: "Mispronunciation", heard: "/sɪŋk/", expected_ipa: "/θɪŋk/" },
      hint: expect.stringContaining("/θ/ oʻrniga /s/ga oʻxshash tovush eshitildi"),
    });
    expect(await analysesLeft(ports)).toBe(29);
  });

  test("is kept among the learner's analyses", async () => {
    const ports = await open();
    const { body } = await talk(ports);
    const { missing: _, words: __, ...kept } = body.reading;
    expect(await rowsOf(ports.pronunciationAttempts)).toMatchObject([
      { user_id: LEARNER, source: "voice_loop", phrase_id: null, session_id: null, language: "en", assessment: kept },
    ]);
  });

  test("is recognised once: the scorer is told what was heard", async () => {
    const heard: unknown[] = [];
    const listens = scorer(() => pronounced(SAID));
    const ports = await open({
      pronunciation: {
        ...listens,
        score: (samples, read, options) => {
          heard.push(options?.heard?.text, read);
          return listens.score(samples, read, options);
        },
      },
    });
    await talk(ports);
    expect(heard).toEqual(["I sink so", { text: TEXT, language: "en" }]);
  });

  test.each([
    ["where nobody is there to judge it", { pronunciation: null }, reading()],
    [
      "where the scorer breaks",
      { pronunciation: scorer(() => Promise.reject(new AppError("scoring_failed"))) },
      reading(),
    ],
    ["where the scorer is busy", { pronunciation: scorer(() => Promise.reject(new AppError("busy"))) }, reading()],
    ["where another text was read", { pronunciation: scorer(() => pronounced(SAID, { wrong_text: true })) }, reading()],
    ["where the sound cannot be judged", {}, tone()],
  ])("%s is compared by its words, which costs nothing and is not kept", async (_, override, file) => {
    const ports = await open(override);
    const { status, body } = await talk(ports, { file });
    expect(status).toBe(200);
    expect(body.reading).toMatchObject({
      ...{ method: "transcript", confidence: "low", completeness_score: 75, engine: "test", missing: ["think", "too"] },
    });
    expect(await analysesLeft(ports)).toBe(30);
    expect(await ports.pronunciationAttempts.count({})).toBe(0);
  });

  test("costs nothing either where words are all that the scorer compares, and is kept", async () => {
    const speechToText = hears("I sink so");
    const ports = await open({ speechToText, pronunciation: transcriptScorer(speechToText) });
    expect((await talk(ports)).body.reading.method).toBe("transcript");
    expect(await analysesLeft(ports)).toBe(30);
    expect(await ports.pronunciationAttempts.count({ source: "voice_loop" })).toBe(1);
  });

  test("takes all four quotas or none", async () => {
    const ports = await open();
    await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ pronunciation_analysis_left: 0 }));
    const refused = await talk(ports);
    expect(refused.body).toMatchObject({ status: 403, code: "quota_exceeded", quota: "pronunciation_analysis_left" });
    expect(await ports.spendings.count({})).toBe(0);
    // Without a text, and without somebody to judge it, none is asked for.
    expect((await talk(ports, { reference_text: "" })).status).toBe(200);
    const nobody = await open({ pronunciation: null });
    await call(nobody, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ pronunciation_analysis_left: 0 }));
    expect((await talk(nobody)).status).toBe(200);
  });

  test("of a turn that fails costs nothing and is not kept", async () => {
    const ports = await open({ languageModel: scriptedModel(() => ANSWER.replace("Zoʻr!", " ")).model });
    expect((await talk(ports)).body.code).toBe("ai_failed");
    expect(await analysesLeft(ports)).toBe(30);
    expect(await ports.pronunciationAttempts.count({})).toBe(0);
  });

  test("without a word in it is no reading", async () => {
    const ports = await open();
    expect((await talk(ports, { reference_text: "…" })).body.reading).toBeNull();
    expect(await analysesLeft(ports)).toBe(30);
  });
});
