import { describe, expect, test } from "bun:test";
import { ADMIN, call, LEARNER, patch, post, put, school, settled, TEACHER } from "../support/school.ts";
import { autoGraded, hears, SUBMISSIONS, speak } from "../support/stories.ts";

const JOBS = "/api/v1/admin/jobs";
const AUDIT = "/api/v1/admin/audit-log";

/** One submission that was graded and one that failed, whose recogniser works from now on. */
async function halfBroken() {
  let works = false;
  const fail = () => (works ? undefined : Promise.reject(new Error("broken at /secret/place.ts")));
  const ports = await school({ speechToText: hears("I get up at seven", fail) });
  await autoGraded(ports);
  await speak(ports);
  await settled(ports);
  works = true;
  return ports;
}

describe("jobs", () => {
  test("are listed newest first, by state, with why they failed", async () => {
    const ports = await halfBroken();
    const { body } = await call(ports, JOBS, ADMIN);
    expect(body).toMatchObject([
      { id: 2, key: "submission-2-grade-1", state: "failed", error: "internal", attempts: 4, subject_id: 2 },
      { id: 1, key: "submission-1-grade-1", state: "done", error: null, attempts: 1, kind: "grade_submission" },
    ]);
    expect(body[0].request_id).toMatch(/^[\w-]+$/);
    expect(JSON.stringify(body)).not.toContain("secret");
    expect((await call(ports, `${JOBS}?state=done`, ADMIN)).body).toMatchObject([{ id: 1 }]);
    expect((await call(ports, `${JOBS}?state=waiting`, ADMIN)).body).toEqual([]);
    expect((await call(ports, `${JOBS}?state=lost`, ADMIN)).body.code).toBe("invalid_input");
  });

  test("a failed one runs again as a new one; what did not fail does not", async () => {
    const ports = await halfBroken();
    const retry = (id: number) => call(ports, `${JOBS}/${id}/retry`, ADMIN, { method: "POST" });
    expect(await retry(2)).toMatchObject({
      status: 202,
      body: { id: 3, key: "submission-2-grade-2", subject_id: 2, error: null },
    });
    await settled(ports);
    expect((await call(ports, `${SUBMISSIONS}/2`, LEARNER)).body).toMatchObject({ status: "auto_graded", error: null });
    expect((await call(ports, `${JOBS}?state=failed`, ADMIN)).body).toMatchObject([{ id: 2 }]);
    for (const id of [1, 2, 3]) expect((await retry(id)).body).toMatchObject({ status: 409, code: "not_failed" });
    expect((await retry(99)).body).toMatchObject({ status: 404, code: "not_found" });
  });

  test("carry the call that asked for them, into the log too", async () => {
    const ports = await school();
    const { headers } = await call(
      ports,
      "/api/v1/homework/1/submit",
      LEARNER,
      post({ text: "I get up." }, { "x-request-id": "ask-1" }),
    );
    expect(headers.get("x-request-id")).toBe("ask-1");
    await settled(ports);
    expect((await call(ports, JOBS, ADMIN)).body).toMatchObject([{ request_id: "ask-1" }]);
    const { lines } = ports.log as unknown as { lines: { event: string; fields: object }[] };
    expect(lines.find(({ event }) => event === "job done")?.fields).toMatchObject({
      request_id: "ask-1",
      job: "submission-1-grade-1",
    });
  });

  test("are for admins", async () => {
    for (const as of [LEARNER, TEACHER]) expect((await call(await school(), JOBS, as)).body.code).toBe("forbidden");
  });
});

describe("the audit log", () => {
  test("says who graded, changed roles, reset passwords and deleted", async () => {
    const ports = await school();
    const { score } = await autoGraded(ports);
    await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 87 }));
    await call(
      ports,
      "/api/v1/users/",
      ADMIN,
      post({ email: "x@example.com", password: "daryo boʻyida 7", role: "teacher" }),
    );
    await call(ports, "/api/v1/users/5", ADMIN, patch({ role: "premium" }));
    await call(ports, "/api/v1/users/5/password", ADMIN, put({ new_password: "daryo boʻyida 7" }));
    await call(ports, "/api/v1/users/5", ADMIN, { method: "DELETE" });
    await call(ports, "/api/v1/users/me", LEARNER, { method: "DELETE" });
    await call(ports, "/api/v1/homework/1", TEACHER, { method: "DELETE" });
    await ports.enrolments.remove({});
    await call(ports, "/api/v1/courses/1", TEACHER, { method: "DELETE" });
    const { body } = await call(ports, AUDIT, ADMIN);
    expect(body.toReversed()).toMatchObject([
      { actor_id: TEACHER, action: "submission.grade", subject: "submission:1", details: { before: score, after: 87 } },
      { actor_id: ADMIN, action: "user.create", subject: "user:7", details: { role: "teacher" } },
      { actor_id: ADMIN, action: "user.change", subject: "user:5", details: { role: "premium", is_active: true } },
      { actor_id: ADMIN, action: "user.password_reset", subject: "user:5" },
      { actor_id: ADMIN, action: "user.delete", subject: "user:5" },
      { actor_id: LEARNER, action: "user.delete", subject: "user:4" },
      { actor_id: TEACHER, action: "homework.delete", subject: "homework:1" },
      { actor_id: TEACHER, action: "course.delete", subject: "course:1" },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/daryo|password_hash|plain /);
  });

  test("is found by action, subject and actor", async () => {
    const ports = await school();
    await autoGraded(ports);
    await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 87 }));
    await call(ports, `${SUBMISSIONS}/1/grade`, ADMIN, post({ score: 90 }));
    const count = async (query: string) => (await call(ports, `${AUDIT}?${query}`, ADMIN)).body.length;
    expect(await count("action=submission.grade")).toBe(2);
    expect(await count(`actor_id=${TEACHER}`)).toBe(1);
    expect(await count("subject=submission:1")).toBe(2);
    expect(await count("subject=submission:2")).toBe(0);
    expect((await call(ports, `${AUDIT}?actor_id=x`, ADMIN)).body.code).toBe("invalid_input");
    for (const field of ["action", "subject"])
      expect((await call(ports, `${AUDIT}?${field}=%00`, ADMIN)).body.code).toBe("invalid_input");
    expect((await call(ports, AUDIT, TEACHER)).body.code).toBe("forbidden");
  });

  test("has nothing of what was refused or rolled back", async () => {
    const ports = await school();
    await call(ports, "/api/v1/users/1", ADMIN, { method: "DELETE" });
    await call(ports, "/api/v1/courses/1", TEACHER, { method: "DELETE" });
    expect((await call(ports, AUDIT, ADMIN)).body).toEqual([]);
  });
});
