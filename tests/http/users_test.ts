import { describe, expect, test } from "bun:test";
import type { Role } from "../../src/domain/access.ts";
import {
  ADMIN,
  call,
  LEARNER,
  OTHER_LEARNER,
  OTHER_TEACHER,
  patch,
  post,
  put,
  type School,
  school,
  settled,
  TEACHER,
} from "../support/school.ts";
import { ESSAY, handInForm, SUBMISSIONS, speak } from "../support/stories.ts";

const USERS = "/api/v1/users/";
const ME = `${USERS}me`;
const NEW = { email: "Dilnoza@Example.com", password: "oʻrik daraxti 9" };
const MANAGER = OTHER_TEACHER;

/** A school whose user 3 is an admin below the superadmin. */
async function managed() {
  const ports = await school();
  await ports.users.change({ id: MANAGER }, { role: "admin" });
  return ports;
}

const signUp = (ports: Pick<School, "app">, draft: unknown) => call(ports, `${USERS}signup`, undefined, post(draft));

describe("signing up", () => {
  test("makes a plain user who can sign in, and tells no hash", async () => {
    const ports = await school();
    const { status, body } = await signUp(ports, { ...NEW, full_name: " Dilnoza Karimova ", level: "A2" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: 7, email: "dilnoza@example.com", full_name: "Dilnoza Karimova", role: "user" });
    expect(body).toMatchObject({ is_active: true, is_superuser: false, language: "uz", level: "A2" });
    expect(JSON.stringify(body)).not.toContain("hash");
    const form = new URLSearchParams({ username: NEW.email, password: NEW.password });
    expect((await ports.app.request("/api/v1/login/access-token", { method: "POST", body: form })).status).toBe(200);
  });

  test("sets nothing that is not a newcomer's to set", async () => {
    const more = {
      role: "superadmin",
      is_superuser: true,
      is_active: false,
      id: 1,
      password_hash: "x",
      created_at: "x",
    };
    expect((await signUp(await school(), { ...NEW, ...more })).body).toMatchObject({
      id: 7,
      role: "user",
      is_superuser: false,
    });
  });

  test.each([
    ["an e-mail that is taken, in capitals", { ...NEW, email: "4@EXAMPLE.com" }, 409, "email_taken"],
    ["no e-mail", { ...NEW, email: "dilnoza" }, 422, "invalid_input"],
    ["a password of seven characters", { ...NEW, password: "aʼlo 12" }, 422, "weak_password"],
    ["a password that everybody tries", { ...NEW, password: "Password123" }, 422, "weak_password"],
    ["the guide's own password", { ...NEW, password: "changethis" }, 422, "weak_password"],
    ["the e-mail as password", { ...NEW, password: "dilnoza@example.COM" }, 422, "weak_password"],
    ["one letter many times", { ...NEW, password: "aaaaaaaaaaaa" }, 422, "weak_password"],
    ["an endless password", { ...NEW, password: "aB3".repeat(50) }, 422, "invalid_input"],
    ["an empty name", { ...NEW, full_name: "" }, 422, "invalid_input"],
    ["a name of two lines", { ...NEW, full_name: "a\u0000b" }, 422, "invalid_input"],
  ])("%s is refused", async (_, draft, status, code) => {
    const ports = await school();
    expect((await signUp(ports, draft)).body).toMatchObject({ status, code });
    expect(await ports.users.count({})).toBe(6);
  });

  test("with one e-mail at once makes one account", async () => {
    const ports = await school();
    const all = await Promise.all(Array.from({ length: 5 }, () => signUp(ports, NEW)));
    expect(all.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  test("is off where the school says so", async () => {
    const ports = await school({ site: { openRegistration: false } });
    expect((await signUp(ports, NEW)).body).toMatchObject({ status: 403, code: "signup_closed" });
  });
});

describe("one's own account", () => {
  test("is changed in part; what is not one's to change stays", async () => {
    const ports = await school();
    const more = { role: "admin", is_active: false, is_superuser: true, id: 1 };
    const { body } = await call(
      ports,
      ME,
      LEARNER,
      patch({ email: "New@Example.com", level: "B1", language: "en", ...more }),
    );
    expect(body).toMatchObject({
      id: LEARNER,
      email: "new@example.com",
      level: "B1",
      language: "en",
      full_name: "Person 4",
    });
    expect(body).toMatchObject({ role: "user", is_active: true, is_superuser: false });
    expect((await call(ports, ME, LEARNER, patch({ full_name: null }))).body).toMatchObject({
      full_name: null,
      level: "B1",
    });
    expect((await call(ports, ME, LEARNER, patch({}))).status).toBe(200);
    expect((await call(ports, ME, LEARNER, patch({ email: "5@example.com" }))).body.code).toBe("email_taken");
    expect((await call(ports, ME, LEARNER, patch({ email: "new@example.com" }))).status).toBe(200);
  });

  test.each([
    ["a wrong current one", { current_password: "nope", new_password: NEW.password }, "wrong_password"],
    ["an easy new one", { current_password: "password of 4", new_password: "12345678" }, "weak_password"],
    ["none", {}, "invalid_input"],
  ])("a new password with %s is refused", async (_, body, code) => {
    expect((await call(await school(), `${ME}/password`, LEARNER, put(body))).body.code).toBe(code);
  });

  test("is deleted with all that is personal, and nothing of others", async () => {
    const ports = await school();
    await handInForm(ports, { text: ESSAY, a: new File(["%PDF-1.7"], "a.pdf") });
    await speak(ports);
    await speak(ports, undefined, { as: OTHER_LEARNER });
    await settled(ports);
    await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 5 }));
    expect((await call(ports, ME, LEARNER, { method: "DELETE" })).status).toBe(204);
    const mine = { user_id: LEARNER };
    for (const table of [ports.submissions, ports.enrolments, ports.notices, ports.answers, ports.sessions])
      expect(await table.count(mine)).toBe(0);
    expect(await ports.users.find(LEARNER)).toBeNull();
    expect([await ports.files.count({}), await ports.submissions.count({}), await ports.jobs.count({})]).toEqual([
      1, 1, 1,
    ]);
    expect([await ports.grades.count({}), await ports.submissionEvents.count({})]).toEqual([1, 4]);
    expect("kept" in ports.fileStore && (ports.fileStore.kept as Map<string, unknown>).size).toBe(1);
    expect((await call(ports, `${SUBMISSIONS}/1`, TEACHER)).status).toBe(404);
    expect((await call(ports, "/api/v1/homework/1/submissions", TEACHER)).body).toHaveLength(1);
  });

  test("of the only superadmin stays", async () => {
    const ports = await school();
    expect((await call(ports, ME, ADMIN, { method: "DELETE" })).body).toMatchObject({
      status: 409,
      code: "last_superadmin",
    });
    await ports.users.change({ id: TEACHER }, { role: "superadmin" });
    expect((await call(ports, ME, ADMIN, { method: "DELETE" })).status).toBe(204);
    expect((await call(ports, ME, TEACHER, { method: "DELETE" })).body.code).toBe("last_superadmin");
  });
});

