import { describe, expect, test } from "bun:test";
import { memoryLog } from "../../src/adapters/memory/system.ts";
import { AppError } from "../../src/domain/errors.ts";
import { call, form, LEARNER, post, put, school, TEACHER } from "../support/school.ts";

const COURSES = "/api/v1/courses/";
const CORS = "https://school.example";

test("a refusal is a whole problem document", async () => {
  const { status, headers, body } = await call(await school(), "/api/v1/nowhere", LEARNER, {
    headers: { "x-request-id": "abc-1" },
  });
  expect(status).toBe(404);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(headers.get("content-language")).toBe("uz");
  expect(body).toEqual({
    type: "/docs/errors#not_found",
    title: "not found",
    status: 404,
    detail: "Bunday maʼlumot topilmadi: manzil va raqamni tekshiring, kursga yozilganmisiz?",
    code: "not_found",
    request_id: "abc-1",
  });
});

test.each([
  ["malformed JSON", post("{"), 400, "malformed_body"],
  ["half a form", post("x", { "content-type": "multipart/form-data; boundary=x" }), 400, "malformed_body"],
  ["a form where JSON is wanted", form({ title: "x" }), 415, "unsupported_media_type"],
  ["plain text", post("x", { "content-type": "text/plain" }), 415, "unsupported_media_type"],
  ["no body", { method: "POST" }, 422, "invalid_input"],
  ["an empty object", post({}), 422, "invalid_input"],
  ["null", post("null"), 422, "invalid_input"],
  ["more than a megabyte", post({ title: "x".repeat(1_100_000) }), 413, "too_large"],
])("%s is refused", async (name, init, status, code) => {
  const path = name === "half a form" ? "/api/v1/homework/1/submit" : COURSES;
  expect((await call(await school(), path, TEACHER, init)).body).toMatchObject({ status, code });
});

test.each([
  ["a title of blanks", { title: "  " }, "title"],
  ["a title with a line break", { title: "a\nb" }, "title"],
  ["a level that is none", { title: "x", level: "D1" }, "level"],
  ["a language in words", { title: "x", language: "English" }, "language"],
])("%s is told with its place", async (_, body, field) => {
  const { body: problem } = await call(await school(), COURSES, TEACHER, post(body));
  expect(problem).toMatchObject({ status: 422, code: "invalid_input", field, errors: [{ loc: ["body", field] }] });
  for (const { msg, type } of problem.errors) expect([typeof msg, typeof type]).toEqual(["string", "string"]);
});

test.each([
  ["DELETE", "/api/v1/courses/", ["GET", "POST"]],
  ["PATCH", "/api/v1/users/me/password", ["PUT"]],
  ["DELETE", "/api/v1/homework/user/me/", ["GET"]],
  ["POST", "/health", ["GET"]],
])("%s %s is 405 and says what is allowed", async (method, path, allowed) => {
  const { status, headers, body } = await call(await school(), path, LEARNER, { method });
  expect({ status, code: body.code }).toEqual({ status: 405, code: "method_not_allowed" });
  expect(headers.get("allow")?.split(", ")).toContainValues(allowed);
});

test.each(["/api/v1/courses/abc", "/api/v1/courses/1.5", "/api/v1/courses/-1", "/api/v1/courses/404", "/api/v1", "/x"])(
  "%s is 404",
  async (path) => expect((await call(await school(), path)).body.code).toBe("not_found"),
);

describe("the language", () => {
  test.each([
    [undefined, "uz"],
    ["uz", "uz"],
    ["en", "en"],
    ["EN", "en"],
    ["en-GB", "en"],
    ["en-US,en;q=0.9", "en"],
    ["uz;q=0.4, en;q=0.9", "en"],
    ["en;q=0.4, uz;q=0.9", "uz"],
    ["ru, en;q=0.5", "en"],
    ["ru", "uz"],
    ["en;q=0", "uz"],
    ["*", "uz"],
    [";;,,=", "uz"],
    ["x".repeat(5000), "uz"],
  ])("Accept-Language: %p is answered in %s", async (accepted, language) => {
    const headers: HeadersInit = accepted === undefined ? {} : { "accept-language": accepted };
    const answer = await call(await school(), "/api/v1/nowhere", undefined, { headers });
    expect(answer.headers.get("content-language")).toBe(language);
    expect(answer.body.detail).toMatch(language === "en" ? /^There is nothing here/ : /^Bunday maʼlumot/);
  });

  test("a field's fault is told in it, its code never changes", async () => {
    const tell = async (language: string) =>
      (await call(await school(), COURSES, TEACHER, post({ title: 7 }, { "accept-language": language }))).body;
    const [uz, en] = [await tell("uz"), await tell("en-GB")];
    expect(en).toMatchObject({
      detail: "The field “title” is of the wrong type.",
      errors: [{ loc: ["body", "title"] }],
    });
    expect(uz.detail).toBe("«title» maydoni: turi notoʻgʻri.");
    expect(en.errors[0].type).toBe(uz.errors[0].type);
    expect(en.errors[0].msg).not.toBe(uz.errors[0].msg);
  });
});

