import { describe, expect, test } from "bun:test";
import { memoryJobs } from "../../src/adapters/memory/jobs.ts";
import { processSubmission } from "../../src/application/grading.ts";
import type { Ports } from "../../src/application/ports/mod.ts";
import type { PronunciationScorer } from "../../src/application/ports/pronunciation.ts";
import { AppError } from "../../src/domain/errors.ts";
import type { Homework } from "../../src/domain/homework.ts";
import { pronounced, reading, scored, scorer, soundsOf } from "../support/pronouncing.ts";
import { call, LEARNER, post, type School, school, settled, TEACHER, tone } from "../support/school.ts";
import { addHomework, checks, HOMEWORK, hears, rowsOf, SUBMISSIONS, speak } from "../support/stories.ts";

const TEXT = "I think so too";
const SAID = [
  scored("I", { start: 0, end: 1 }),
  scored("think", { start: 2, end: 7, score: 30, sounds: soundsOf("TH:S 20, IH, NG, K") }),
  scored("so", { start: 8, end: 10 }),
  scored("too", { start: 11, end: 14 }),
];
const acoustic = () => scorer(() => pronounced(SAID));
const refuses = (code: "scoring_failed" | "busy" | "internal") => scorer(() => Promise.reject(new AppError(code)));

const HISTORY = "/api/v1/ai/pronunciation/history";

async function open(override: Partial<Ports> = {}, changes: Partial<Homework> = {}) {
  const ports = await school({ speechToText: hears("I think so too"), pronunciation: acoustic(), ...override });
  return { ports, homework: await addHomework(ports, { kind: "oral", reference_text: TEXT, ...changes }) };
}

/** Reads aloud, and gives what the teacher sees. */
async function readAloud({ ports, homework }: Awaited<ReturnType<typeof open>>, file = reading()) {
  const { body } = await speak(ports, file, { homework });
  await settled(ports);
  return (await call(ports, `${SUBMISSIONS}/${body.id}`, TEACHER)).body;
}
const partsOf = ({ criteria }: { criteria: { name: string }[] }) => criteria.map(({ name }) => name);
const analyses = async (ports: School) => (await call(ports, HISTORY, LEARNER)).body;

describe("a homework's text that is read aloud", () => {
  test("is assessed in the words of /ai/pronunciation, and its pronunciation is a part of the grade", async () => {
    const room = await open();
    const seen = await readAloud(room);
    expect(seen.analysis.pronunciation).toMatchObject({
      ...{ reference_text: TEXT, accuracy_score: 80, method: "acoustic", confidence: "high", scoring_version: 1 },
    });
    expect(seen.analysis.pronunciation.words[1]).toMatchObject({
      ...{ word: "think", error_type: "Mispronunciation", heard: "/sɪŋk/", hint: expect.stringContaining("/θ/") },
    });
    expect(partsOf(seen)).toEqual(["accuracy", "completeness", "pronunciation", "fluency"]);
    expect(seen).toMatchObject({ status: "auto_graded", flags: [] });
    expect(seen.feedback).toContain("“think” (/sɪŋk/ eshitildi)");
    const { body } = await call(room.ports, `${SUBMISSIONS}/${seen.id}`, LEARNER, {
      headers: { "accept-language": "en" },
    });
    expect(body.analysis.pronunciation.words[1].hint).toContain("Something like /s/ was heard");
  });

  test("joins the learner's analyses, and takes nothing from any quota", async () => {
    const room = await open();
    const { analysis } = await readAloud(room);
    const { words: _, ...assessment } = analysis.pronunciation;
    expect(await analyses(room.ports)).toMatchObject([{ source: "homework", language: "en", ...assessment }]);
    expect(await room.ports.spendings.count({})).toBe(0);
    const { body } = await call(room.ports, "/api/v1/ai/usage", LEARNER);
    expect([body.pronunciation_analysis_left, body.stt_requests_left]).toEqual([30, 30]);
  });

  test("is counted as ever where nobody is sure of its sounds, and shown all the same", async () => {
    const unsure = await readAloud(
      await open({ pronunciation: scorer(() => pronounced(SAID, { confidence: "low" })) }),
    );
    expect(partsOf(unsure)).toEqual(["accuracy", "completeness", "fluency"]);
    expect(unsure).toMatchObject({ flags: [], analysis: { pronunciation: { confidence: "low" } } });
  });

  test.each<[string, PronunciationScorer | null, File, string]>([
    ["nobody there", null, reading(), "pronunciation_unavailable"],
    ["a scorer that breaks", refuses("scoring_failed"), reading(), "pronunciation_unavailable"],
    ["a scorer that is busy", refuses("busy"), reading(), "pronunciation_unavailable"],
    ["a fault of ours", refuses("internal"), reading(), "pronunciation_unavailable"],
    ["another language's scorer", { ...acoustic(), languages: ["fr"] }, reading(), "pronunciation_unavailable"],
    ["another text", scorer(() => pronounced(SAID, { wrong_text: true })), reading(), "wrong_text"],
    ["noise", acoustic(), tone(), "audio_unusable"],
  ])("with %s is graded as without, and teachers are told why", async (_, pronunciation, file, flag) => {
    const room = await open({ pronunciation });
    const seen = await readAloud(room, file);
    expect(seen).toMatchObject({
      status: "auto_graded",
      flags: [flag],
      grade_count: 1,
      analysis: { pronunciation: null },
    });
    expect(partsOf(seen)).toEqual(["accuracy", "completeness", "fluency"]);
    expect(await analyses(room.ports)).toEqual([]);
    expect((await call(room.ports, `${SUBMISSIONS}/${seen.id}`, LEARNER)).body.flags).toEqual([]);
  });

  test("without a text to read, without a word said, or written, asks no scorer", async () => {
    let asked = 0;
    const counting = scorer(() => {
      asked++;
      return pronounced(SAID);
    });
    const free = await readAloud(await open({ pronunciation: counting }, { reference_text: null }));
    const silent = await readAloud(await open({ pronunciation: counting, speechToText: hears("") }));
    expect([free.flags, silent.flags]).toEqual([expect.not.arrayContaining(["pronunciation_unavailable"]), ["blank"]]);
    expect(asked).toBe(0);
  });
});