test.each([
  [LEARNER, LEARNER, 200],
  [LEARNER, OTHER_LEARNER, 404],
  [TEACHER, LEARNER, 404],
  [ADMIN, LEARNER, 200],
  [ADMIN, 99, 404],
])("user %d reading user %d: %d", async (as, id, status) => {
  expect((await call(await school(), `${USERS}${id}`, as)).status).toBe(status);
});

test.each([
  ["role=teacher", [2, 3]],
  ["q=PERSON 4", [4]],
  ["q=5@example", [5]],
  ["q=%25", []],
  ["q=_", []],
  ["is_active=false", [6]],
  ["is_active=true&role=user", [4, 5]],
])("users by %s", async (query, ids) => {
  const ports = await school();
  await ports.users.change({ id: 6 }, { is_active: false });
  const { body } = await call(ports, `${USERS}?${query}`, ADMIN);
  expect(body.map(({ id }: { id: number }) => id)).toEqual(ids);
});

test.each(["role=king", "is_active=perhaps", "q=", `q=${"x".repeat(101)}`])("users by %s is 422", async (query) => {
  expect((await call(await school(), `${USERS}?${query}`, ADMIN)).body.code).toBe("invalid_input");
});

test("only a superadmin sees the superuser's test", async () => {
  const ports = await managed();
  expect((await call(ports, `${USERS}test-superuser`, ADMIN)).body).toMatchObject({ id: ADMIN, is_superuser: true });
  for (const as of [MANAGER, TEACHER, LEARNER])
    expect((await call(ports, `${USERS}test-superuser`, as)).status).toBe(403);
});