describe("the request's id", () => {
  test.each(["abc", "7f9c1a52-8d", "x".repeat(255)])("%p comes back", async (id) => {
    const log = memoryLog();
    const { headers } = await call(await school({ log }), COURSES, undefined, { headers: { "x-request-id": id } });
    expect(headers.get("x-request-id")).toBe(id);
    expect(log.lines.at(-1)?.fields.request_id).toBe(id);
  });

  test.each(["", "two words", "<script>", "x".repeat(256)])("%p is replaced", async (id) => {
    const { headers } = await call(await school(), COURSES, undefined, { headers: { "x-request-id": id } });
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{20,}$/);
  });
});

describe("CORS", () => {
  test("lets the school's page ask with a token and read what it needs", async () => {
    const { app } = await school();
    const asked = {
      origin: CORS,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,idempotency-key,if-match",
    };
    const preflight = await app.request("/api/v1/homework/1/submit", { method: "OPTIONS", headers: asked });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(CORS);
    const allowed = preflight.headers.get("access-control-allow-headers")?.toLowerCase() ?? "";
    for (const name of ["authorization", "content-type", "idempotency-key", "if-match", "last-event-id"])
      expect(allowed).toContain(name);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"])
      expect(preflight.headers.get("access-control-allow-methods")).toContain(method);
    const reply = await app.request("/api/v1/nowhere", { headers: { origin: CORS } });
    expect(reply.headers.get("access-control-allow-origin")).toBe(CORS);
    for (const name of [
      "Link",
      "Location",
      "Retry-After",
      "X-Request-Id",
      "RateLimit-Limit",
      "ETag",
      "Content-Disposition",
    ])
      expect(reply.headers.get("access-control-expose-headers")).toContain(name);
  });

  test("tells no other page anything", async () => {
    const reply = await (await school()).app.request(COURSES, { headers: { origin: "https://elsewhere.example" } });
    expect(reply.headers.get("access-control-allow-origin")).toBeNull();
    expect(reply.headers.get("vary")).toContain("Origin");
  });
});

describe("what breaks behind us", () => {
  const broken = async (error: Error) => {
    const log = memoryLog();
    const ports = await school({ log });
    ports.courses.list = () => Promise.reject(error);
    return { ...(await call(ports, COURSES)), log };
  };

  test("is a 500 that tells nothing of it, and a line in the log", async () => {
    const secret = 'select "password_hash" from "users" where email = $1';
    const { status, body, headers, log } = await broken(new Error(secret));
    expect({ status, code: body.code }).toEqual({ status: 500, code: "internal" });
    expect(Object.keys(body).sort()).toEqual(["code", "detail", "request_id", "status", "title", "type"]);
    expect(JSON.stringify([body, [...headers]])).not.toMatch(/select|password|\.ts|stack|Error:/);
    expect(log.lines.filter(({ level }) => level === "error")).toMatchObject([{ fields: { code: "internal" } }]);
  });

  const away = new AppError("not_ready", { retry_after: 5 }, { cause: new Error("ECONNREFUSED 10.0.0.1:5432") });

  test("what is away is 503 with Retry-After, and tells nothing of where it was", async () => {
    const { status, body, headers } = await broken(away);
    expect({ status, code: body.code }).toEqual({ status: 503, code: "not_ready" });
    expect(Number(headers.get("retry-after"))).toBe(5);
    expect(JSON.stringify(body)).not.toMatch(/ECONN|10\.0/);
  });

  test("also where it breaks before the route: who calls, how often", async () => {
    const nobody = await school();
    nobody.sessions.holder = () => Promise.reject(away);
    expect((await call(nobody, "/api/v1/users/me", LEARNER)).body).toMatchObject({ status: 503, code: "not_ready" });
    const rates = { hit: () => Promise.reject(away), seen: () => Promise.reject(away), forget: async () => {} };
    expect((await call(await school({ rates }), COURSES)).body).toMatchObject({ status: 503, code: "not_ready" });
  });

  test("is named where the office looks: /ready", async () => {
    const checkDatabase = () => Promise.reject(new Error("away"));
    const { status, body } = await call(await school({ checkDatabase }), "/ready");
    expect({ status, body }).toMatchObject({ status: 503, body: { status: "not_ready", down: ["database"] } });
    expect((await call(await school({ checkDatabase }), "/health")).body).toEqual({ status: "ok" });
  });

  test("a full disk is said so, and nothing half is left", async () => {
    const ports = await school();
    ports.fileStore.put = () => Promise.reject(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }));
    const { body } = await call(
      ports,
      "/api/v1/homework/1/submit",
      LEARNER,
      form({ a: new File(["%PDF-1"], "a.pdf") }),
    );
    expect(body.status).toBeGreaterThanOrEqual(500);
    expect(await ports.submissions.count({})).toBe(0);
  });
});

test("answers tell browsers not to guess and not to frame", async () => {
  const { headers } = await call(await school(), COURSES);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
  expect(headers.get("ratelimit-limit")).toBe("600");
});

test("a wrong If-Match is told as the header's fault", async () => {
  const init = put({ title: "x", course_id: 1 }, { "if-match": "abc" });
  const { body } = await call(await school(), "/api/v1/homework/1", TEACHER, init);
  expect(body).toMatchObject({ status: 422, errors: [{ loc: ["header", "If-Match"] }] });
});
