import { describe, expect, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import {
  ADMIN,
  call,
  LEARNER,
  OTHER_LEARNER,
  OTHER_TEACHER,
  post,
  put,
  type School,
  STRANGER,
  school,
  settled,
  TEACHER,
} from "../support/school.ts";
import { addHomework, autoGraded, ESSAY, HOMEWORK, handIn, SUBMISSIONS } from "../support/stories.ts";

const ONE = `${HOMEWORK}/1`;
const DRAFT = { title: "Essay 2", course_id: 1 };
const assign = (ports: Pick<School, "app">, user_ids: unknown, as = TEACHER, homework = 1) =>
  call(ports, `${HOMEWORK}/${homework}/assign`, as, post({ user_ids }));
const ids = async (ports: Pick<School, "app">, as: number, path = `${HOMEWORK}/`) =>
  (await call(ports, path, as)).body.map(({ id }: { id: number }) => id);

describe("making", () => {
  test("by the guide's two fields is enough", async () => {
    const { status, headers, body } = await call(await school(), `${HOMEWORK}/`, TEACHER, post(DRAFT));
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`${HOMEWORK}/2`);
    expect(body).toMatchObject({ id: 2, ...DRAFT, kind: "mixed", language: "en", max_score: 100, max_attempts: null });
    expect(body).toMatchObject({
      allow_late: true,
      late_penalty_percent: 0,
      published: true,
      auto_release: true,
      own: null,
    });
  });

  test("with every field gives every field back, its time in UTC", async () => {
    const rubric = [{ name: "Vocabulary", max: 25, description: "" }];
    const whole = {
      ...DRAFT,
      description: "Write 150 words",
      lesson_id: 1,
      kind: "oral",
      reference_text: "He was not.",
      rubric,
    };
    const rest = { language: "en", max_score: 20, max_attempts: 3, allow_late: false, late_penalty_percent: 10 };
    const draft = { ...whole, ...rest, published: false, auto_release: false };
    const given = { ...draft, due_at: "2026-12-01T23:00:00+05:00" };
    const { body } = await call(await school(), `${HOMEWORK}/`, TEACHER, post(given));
    expect(body).toMatchObject({ ...draft, due_at: "2026-12-01T18:00:00.000Z", version: 1 });
  });

  test.each<[object, number, string, number?]>([
    [{ course_id: 1 }, 422, "invalid_input"],
    [{ title: "x" }, 422, "invalid_input"],
    [{ ...DRAFT, title: "x".repeat(201) }, 422, "invalid_input"],
    [{ ...DRAFT, kind: "video" }, 422, "invalid_input"],
    [{ ...DRAFT, due_at: "tomorrow" }, 422, "invalid_input"],
    [{ ...DRAFT, due_at: "2026-12-01" }, 422, "invalid_input"],
    [{ ...DRAFT, max_score: 0 }, 422, "invalid_input"],
    [{ ...DRAFT, max_attempts: 0 }, 422, "invalid_input"],
    [{ ...DRAFT, late_penalty_percent: 101 }, 422, "invalid_input"],
    [{ ...DRAFT, rubric: [] }, 422, "invalid_input"],
    [{ ...DRAFT, language: "English" }, 422, "invalid_input"],
    [{ ...DRAFT, course_id: 99 }, 404, "not_found"],
    [{ ...DRAFT, lesson_id: 99 }, 422, "lesson_of_other_course"],
    [{ ...DRAFT, course_id: 2, lesson_id: 1 }, 422, "lesson_of_other_course", ADMIN],
    [{ ...DRAFT, course_id: 2 }, 403, "forbidden"],
    [DRAFT, 403, "forbidden", LEARNER],
  ])("%j is refused", async (draft, status, code, as = TEACHER) => {
    const ports = await school();
    expect((await call(ports, `${HOMEWORK}/`, as, post(draft))).body).toMatchObject({ status, code });
    expect(await ports.homeworks.count({})).toBe(1);
  });
});

