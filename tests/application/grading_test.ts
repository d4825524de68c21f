import { describe, expect, test } from "bun:test";
import { memoryJobs } from "../../src/adapters/memory/jobs.ts";
import { processSubmission } from "../../src/application/grading.ts";
import { gradeSubmission } from "../../src/application/homework.ts";
import { jobHandler } from "../../src/application/outbox.ts";
import type { Ports } from "../../src/application/ports/mod.ts";
import { AppError, type ErrorCode } from "../../src/domain/errors.ts";
import { LEARNER, type School, school, settled, TEACHER } from "../support/school.ts";
import { checks, ESSAY, handIn, handInForm, hears, pdf, speak } from "../support/stories.ts";

const KEY = "submission-1-grade-1";
const signal = new AbortController().signal;

/** A queue that never works by itself: the test delivers each job by hand. */
const idle = (): Ports["queue"] => ({
  add: async () => {},
  work: () => {},
  depth: async () => ({ waiting: 0, active: 0 }),
  stop: async () => {},
});

const byHand = (override: Partial<Ports> = {}) => school({ queue: idle(), ...override });
const deliver = (ports: School) => processSubmission(ports)(1, KEY, signal);
const found = async (ports: School) => {
  const submission = await ports.submissions.find(1);
  const job = await ports.jobs.findBy({ key: KEY });
  return { ...submission, job: job?.state, why: job?.error };
};
const counts = async ({ grades, notices, submissionEvents }: School) => [
  await grades.count({}),
  await notices.count({}),
  await submissionEvents.count({}),
];
const teacherGrades = (ports: School) =>
  gradeSubmission(ports)({ id: TEACHER, role: "teacher" }, 1, {
    score: 77,
    feedback: "Mana",
    criteria: null,
    reason: null,
  });

describe.each(["text", "oral"] as const)("a %s answer", (kind) => {
  const start = async (override: Partial<Ports> = {}) => {
    const ports = await byHand(override);
    await (kind === "text" ? handIn(ports, ESSAY) : speak(ports));
    return ports;
  };

  test("is graded once, however often and however closely its job is delivered", async () => {
    const ports = await start({ speechToText: hears("I get up at seven", () => Bun.sleep(2)) });
    await Promise.all([deliver(ports), deliver(ports), deliver(ports)]);
    const once = await found(ports);
    expect(once).toMatchObject({ status: "auto_graded", grade_count: 1, job: "done" });
    expect(await counts(ports)).toEqual([1, 1, kind === "text" ? 2 : 4]);
    await deliver(ports);
    expect(await found(ports)).toEqual(once);
    expect(await counts(ports)).toEqual([1, 1, kind === "text" ? 2 : 4]);
  });

  test("that the teacher grades between two steps stays as the teacher graded it", async () => {
    const before = async () => void (await teacherGrades(ports));
    const grammar = checks(() => (kind === "text" ? before() : undefined));
    const ports: School = await start({ grammar, speechToText: hears("I get up", before) });
    await deliver(ports);
    expect(await found(ports)).toMatchObject({
      status: "graded",
      score: 77,
      feedback: "Mana",
      auto_score: null,
      job: "done",
    });
    expect(await ports.grades.list({ skip: 0, limit: 9 })).toMatchObject([{ kind: "teacher", score: 77 }]);
    expect(await ports.notices.list({ skip: 0, limit: 9 })).toMatchObject([{ kind: "homework_graded" }]);
  });

  test("whose author has left in between leaves nothing behind", async () => {
    const gone = async () => {
      await ports.submissions.remove({});
      await ports.jobs.remove({});
    };
    const grammar = checks(gone);
    const ports: School = await start({ grammar });
    await deliver(ports);
    expect(await counts(ports)).toEqual([0, 0, kind === "text" ? 1 : 3]);
  });
});

test("steps that were done are not done again after a crash", async () => {
  let heard = 0;
  let crashes = 1;
  const check = async () => {
    if (crashes-- > 0) throw new Error("the process died");
    return [];
  };
  const ports = await byHand({
    speechToText: hears("I get up", () => heard++),
    grammar: { check, stop: async () => {} },
  });
  await speak(ports);
  await expect(deliver(ports)).rejects.toThrow("the process died");
  expect(await found(ports)).toMatchObject({ status: "grading", transcript: "I get up", job: "queued" });
  await deliver(ports);
  expect(await found(ports)).toMatchObject({ status: "auto_graded", job: "done" });
  expect(heard).toBe(1);
});

test("what is aborted stays where it was", async () => {
  const abort = new AbortController();
  const ports = await byHand({ speechToText: hears("I get up", () => abort.abort()) });
  await speak(ports);
  await expect(processSubmission(ports)(1, KEY, abort.signal)).rejects.toThrow();
  expect(await found(ports)).toMatchObject({ status: "transcribing", transcript: null, job: "queued" });
});

