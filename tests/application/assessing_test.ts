import { describe, expect, test } from "bun:test";
import { processSubmission } from "../../src/application/grading.ts";
import type { LanguageModel } from "../../src/application/ports/language_model.ts";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { Homework } from "../../src/domain/homework.ts";
import { failing, giving, gullible, judging, read } from "../support/judging.ts";
import { type School, school, settled, tone } from "../support/school.ts";
import { addHomework, autoGraded, handIn, hears, rowsOf, speak } from "../support/stories.ts";

const DAY =
  "I usually wake up at six o'clock and help my mother in the kitchen. After breakfast I walk to college with two " +
  "neighbours, because the bus is often late. In the evening my brother and I play chess, and before bed I read a story.";

const autoGrade = async (grader: LanguageModel | null, text = DAY, changes: Partial<Homework> = {}) => {
  const ports = await school({ grader });
  const homework = await addHomework(ports, changes);
  await autoGraded(ports, text, { homework });
  return stored(ports);
};

async function stored(ports: School) {
  const submission = await ports.submissions.find(1);
  const [grade] = await rowsOf(ports.grades);
  if (!submission || !grade) throw new Error("nothing was graded");
  return { ...submission, grade, lines: (ports.log as unknown as { lines: { event: string }[] }).lines };
}

const counted = await autoGrade(null);

/** Words that are all different. */
const named = (i: number, consonants = "bdfgklmn", vowels = "aeiou") =>
  [...i.toString(8)].map((digit, at) => `${consonants[Number(digit)]}${vowels[(i + at) % 5]}`).join("");

test("a judgement that is longer than any may be is not read: the counted grade stands", async () => {
  const endless = Array.from({ length: 5000 }, () => ({
    id: "c1",
    evidence: ["wake up"],
    comment: "Yaxshi.",
    score: 25,
  }));
  const { grade, ...submission } = await autoGrade(judging(() => ({ criteria: endless, strength: "", next_step: "" })));
  expect(submission.auto_score).toBe(counted.auto_score);
  expect(submission.flags).toContain("model_unavailable");
  expect(grade.model).toBeNull();
});