describe("what the learner may not see yet", () => {
  const graded = async (ports: School, id: number, score: number) =>
    (await call(ports, `${SUBMISSIONS}/${id}/grade`, TEACHER, post({ score }))).status;

  test("is among their analyses once the teacher has graded, and only once", async () => {
    const room = await open({}, { auto_release: false });
    const { id } = await readAloud(room);
    const own = async () => (await call(room.ports, `${SUBMISSIONS}/${id}`, LEARNER)).body;
    expect([await analyses(room.ports), (await own()).analysis]).toEqual([[], null]);
    expect(await graded(room.ports, id, 80)).toBe(200);
    expect(await analyses(room.ports)).toMatchObject([{ source: "homework", accuracy_score: 80 }]);
    expect((await own()).analysis.pronunciation.accuracy_score).toBe(80);
    await graded(room.ports, id, 90);
    expect(await analyses(room.ports)).toHaveLength(1);
  });

  test("is not there twice where the teacher grades after the automatic grade was shown", async () => {
    const room = await open();
    const { id } = await readAloud(room);
    await graded(room.ports, id, 80);
    expect(await analyses(room.ports)).toHaveLength(1);
  });
});

describe("a job that is delivered more than once", () => {
  const KEY = "submission-1-grade-1";
  const signal = new AbortController().signal;
  const idle: Partial<Ports> = { queue: { ...memoryJobs(), add: async () => {}, work: () => {} } };

  test("keeps one analysis, however closely", async () => {
    const { ports, homework } = await open({ ...idle, speechToText: hears("I think so too", () => Bun.sleep(1)) });
    await speak(ports, reading(), { homework });
    await Promise.all([1, 2, 3].map(() => processSubmission(ports)(1, KEY, signal)));
    await processSubmission(ports)(1, KEY, signal);
    expect(await ports.pronunciationAttempts.count({})).toBe(1);
    expect(await ports.submissions.find(1)).toMatchObject({ status: "auto_graded", grade_count: 1 });
  });

  test("does not listen again after a crash", async () => {
    let [asked, crashes] = [0, 1];
    const counting = scorer(() => {
      asked++;
      return pronounced(SAID);
    });
    const grammar = checks(() => {
      if (crashes-- > 0) throw new Error("the process died");
    });
    const { ports, homework } = await open({ ...idle, pronunciation: counting, grammar });
    await speak(ports, reading(), { homework });
    await expect(processSubmission(ports)(1, KEY, signal)).rejects.toThrow("the process died");
    await processSubmission(ports)(1, KEY, signal);
    expect(asked).toBe(1);
    expect(await ports.pronunciationAttempts.count({})).toBe(1);
  });

  test("is left where it was when it is aborted while somebody listens", async () => {
    const abort = new AbortController();
    const listening: PronunciationScorer = {
      ...acoustic(),
      score: async () => {
        abort.abort();
        throw new AppError("scoring_failed");
      },
    };
    const { ports, homework } = await open({ ...idle, pronunciation: listening });
    await speak(ports, reading(), { homework });
    await expect(processSubmission(ports)(1, KEY, abort.signal)).rejects.toThrow();
    expect(await ports.submissions.find(1)).toMatchObject({ status: "transcribing", recognition: null });
  });

  test("judges no text that was changed meanwhile", async () => {
    const change = async () =>
      void (await ports.homeworks.change({ id: homework }, { reference_text: "Another text", version: 2 }));
    const { ports, homework } = await open({ ...idle, grammar: checks(() => change()) });
    await speak(ports, reading(), { homework });
    await processSubmission(ports)(1, KEY, signal);
    const [submission] = await rowsOf(ports.grades);
    expect(submission?.criteria?.map(({ name }) => name)).not.toContain("pronunciation");
    expect(await ports.submissions.find(1)).toMatchObject({ flags: ["pronunciation_unavailable"] });
  });
});

test("homework routes name the assessment in their documentation", async () => {
  const { ports } = await open();
  const { body } = await call(ports, "/api/v1/openapi.json");
  const { Analysis, PronunciationAssessment } = body.components.schemas;
  expect(JSON.stringify(Analysis.properties.pronunciation)).toContain("PronunciationAssessment");
  expect(Object.keys(PronunciationAssessment.properties)).toContain("words");
  expect(body.paths[`${HOMEWORK}/{homework_id}/submit-oral`]).toBeDefined();
});
