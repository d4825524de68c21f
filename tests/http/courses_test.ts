import { describe, expect, test } from "bun:test";
import {
  ADMIN,
  call,
  LEARNER,
  OTHER_TEACHER,
  post,
  put,
  STRANGER,
  school,
  settled,
  TEACHER,
} from "../support/school.ts";
import { handIn } from "../support/stories.ts";

const COURSES = "/api/v1/courses/";
const LESSONS = "/api/v1/lessons/";
const DRAFT = { title: "Grammar", level: "B1" };

test.each(["/api/v1/courses", "/api/v1/courses/"])("%s answers anybody", async (path) => {
  const { status, body } = await call(await school(), path);
  expect(status).toBe(200);
  expect(body).toMatchObject([{ id: 1, title: "English", teacher_id: TEACHER }, { id: 2 }]);
});

test.each([
  ["level=A1", [1, 2]],
  ["level=B2", []],
  ["language=en", [1, 2]],
  ["q=ANOTHER", [2]],
  ["q=%25", []],
])("courses by %s", async (query, ids) => {
  const { body } = await call(await school(), `${COURSES}?${query}`);
  expect(body.map(({ id }: { id: number }) => id)).toEqual(ids);
});

test.each([
  ["2", 200],
  ["404", 404],
  ["abc", 404],
  ["1.5", 404],
  ["0", 422],
  ["2147483648", 422],
])("course %s is %d", async (id, status) =>
  expect((await call(await school(), `${COURSES}${id}`)).status).toBe(status),
);

test("a course comes with its lessons in their order", async () => {
  const ports = await school();
  for (const [title, position] of [
    ["Third", 3],
    ["Second", 2],
  ])
    await call(ports, LESSONS, TEACHER, post({ course_id: 1, title, position }));
  const { body } = await call(ports, `${COURSES}1`);
  expect(body.lessons.map(({ title }: { title: string }) => title)).toEqual(["Lesson", "Second", "Third"]);
});

describe("making and changing", () => {
  test("whoever makes a course teaches it; nothing else is theirs to set", async () => {
    const ports = await school();
    const { status, body } = await call(ports, COURSES, TEACHER, post({ ...DRAFT, teacher_id: OTHER_TEACHER, id: 1 }));
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: 3, ...DRAFT, description: "", language: "en", teacher_id: TEACHER });
    expect((await call(ports, COURSES, STRANGER, post(DRAFT))).body.code).toBe("forbidden");
  });

  test("its teacher and admins change it", async () => {
    const ports = await school();
    const { body } = await call(ports, `${COURSES}1`, TEACHER, put(DRAFT));
    expect(body).toMatchObject({ id: 1, ...DRAFT, teacher_id: TEACHER });
    expect((await call(ports, `${COURSES}1`, OTHER_TEACHER, put(DRAFT))).body.code).toBe("forbidden");
    expect((await call(ports, `${COURSES}99`, ADMIN, put(DRAFT))).body.code).toBe("not_found");
    expect((await call(ports, `${COURSES}1`, TEACHER, put({ level: "B1" }))).body.code).toBe("invalid_input");
  });

  test("an admin alone hands it over, and only to a teacher", async () => {
    const ports = await school();
    const hand = (as: number, teacher_id: number) => call(ports, `${COURSES}1`, as, put({ ...DRAFT, teacher_id }));
    expect((await hand(TEACHER, OTHER_TEACHER)).body.code).toBe("forbidden");
    expect((await hand(ADMIN, LEARNER)).body).toMatchObject({ code: "unknown_users", user_ids: [LEARNER] });
    expect((await hand(ADMIN, 99)).body.code).toBe("unknown_users");
    expect((await hand(ADMIN, OTHER_TEACHER)).body.teacher_id).toBe(OTHER_TEACHER);
    expect((await call(ports, `${COURSES}1/students`, TEACHER)).body.code).toBe("forbidden");
    expect((await call(ports, `${COURSES}1/students`, OTHER_TEACHER)).body).toHaveLength(2);
  });

  test("nobody hands it to a teacher who has left", async () => {
    const ports = await school();
    await ports.users.change({ id: OTHER_TEACHER }, { is_active: false });
    const { body } = await call(ports, `${COURSES}1`, ADMIN, put({ ...DRAFT, teacher_id: OTHER_TEACHER }));
    expect(body.code).toBe("unknown_users");
  });

  test("a teacher may say again that it is theirs", async () => {
    expect((await call(await school(), `${COURSES}1`, TEACHER, put({ ...DRAFT, teacher_id: TEACHER }))).status).toBe(
      200,
    );
  });
});

