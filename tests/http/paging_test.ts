import { beforeAll, describe, expect, test } from "bun:test";
import { operations, plain } from "../support/operations.ts";
import { attempted } from "../support/pronouncing.ts";
import { ADMIN, call, homeworkDraft, LEARNER, post, type School, school, TEACHER } from "../support/school.ts";
import { ESSAY, handIn } from "../support/stories.ts";

const at = "2026-01-01T00:00:00.000Z";
const WHO: Record<string, number> = {
  "/api/v1/homework/user/me": LEARNER,
  "/api/v1/homework/submissions/me": LEARNER,
  "/api/v1/homework/": LEARNER,
  "/api/v1/homework/lesson/{lesson_id}": LEARNER,
  "/api/v1/notifications/": LEARNER,
  "/api/v1/ai-sessions/sessions": LEARNER,
  "/api/v1/pronunciation/sessions/": LEARNER,
  "/api/v1/pronunciation/history/": LEARNER,
  "/api/v1/ai/pronunciation/history": LEARNER,
  "/api/v1/courses/{course_id}/students": TEACHER,
};
const lists = operations
  .filter(({ operation }) => operation.summary?.endsWith("(paged)"))
  .map(({ path }) => ({ path, as: WHO[path] ?? ADMIN }));

/** A school with seven or more rows in each list. */
async function crowded() {
  const ports = await school();
  for (let i = 0; i < 7; i++) {
    await handIn(ports, ESSAY);
    await ports.courses.add({
      title: "C",
      description: "",
      level: "A1",
      language: "en",
      teacher_id: 2,
      created_at: at,
      updated_at: at,
    });
    await ports.lessons.add({ course_id: 1, title: "L", content: "", position: i + 2, created_at: at, updated_at: at });
    await ports.homeworks.add({ ...homeworkDraft, lesson_id: 1 });
    await ports.enrolments.add({ course_id: 1, user_id: 6 + i, created_at: at });
    const person = {
      full_name: null,
      role: "user",
      is_active: true,
      language: "uz",
      level: null,
      avatar_id: null,
    } as const;
    await ports.users.add({
      ...person,
      email: `more${i}@example.com`,
      password_hash: "",
      created_at: at,
      updated_at: at,
    });
    await ports.notices.add({
      user_id: LEARNER,
      kind: "homework_assigned",
      params: { title: "x" },
      read_at: null,
      created_at: at,
    });
    const conversation = { title: "T", scenario: null, message_count: 0, created_at: at, updated_at: at };
    await ports.conversations.add({ ...conversation, user_id: LEARNER });
    const avatar = { name: "A", picture: null, persona: "a", description: "", created_at: at };
    await ports.avatars.add({ ...avatar, type: `more${i}` });
    await call(ports, "/api/v1/pronunciation/sessions/", LEARNER, post({}));
    await attempted(ports);
    await ports.audit.add({ actor_id: 1, action: "x", subject: "x:1", details: {}, created_at: at });
    await call(ports, "/api/v1/homework/submissions/1/grade", TEACHER, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ score: i }),
    });
  }
  return ports;
}

let ports: School;
beforeAll(async () => {
  ports = await crowded();
});

test("the lists are found", () => expect(lists.length).toBeGreaterThan(15));

describe.each(lists)("$path", ({ path, as }) => {
  test.each([
    ["limit", "101"],
    ["limit", "0"],
    ["limit", "1.5"],
    ["limit", "all"],
    ["limit", ""],
    ["skip", "10001"],
    ["skip", "-1"],
    ["cursor", "!"],
    ["cursor", "A"],
    ["cursor", "YWJja"],
    ["cursor", "YWJj"],
    ["cursor", btoa("0").replaceAll("=", "")],
    ["cursor", btoa("99999999999").replaceAll("=", "")],
    ["cursor", "x".repeat(50)],
  ])("%s=%s is 422", async (name, value) => {
    const { status, body } = await call(ports, `${plain(path)}?${new URLSearchParams({ [name]: value })}`, as);
    expect({ status, code: body.code }).toEqual({ status: 422, code: "invalid_input" });
    expect(body.errors[0].loc).toEqual(["query", name]);
  });

  test("Link leads through all rows, each exactly once, and ends", async () => {
    const { body: all, headers } = await call(ports, `${plain(path)}?limit=100`, as);
    expect(headers.get("link")).toBeNull();
    expect(all.length).toBeGreaterThan(6);
    const seen: number[] = [];
    let next: string | undefined = `${plain(path)}?limit=3`;
    for (let pages = 0; next && pages < 20; pages++) {
      const page = await call(ports, next, as);
      expect(page.status).toBe(200);
      expect(page.body.length).toBeWithin(1, 4);
      seen.push(...page.body.map(({ id }: { id: number }) => id));
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
    }
    expect(seen).toEqual(all.map(({ id }: { id: number }) => id));
  });

  test("skip leaves rows out, and its Link goes on from there", async () => {
    const { body: all } = await call(ports, plain(path), as);
    const { body, headers } = await call(ports, `${plain(path)}?skip=2&limit=2`, as);
    expect(body.map(({ id }: { id: number }) => id)).toEqual([all[2].id, all[3].id]);
    const next = /<([^>]+)>/.exec(headers.get("link") ?? "")?.[1] ?? "";
    expect((await call(ports, next, as)).body[0].id).toBe(all[4].id);
    expect((await call(ports, `${plain(path)}?skip=10000`, as)).body).toEqual([]);
  });
});

test("a filter stays in the Link", async () => {
  const { headers } = await call(ports, "/api/v1/users/?role=user&limit=2&q=example.com", ADMIN);
  expect(headers.get("link")).toMatch(/role=user/);
  expect(headers.get("link")).toMatch(/q=example\.com/);
});

test("a row that comes while one pages changes nothing of what follows", async () => {
  const other = await crowded();
  const first = await call(other, "/api/v1/notifications/?limit=3", LEARNER);
  await other.notices.add({
    user_id: LEARNER,
    kind: "homework_assigned",
    params: { title: "new" },
    read_at: null,
    created_at: at,
  });
  const next = /<([^>]+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  const second = await call(other, next, LEARNER);
  expect(second.body[0].id).toBeLessThan(first.body.at(-1).id);
});