describe("who sees what", () => {
  test("a learner what is published for their courses or given to them, a teacher their own, an admin all", async () => {
    const ports = await school();
    const draft = await addHomework(ports, { published: false });
    const elsewhere = await addHomework(ports, { course_id: 2 });
    expect(await ids(ports, LEARNER)).toEqual([1]);
    expect(await ids(ports, STRANGER)).toEqual([]);
    expect(await ids(ports, TEACHER)).toEqual([draft, 1]);
    expect(await ids(ports, OTHER_TEACHER)).toEqual([elsewhere]);
    expect(await ids(ports, ADMIN)).toEqual([elsewhere, draft, 1]);
    await assign(ports, [STRANGER], OTHER_TEACHER, elsewhere);
    expect(await ids(ports, STRANGER)).toEqual([elsewhere]);
    expect((await call(ports, `${HOMEWORK}/${elsewhere}`, STRANGER)).status).toBe(200);
  });

  test.each([
    [LEARNER, 200],
    [TEACHER, 200],
    [ADMIN, 200],
    [STRANGER, 404],
    [OTHER_TEACHER, 404],
  ])("user %d reading one: %d", async (as, status) => {
    const answer = await call(await school(), ONE, as);
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.headers.get("etag")).toBe('"1"');
  });

  test("of a lesson only that lesson's", async () => {
    const ports = await school();
    const ofLesson = await addHomework(ports, { lesson_id: 1 });
    for (const as of [LEARNER, TEACHER, ADMIN])
      expect(await ids(ports, as, `${HOMEWORK}/lesson/1`)).toEqual([ofLesson]);
    expect(await ids(ports, LEARNER, `${HOMEWORK}/lesson/99`)).toEqual([]);
  });

  test("each with the caller's own newest attempt, and nobody else's", async () => {
    const ports = await school();
    await autoGraded(ports);
    const { score } = await autoGraded(ports);
    const own = { submission_id: 2, attempt: 2, status: "auto_graded", score };
    expect((await call(ports, `${HOMEWORK}/`, LEARNER)).body[0].own).toEqual(own);
    expect((await call(ports, ONE, LEARNER)).body.own).toEqual(own);
    expect((await call(ports, ONE, OTHER_LEARNER)).body.own).toBeNull();
    expect((await call(ports, ONE, TEACHER)).body.own).toBeNull();
  });

  test("a teacher lists the hand-ins of their own, by state", async () => {
    const ports = await school();
    await autoGraded(ports);
    await autoGraded(ports, ESSAY, { as: OTHER_LEARNER });
    await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 5 }));
    expect(await ids(ports, TEACHER, `${ONE}/submissions`)).toEqual([2, 1]);
    expect(await ids(ports, ADMIN, `${ONE}/submissions?status=graded`)).toEqual([1]);
    expect((await call(ports, `${ONE}/submissions?status=lost`, TEACHER)).body.code).toBe("invalid_input");
    expect((await call(ports, `${ONE}/submissions`, LEARNER)).body.code).toBe("forbidden");
    expect((await call(ports, `${HOMEWORK}/99/submissions`, TEACHER)).body.code).toBe("not_found");
  });
});

describe("giving it to learners", () => {
  test("tells each once, however often it is done", async () => {
    const ports = await school();
    const first = await assign(ports, [STRANGER, LEARNER, STRANGER]);
    expect(first).toMatchObject({ status: 200, body: { homework_id: 1, assigned: [6, 4], newly_assigned: [6, 4] } });
    expect((await assign(ports, [STRANGER, OTHER_LEARNER])).body).toMatchObject({ newly_assigned: [OTHER_LEARNER] });
    expect(await ports.notices.count({ user_id: STRANGER })).toBe(1);
    expect((await call(ports, "/api/v1/notifications/", STRANGER)).body[0]).toMatchObject({
      kind: "homework_assigned",
      text: "Sizga yangi vazifa berildi: «Essay 1».",
    });
  });

  test("is all or nothing", async () => {
    const ports = await school();
    const { status, body } = await assign(ports, [STRANGER, 77, 88]);
    expect({ status, body }).toMatchObject({ status: 422, body: { code: "unknown_users", user_ids: [77, 88] } });
    expect(await ports.assignments.count({})).toBe(0);
    expect(await ports.notices.count({})).toBe(0);
  });

  test.each([[[]], ["all"], [[0]], [["a"]], [undefined]])("%j is no list of learners", async (users) => {
    expect((await assign(await school(), users)).body.code).toBe("invalid_input");
  });

  test("is the course's teacher's to do", async () => {
    const ports = await school();
    expect((await assign(ports, [STRANGER], OTHER_TEACHER)).body.code).toBe("not_found");
    expect((await assign(ports, [STRANGER], LEARNER)).body.code).toBe("forbidden");
    expect((await assign(ports, [STRANGER], ADMIN)).status).toBe(200);
  });

  test("of a draft leads nobody to a page that is not there", async () => {
    const ports = await school();
    const draft = await addHomework(ports, { published: false });
    await assign(ports, [STRANGER], TEACHER, draft);
    const told = await ports.notices.count({ user_id: STRANGER });
    expect((await call(ports, `${HOMEWORK}/${draft}`, STRANGER)).status).toBe(told > 0 ? 200 : 404);
  });
});