describe("a model that judges", () => {
  test("gives the criteria with the words they rest on, and what it said is kept", async () => {
    const grader = judging(giving(0.8));
    const { grade, ...submission } = await autoGrade(grader);
    expect(submission).toMatchObject({ status: "auto_graded", auto_score: 80, flags: [] });
    expect(submission.criteria).toMatchObject([
      { name: "task", score: 20, max: 25, evidence: ["I usually wake up"] },
      { name: "coherence" },
      { name: "vocabulary" },
      { name: "grammar" },
    ]);
    expect(submission.analysis?.engine).toBe("test model-1 with deterministic checks");
    expect(submission.analysis?.word_count).toBe(counted.analysis?.word_count ?? 0);
    expect(grade).toMatchObject({ kind: "auto", score: 80, model: { engine: "test model-1", prompt_version: 1 } });
    expect(JSON.parse(grade.model?.raw ?? "").criteria).toHaveLength(4);
    expect(grader.prompts).toHaveLength(1);
  });

  test("is asked with the task, the criteria and the answer, each between marks of this one question", async () => {
    const grader = judging(giving(0.8));
    const rubric = [{ name: "Mazmun", max: 10, description: "Three things of the day" }];
    const changes = { title: "My day", description: "Write about it.", rubric, reference_text: "I get up early." };
    await autoGrade(grader, DAY, changes);
    await autoGrade(grader, DAY, changes);
    const [first, second] = grader.prompts.map(({ messages }) => messages[0]?.text ?? "");
    expect(first).toContain("My day\nWrite about it.");
    expect(first).toContain("c1: Mazmun, 0 to 10. Three things of the day");
    expect(first).toContain("I get up early.");
    expect(first).toContain("The answer should be in English. The answer was written.");
    const mark = /\[\[LEARNER'S ANSWER (\S+)\]\]/;
    expect(mark.exec(first ?? "")?.[1]).not.toBe(mark.exec(second ?? "")?.[1]);
    expect(grader.prompts[0]?.instructions).toContain(mark.exec(first ?? "")?.[1] ?? "no mark");
    expect(grader.prompts[0]?.max_tokens).toBeLessThanOrEqual(3000);
  });

  test("judges by the homework's rubric, in its own points", async () => {
    const rubric = [
      { name: "Mazmun", max: 3, description: "" },
      { name: "Til", max: 1, description: "" },
    ];
    const { criteria } = await autoGrade(judging(giving(0.75)), DAY, { rubric, max_score: 40 });
    expect(criteria).toMatchObject([
      { name: "Mazmun", score: 22.5, max: 30 },
      { name: "Til", score: 7.5, max: 10 },
    ]);
  });

  test("hears how an answer was spoken", async () => {
    const grader = judging(giving(0.5));
    const ports = await school({ grader, speechToText: hears(DAY) });
    await speak(ports, tone());
    await settled(ports);
    expect(grader.prompts[0]?.messages[0]?.text).toMatch(
      /its transcript\. Measured: 1\.5 s, \d+ words a minute, 0 pauses/,
    );
    expect(await stored(ports)).toMatchObject({
      status: "auto_graded",
      criteria: [{ name: "task" }, { name: "coherence" }, { name: "vocabulary" }, { name: "grammar" }],
    });
  });

  test("sees the beginning of an answer that it has no room for, and the teacher is told", async () => {
    const grader = judging(giving(0.8), { context_tokens: 4096 });
    const long = Array.from({ length: 1200 }, (_, i) => `I ${named(i)} my ${named(7 * i + 3)} today.`).join(" ");
    const { flags } = await autoGrade(grader, long);
    expect(flags).toContain("answer_cut");
    const [prompt] = grader.prompts;
    if (!prompt) throw new Error("nothing was asked");
    const { answer } = read(prompt);
    expect(long).toStartWith(answer);
    const asked = `${prompt.instructions}${prompt.messages[0]?.text}`;
    // Three bytes to a token, which is less than any model takes for English.
    expect(Buffer.byteLength(asked) / 3 + prompt.max_tokens).toBeLessThan(4096);
  });

  test("is cut between letters, not inside of one", async () => {
    const grader = judging(giving(0.5), { context_tokens: 4096 });
    const russian = Array.from({ length: 900 }, (_, i) => `Мой ${named(i, "бвгджзкл", "аеиоу")} дома.`).join(" ");
    await autoGrade(grader, russian, { language: "ru" });
    const { answer } = read(grader.prompts[0] ?? { instructions: "", messages: [], max_tokens: 0 });
    expect(answer.length).toBeGreaterThan(200);
    expect(russian).toStartWith(answer);
  });
});

describe("no model is asked", () => {
  test.each<[string, string, Partial<Homework>]>([
    ["where almost nothing was written", "My day", {}],
    [
      "where the task was copied",
      "Write about your day and say what you do in the morning.",
      {
        description: "Write about your day and say what you do in the morning.",
      },
    ],
    ["where it is the wrong language", "Men har kuni maktabga boraman va kitob oʻqiyman, keyin uyga qaytaman.", {}],
    ["where there is one right answer", DAY, { description: "Dictation", reference_text: DAY }],
  ])("%s", async (_, text, changes) => {
    const grader = gullible();
    const { grade, analysis } = await autoGrade(grader, text, changes);
    expect(grader.prompts).toHaveLength(0);
    expect(grade.model).toBeNull();
    expect(analysis?.engine).toBe("deterministic");
  });

  test("where a text is read aloud", async () => {
    const grader = gullible();
    const ports = await school({ grader, speechToText: hears(DAY) });
    const homework = await addHomework(ports, { reference_text: DAY });
    await speak(ports, tone(), { homework });
    await settled(ports);
    expect(grader.prompts).toHaveLength(0);
    expect((await stored(ports)).criteria).toMatchObject([{ name: "accuracy" }, { name: "completeness" }, {}]);
  });

  test("where none is set, and the grade says so", async () => {
    expect(counted.analysis?.engine).toBe("deterministic");
    expect(counted.flags).toEqual([]);
  });

  test("where it has no room for a question", async () => {
    const grader = judging(giving(1), { context_tokens: 600 });
    expect(await autoGrade(grader)).toMatchObject({ auto_score: counted.auto_score, flags: ["model_unavailable"] });
    expect(grader.prompts).toHaveLength(0);
  });
});

describe("a model that fails leaves the counted grade, at once and for good", () => {
  const CODES: ErrorCode[] = ["ai_overloaded", "ai_unavailable", "ai_timeout", "ai_failed", "ai_blocked"];
  const BROKEN: [string, LanguageModel][] = [
    ...CODES.map((code): [string, LanguageModel] => [code, failing(code)]),
    ["an error that no port may give", judging(() => Promise.reject(new TypeError("x is not a function")))],
    ["no JSON", judging(() => "As an AI I cannot do that")],
    ["another shape", judging(() => ({ score: 100 }))],
    [
      "scores in words",
      judging(({ criteria }) => ({
        criteria: criteria.map(({ id }) => ({ id, score: "25", evidence: [], comment: "" })),
        strength: "",
        next_step: "",
      })),
    ],
    [
      "scores without end",
      judging(() => '{"criteria":[{"id":"c1","evidence":[],"comment":"","score":1e999}],"strength":"","next_step":""}'),
    ],
    ["no criteria", judging(() => ({ criteria: [], strength: "", next_step: "" }))],
    [
      "other criteria",
      judging(() => ({
        criteria: [{ id: "c77", score: 100, evidence: ["I usually wake up"], comment: "" }],
        strength: "",
        next_step: "",
      })),
    ],
  ];

  test.each(BROKEN)("%s", async (_, grader) => {
    const { grade, lines, ...submission } = await autoGrade(grader);
    expect(submission).toMatchObject({
      ...{ status: "auto_graded", auto_score: counted.auto_score, criteria: counted.criteria, error: null },
      ...{ feedback: counted.feedback, confidence: counted.confidence, flags: ["model_unavailable"] },
    });
    expect(submission.analysis?.engine).toBe("deterministic");
    expect(grade.score).toBe(counted.auto_score ?? -1);
  });

  test("and whoever runs the school can read why", async () => {
    const { lines } = await autoGrade(failing("ai_timeout"));
    expect(lines).toContainEqual({
      level: "warn",
      event: "the language model judged nothing",
      fields: { engine: "test model-1", submission_id: 1, code: "ai_timeout" },
    } as never);
  });
});

test("what is aborted while the model thinks stays where it was", async () => {
  const abort = new AbortController();
  const grader = judging(() => {
    abort.abort();
    throw new Error("ended");
  });
  const idle = {
    add: async () => {},
    work: () => {},
    depth: async () => ({ waiting: 0, active: 0 }),
    stop: async () => {},
  };
  const ports = await school({ grader, queue: idle });
  await handIn(ports, DAY);
  await expect(processSubmission(ports)(1, "submission-1-grade-1", abort.signal)).rejects.toThrow();
  expect(await ports.submissions.find(1)).toMatchObject({ status: "grading", auto_score: null });
  expect(await ports.grades.count({})).toBe(0);
  // Nothing is told of a model that did no wrong.
  expect((ports.log as unknown as { lines: { event: string }[] }).lines).not.toContainEqual(
    expect.objectContaining({ event: "the language model judged nothing" }),
  );
});

test("a harsh model's score stands, for the teacher to look at", async () => {
  expect(await autoGrade(judging(giving(0.1)))).toMatchObject({
    auto_score: 10,
    confidence: "low",
    flags: ["needs_review"],
  });
});

test("what a model says at length is kept in part", async () => {
  const raw = ({ criteria }: { criteria: readonly { id: string }[] }) => ({
    criteria: criteria.map(({ id }) => ({ id, score: 5, evidence: [], comment: "\u0000".repeat(9) })),
    strength: "a".repeat(50_000),
    next_step: "",
  });
  const { grade, feedback } = await autoGrade(judging(raw));
  expect(grade.model?.raw.length).toBe(20_000);
  expect(feedback).not.toContain("aaaa");
});

test("a rubric that changes while the model thinks is judged again, by the new one", async () => {
  let times = 0;
  const grader: LanguageModel = judging(async (question) => {
    const changes = { rubric: [{ name: "Yangi", max: 5, description: "" }], version: 2 };
    if (times++ === 0) await ports.homeworks.change({ id: 1 }, changes);
    return giving(0.6)(question);
  });
  const ports: School = await school({ grader });
  await autoGraded(ports, DAY);
  expect(await stored(ports)).toMatchObject({ criteria: [{ name: "Yangi", max: 100 }], grade_count: 1 });
  expect(times).toBe(2);
});