describe("enrolling", () => {
  test("works once, is the same the second time, and opens the homework", async () => {
    const ports = await school();
    const enrol = () => call(ports, `${COURSES}1/enroll`, STRANGER, { method: "POST" });
    const [first, again] = [await enrol(), await enrol()];
    expect(first).toMatchObject({ status: 201, body: { course_id: 1, user_id: STRANGER } });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect((await call(ports, "/api/v1/homework/1", STRANGER)).status).toBe(200);
    expect((await call(ports, `${COURSES}99/enroll`, STRANGER, { method: "POST" })).body.code).toBe("not_found");
  });

  test("many times at once enrols once", async () => {
    const ports = await school();
    const all = await Promise.all(
      Array.from({ length: 5 }, () => call(ports, `${COURSES}2/enroll`, STRANGER, { method: "POST" })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
  });

  test("shows the teacher who learns", async () => {
    const ports = await school();
    const { body } = await call(ports, `${COURSES}1/students`, TEACHER);
    expect(body).toMatchObject([
      { user_id: 4, full_name: "Person 4", email: "4@example.com", level: null },
      { user_id: 5, enrolled_at: "2026-01-01T00:00:00.000Z" },
    ]);
    expect((await call(ports, `${COURSES}1/students`, LEARNER)).body.code).toBe("forbidden");
    expect((await call(ports, `${COURSES}99/students`, TEACHER)).body.code).toBe("not_found");
  });
});

describe("deleting a course", () => {
  const drop = (ports: Parameters<typeof call>[0], as: number, id = 2) =>
    call(ports, `${COURSES}${id}`, as, { method: "DELETE" });

  test("takes its lessons and homework with it", async () => {
    const ports = await school();
    await call(ports, LESSONS, OTHER_TEACHER, post({ course_id: 2, title: "L" }));
    await call(ports, "/api/v1/homework/", OTHER_TEACHER, post({ course_id: 2, title: "H" }));
    expect((await drop(ports, TEACHER)).body.code).toBe("forbidden");
    expect((await drop(ports, OTHER_TEACHER)).status).toBe(204);
    expect((await call(ports, `${COURSES}2`)).status).toBe(404);
    expect([await ports.lessons.count({ course_id: 2 }), await ports.homeworks.count({ course_id: 2 })]).toEqual([
      0, 0,
    ]);
  });

  test("is refused while somebody learns there or has answered", async () => {
    const ports = await school();
    expect((await drop(ports, TEACHER, 1)).body).toMatchObject({ status: 409, code: "course_has_students" });
    await handIn(ports);
    await settled(ports);
    await ports.enrolments.remove({});
    expect((await drop(ports, TEACHER, 1)).body).toMatchObject({ status: 409, code: "homework_has_submissions" });
    expect((await call(ports, `${COURSES}1`)).status).toBe(200);
  });
});

describe("lessons", () => {
  test("are made in an own course, at its end", async () => {
    const ports = await school();
    const make = (as: number, draft: object) => call(ports, LESSONS, as, post(draft));
    expect(await make(TEACHER, { course_id: 1, title: "Two" })).toMatchObject({
      status: 201,
      body: { position: 2, content: "" },
    });
    expect((await make(ADMIN, { course_id: 1, title: "Three", content: "a\nb" })).body).toMatchObject({ position: 3 });
    expect((await make(OTHER_TEACHER, { course_id: 1, title: "x" })).body.code).toBe("forbidden");
    expect((await make(TEACHER, { course_id: 99, title: "x" })).body.code).toBe("not_found");
    expect((await make(TEACHER, { course_id: 1 })).body.code).toBe("invalid_input");
    expect((await make(TEACHER, { course_id: 1, title: "x", position: 0 })).body.code).toBe("invalid_input");
  });

  test("are read by anybody, by course and by words", async () => {
    const ports = await school();
    expect((await call(ports, `${LESSONS}1`)).body).toMatchObject({ id: 1, course_id: 1, title: "Lesson" });
    expect((await call(ports, `${LESSONS}99`)).body.code).toBe("not_found");
    expect((await call(ports, `${LESSONS}?course_id=1`)).body).toHaveLength(1);
    expect((await call(ports, `${LESSONS}?course_id=2`)).body).toEqual([]);
    expect((await call(ports, `${LESSONS}?q=less`)).body).toHaveLength(1);
    expect((await call(ports, `${LESSONS}?course_id=x`)).body.code).toBe("invalid_input");
  });
});
