import { describe, expect, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { call, LEARNER, post, put, type School, school, settled, TEACHER, tone } from "../support/school.ts";
import { addHomework, checks, ESSAY, HOMEWORK, handIn, SUBMISSIONS, speak } from "../support/stories.ts";

const GRADE = `${SUBMISSIONS}/1/grade`;
const DAY = 24 * 60 * 60_000;

const give = (ports: Pick<School, "app">, score: unknown) => call(ports, GRADE, TEACHER, post({ score }));
const read = async (ports: Pick<School, "app">) => (await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body;

describe("late answers", () => {
  test.each([
    ["on the minute", 0, 0],
    ["a moment late", 1, 10],
    ["a day late", DAY, 10],
    ["a day and a moment late", DAY + 1, 20],
    ["nine days late", 9 * DAY, 90],
    ["eleven days late", 11 * DAY, 100],
  ])("%s: of 80 points %# cost their share", async (_, after, percent) => {
    const clock = memoryClock();
    const ports = await school({ clock });
    const homework = await addHomework(ports, { due_at: clock.now().toISOString(), late_penalty_percent: 10 });
    clock.pass(after);
    expect((await handIn(ports, ESSAY, { homework })).body).toMatchObject({
      late: percent > 0,
      score: null,
      penalty: 0,
    });
    await settled(ports);
    const { auto_score, score, penalty } = await read(ports);
    expect(score + penalty).toBeCloseTo(auto_score, 5);
    expect((await give(ports, 80)).body).toMatchObject({ score: 80 - 0.8 * percent, penalty: 0.8 * percent });
  });

  test("are refused where the homework is closed, and nothing is kept", async () => {
    const clock = memoryClock();
    const ports = await school({ clock });
    const due_at = clock.now().toISOString();
    const homework = await addHomework(ports, { due_at, allow_late: false });
    expect((await handIn(ports, ESSAY, { homework })).status).toBe(201);
    clock.pass(1);
    for (const answer of [await handIn(ports, ESSAY, { homework }), await speak(ports, tone(), { homework })])
      expect(answer).toMatchObject({ status: 409, body: { code: "closed", due_at } });
    expect(await ports.files.count({})).toBe(0);
  });

  test("what becomes late while it is being graded is graded all the same", async () => {
    let changes = 1;
    const grammar = checks(() => (changes-- > 0 ? change() : undefined));
    const ports = await school({ grammar });
    const homework = await addHomework(ports);
    const due = { due_at: "2025-12-31T00:00:00.000Z", late_penalty_percent: 50 };
    const change = () =>
      call(ports, `${HOMEWORK}/${homework}`, TEACHER, put({ title: "Essay", course_id: 1, kind: "mixed", ...due }));
    await handIn(ports, ESSAY, { homework });
    await settled(ports);
    expect(await read(ports)).toMatchObject({ status: "auto_graded", late: true, grade_count: 1 });
  });

  test("a new due date that comes while it is being graded is worked in", async () => {
    const clock = memoryClock();
    const due = { due_at: "2025-12-31T00:00:00.000Z", late_penalty_percent: 50 };
    const grammar = checks(() => change());
    const ports = await school({ clock, grammar });
    const change = () =>
      call(ports, `${HOMEWORK}/2`, TEACHER, put({ title: "Essay", course_id: 1, ...due, kind: "mixed" }));
    const homework = await addHomework(ports, { due_at: due.due_at, late_penalty_percent: 0 });
    await handIn(ports, ESSAY, { homework });
    await settled(ports);
    expect((await ports.homeworks.find(homework))?.late_penalty_percent).toBe(50);
    const { auto_score, score } = await read(ports);
    expect(score).toBeCloseTo(auto_score / 2, 0);
  });
});