describe("a recogniser that fails", () => {
  const failing = (times: number, error: () => Error) => {
    let left = times;
    return hears("I get up at seven", () => (left-- > 0 ? Promise.reject(error()) : undefined));
  };

  test("twice, then works: graded once, nobody is told of the failures", async () => {
    const ports = await school({ speechToText: failing(2, () => new AppError("recognition_failed")) });
    await speak(ports);
    await settled(ports);
    expect(await found(ports)).toMatchObject({ status: "auto_graded", grade_count: 1, error: null, job: "done" });
    expect(await ports.jobs.findBy({ key: KEY })).toMatchObject({ attempts: 3 });
    expect(await ports.notices.list({ skip: 0, limit: 9 })).toMatchObject([{ kind: "homework_auto_graded" }]);
  });

  test.each<[string, () => Error]>([
    ["recognition_failed", () => new AppError("recognition_failed")],
    ["decoding_failed", () => new AppError("decoding_failed")],
    ["internal", () => new TypeError("x is not a function")],
  ])("always, with %s: given up after its attempts, told once", async (code, error) => {
    const ports = await school({ speechToText: failing(99, error) });
    await speak(ports);
    await settled(ports);
    expect(await found(ports)).toMatchObject({
      status: "failed",
      error: code,
      score: null,
      grade_count: 0,
      job: "failed",
      why: code,
    });
    expect(await ports.jobs.findBy({ key: KEY })).toMatchObject({ attempts: 4 });
    expect(await ports.notices.list({ skip: 0, limit: 9 })).toMatchObject([
      { user_id: LEARNER, kind: "homework_failed" },
    ]);
  });

  test.each<ErrorCode>(["recognition_unavailable", "unsupported_audio", "audio_unreadable"])(
    "for good, with %s: not tried again",
    async (code) => {
      const ports = await school({ speechToText: failing(99, () => new AppError(code)) });
      await speak(ports);
      await settled(ports);
      expect(await found(ports)).toMatchObject({ status: "failed", error: code, job: "failed" });
      expect(await ports.jobs.findBy({ key: KEY })).toMatchObject({ attempts: 1 });
    },
  );

  test("while the teacher has graded: no failure is told", async () => {
    const act = async () => {
      if ((await ports.submissions.find(1))?.status !== "graded") await teacherGrades(ports);
      throw new AppError("recognition_failed");
    };
    const ports: School = await school({ speechToText: hears("", act) });
    await speak(ports);
    await settled(ports);
    expect(await found(ports)).toMatchObject({ status: "graded", score: 77, error: null });
    expect(await ports.notices.count({ kind: "homework_failed" })).toBe(0);
  });
});

test("a full queue of the recogniser loses nothing: a crowd is served in the end", async () => {
  let running = 0;
  const listen = async () => {
    if (running >= 2) throw new AppError("busy", { retry_after: 1 });
    running++;
    await Bun.sleep(1);
    running--;
  };
  const queue = memoryJobs({ concurrency: 8, attempts: 30, backoffMs: 0 });
  const ports = await school({ speechToText: hears("I get up", listen), queue });
  for (let i = 0; i < 12; i++) await speak(ports);
  await settled(ports);
  expect(await ports.submissions.count({ status: "auto_graded" })).toBe(12);
});

test("without a recogniser the recording is kept for the teacher, and text is graded as ever", async () => {
  const ports = await school({ speechToText: null });
  await speak(ports);
  await handIn(ports, ESSAY);
  await settled(ports);
  expect(await found(ports)).toMatchObject({ status: "failed", error: "recognition_unavailable", file_id: 1 });
  expect(await ports.submissions.find(2)).toMatchObject({ status: "auto_graded", grade_count: 1 });
});

test("a recording that is gone from the disk fails at once", async () => {
  const ports = await byHand();
  await speak(ports);
  for (const { key } of await ports.files.list({ skip: 0, limit: 9 })) await ports.fileStore.remove(key);
  await deliver(ports);
  expect(await found(ports)).toMatchObject({ status: "failed", error: "file_missing", job: "failed" });
});

test("silence that passed the door is graded as nothing said, never as something invented", async () => {
  const ports = await school({ speechToText: hears("") });
  await speak(ports);
  await settled(ports);
  expect(await found(ports)).toMatchObject({ status: "auto_graded", transcript: "", auto_score: 0 });
});

test("a work that brings the process down each time is given up in the end", async () => {
  const ports = await byHand();
  await handInForm(ports, { text: ESSAY, a: pdf() });
  await ports.jobs.change({ key: KEY }, { attempts: 20 });
  await jobHandler(ports).run({ key: KEY, request_id: null }, signal);
  expect(await found(ports)).toMatchObject({ status: "failed", error: "too_many_crashes", job: "failed" });
});