describe("changing", () => {
  test("raises the version; what is left out is as in a new one", async () => {
    const ports = await school();
    const { status, headers, body } = await call(
      ports,
      ONE,
      TEACHER,
      put({ ...DRAFT, max_score: 50 }, { "if-match": '"1"' }),
    );
    expect({ status, etag: headers.get("etag") }).toEqual({ status: 200, etag: '"2"' });
    expect(body).toMatchObject({ id: 1, title: "Essay 2", description: "", max_score: 50, version: 2 });
    expect((await call(ports, ONE, LEARNER)).body).toMatchObject({ title: "Essay 2", version: 2 });
  });

  test.each([
    ["the header's", {}, { "if-match": '"1"' }],
    ["a weak header's", {}, { "if-match": 'W/"1"' }],
    ["the body's", { version: 1 }, {}],
  ])("on a stale version, %s, is 409", async (_, more, headers) => {
    const ports = await school();
    const change = () => call(ports, ONE, TEACHER, put({ ...DRAFT, ...more }, headers));
    expect((await change()).status).toBe(200);
    expect((await change()).body).toMatchObject({ status: 409, code: "stale_version", version: 2 });
    expect((await call(ports, ONE, TEACHER, put(DRAFT, { "if-match": "*" }))).status).toBe(200);
  });

  test("is for the course's teacher, and not into another's course", async () => {
    const ports = await school();
    expect((await call(ports, ONE, OTHER_TEACHER, put(DRAFT))).body.code).toBe("not_found");
    expect((await call(ports, ONE, LEARNER, put(DRAFT))).body.code).toBe("forbidden");
    expect((await call(ports, ONE, TEACHER, put({ ...DRAFT, course_id: 2 }))).body.code).toBe("forbidden");
    expect((await call(ports, ONE, ADMIN, put(DRAFT))).status).toBe(200);
  });

  test("the due date and the penalty works into every grade that was given", async () => {
    const clock = memoryClock();
    const ports = await school({ clock });
    const { auto_score } = await autoGraded(ports);
    await autoGraded(ports, ESSAY, { as: OTHER_LEARNER });
    await call(ports, `${SUBMISSIONS}/2/grade`, TEACHER, post({ score: 80 }));
    const late = { ...DRAFT, due_at: "2025-12-30T12:00:00Z", late_penalty_percent: 10 };
    expect((await call(ports, ONE, TEACHER, put(late))).status).toBe(200);
    const read = async (id: number) => (await call(ports, `${SUBMISSIONS}/${id}`, TEACHER)).body;
    expect(await read(2)).toMatchObject({ late: true, penalty: 16, score: 64, status: "graded" });
    expect(await read(1)).toMatchObject({ late: true, auto_score, status: "auto_graded" });
    expect((await read(1)).score).toBeCloseTo(auto_score * 0.8, 0);
    await call(ports, ONE, TEACHER, put(DRAFT));
    expect(await read(2)).toMatchObject({ late: false, penalty: 0, score: 80 });
    expect(await read(1)).toMatchObject({ late: false, penalty: 0, score: auto_score });
  });

  test("the maximum below a grade that was given is refused whole", async () => {
    const ports = await school();
    await autoGraded(ports);
    await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 80 }));
    const { body } = await call(ports, ONE, TEACHER, put({ ...DRAFT, max_score: 79 }));
    expect(body).toMatchObject({ status: 422, code: "score_out_of_range", score: 80, max_score: 79 });
    expect((await call(ports, ONE, TEACHER)).body).toMatchObject({ title: "Essay 1", max_score: 100, version: 1 });
    expect((await call(ports, ONE, TEACHER, put({ ...DRAFT, max_score: 80 }))).status).toBe(200);
  });
});

describe("deleting", () => {
  test("what nobody has answered, with what was given of it", async () => {
    const ports = await school();
    await assign(ports, [STRANGER]);
    expect((await call(ports, ONE, OTHER_TEACHER, { method: "DELETE" })).body.code).toBe("not_found");
    expect((await call(ports, ONE, TEACHER, { method: "DELETE" })).status).toBe(204);
    expect((await call(ports, ONE, TEACHER)).status).toBe(404);
    expect(await ports.assignments.count({})).toBe(0);
    expect((await call(ports, ONE, TEACHER, { method: "DELETE" })).body.code).toBe("not_found");
  });

  test("what was answered is refused", async () => {
    const ports = await school();
    await handIn(ports);
    await settled(ports);
    const { body } = await call(ports, ONE, TEACHER, { method: "DELETE" });
    expect(body).toMatchObject({ status: 409, code: "homework_has_submissions" });
  });
});