describe("an admin below the superadmin", () => {
  const draft = (role: Role) => post({ ...NEW, role });

  test.each<[Role, number]>([
    ["user", 201],
    ["premium", 201],
    ["teacher", 201],
    ["admin", 403],
    ["superadmin", 403],
  ])("making a %s: %d", async (role, status) => {
    const ports = await managed();
    const answer = await call(ports, USERS, MANAGER, draft(role));
    expect(answer.status).toBe(status);
    expect(await ports.users.count({})).toBe(status === 201 ? 7 : 6);
    expect((await call(await managed(), USERS, ADMIN, draft(role))).body.role).toBe(role);
  });

  test.each<[string, number, object, number]>([
    ["a learner's role", LEARNER, { role: "teacher" }, 200],
    ["a learner to admin", LEARNER, { role: "admin" }, 403],
    ["the superadmin's name", ADMIN, { full_name: "x" }, 403],
    ["the superadmin's activity", ADMIN, { is_active: false }, 403],
    ["their own role", MANAGER, { role: "superadmin" }, 403],
    ["nobody", 99, { role: "user" }, 404],
  ])("changing %s", async (_, id, changes, status) => {
    const ports = await managed();
    const before = await ports.users.find(id);
    expect((await call(ports, `${USERS}${id}`, MANAGER, patch(changes))).status).toBe(status);
    if (status !== 200) expect(await ports.users.find(id)).toEqual(before);
  });

  test("neither resets nor deletes the superadmin", async () => {
    const ports = await managed();
    const reset = put({ new_password: NEW.password });
    expect((await call(ports, `${USERS}${ADMIN}/password`, MANAGER, reset)).body.code).toBe("forbidden");
    expect((await call(ports, `${USERS}${ADMIN}`, MANAGER, { method: "DELETE" })).body.code).toBe("forbidden");
    expect((await call(ports, `${USERS}${LEARNER}/password`, MANAGER, reset)).status).toBe(204);
    expect((await call(ports, `${USERS}${LEARNER}`, MANAGER, { method: "DELETE" })).status).toBe(204);
    expect((await call(ports, `${USERS}${LEARNER}`, MANAGER, { method: "DELETE" })).body.code).toBe("not_found");
  });
});

test("the only superadmin is neither demoted nor deactivated", async () => {
  const ports = await school();
  for (const changes of [{ role: "user" }, { is_active: false }])
    expect((await call(ports, `${USERS}${ADMIN}`, ADMIN, patch(changes))).body).toMatchObject({
      status: 409,
      code: "last_superadmin",
    });
  expect((await call(ports, `${USERS}${ADMIN}`, ADMIN, patch({ full_name: "Boss" }))).status).toBe(200);
});

test("a teacher who leaves: the courses stay, without a teacher; grades stay, without a name", async () => {
  const ports = await school();
  await handInForm(ports, { text: ESSAY });
  await settled(ports);
  await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 70 }));
  expect((await call(ports, `${USERS}${TEACHER}`, ADMIN, { method: "DELETE" })).status).toBe(204);
  expect((await call(ports, "/api/v1/courses/1")).body.teacher_id).toBeNull();
  expect((await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body).toMatchObject({
    score: 70,
    status: "graded",
    graded_by: null,
  });
});
