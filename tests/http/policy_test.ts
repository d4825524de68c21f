import { describe, expect, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { STATUS } from "../../src/http/errors.ts";
import { document, operations, plain, resolved } from "../support/operations.ts";
import { ADMIN, call, post, STRANGER, school } from "../support/school.ts";

/** The rows of the guide's table, copied: `../shared` is not in a user's clone. */
const table = (await Bun.file(`${import.meta.dir}/../test_data/endpoints.tsv`).text())
  .trim()
  .split("\n")
  .slice(1)
  .map((row) => row.split("\t"))
  .map(([, method = "", path = "", access = "", success = ""]) => ({ name: `${method} ${path}`, access, success }));
const rows = new Map(table.map((row) => [row.name, row]));

const hits = (totalHits: number) => {
  const counted = async () => ({ totalHits, resetTime: new Date(Date.now() + 30_000) });
  return { hit: counted, seen: counted, forget: async () => {} };
};

const flooded = await school({ rates: hits(601) });

test("the document says where it is and who may sign in", () => {
  expect(document).toMatchObject({ openapi: "3.1.0", servers: [{ url: "/" }] });
  expect(document.components.securitySchemes.bearer.flows.password.tokenUrl).toBe("/api/v1/login/access-token");
  expect(operations.length).toBeGreaterThan(45);
});

test("what is served is in the guide's table, in its spelling", () => {
  expect(operations.map(({ name }) => name).filter((name) => !rows.has(name))).toEqual([]);
});

test("no two operations share an id", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every schema that is named is there", () => {
  const names = [...JSON.stringify(document.paths).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
  expect(names.filter((name) => name && !(name in document.components.schemas))).toEqual([]);
});

describe.each(operations)("$name", ({ name, method, path, operation }) => {
  const { "x-policy": policy, "x-errors": codes = [], responses } = operation;
  const { perMinute = 0, access = "public" } = policy ?? {};
  const success = Object.entries(responses).filter(([status]) => Number(status) < 300);
  const sent = method === "GET" || method === "DELETE" ? {} : post({});
  const go = async (as?: number, override = {}, at = plain(path)) =>
    call(await school(override), at, as, { ...sent, method });

  test("asks what the guide asks of its caller, and answers with its status", () => {
    expect(access).toBe(rows.get(name)?.access as typeof access);
    expect(success.map(([status]) => status)).toContain(rows.get(name)?.success ?? "");
  });

  test("declares its policy, its refusals and what it is about", () => {
    expect(perMinute).toBeWithin(1, 601);
    expect(codes).toContain("rate_limited");
    expect(codes.filter((code) => !(STATUS[code as keyof typeof STATUS] in responses))).toEqual([]);
    expect(operation.summary?.length).toBeWithin(5, 100);
    expect(operation.tags).toHaveLength(1);
    expect(operation.operationId).toMatch(/^(get|post|put|patch|delete)_\w+$/);
    expect("security" in operation).toBe(access !== "public");
  });

  test("documents each part of its path", () => {
    const given = operation.parameters
      ?.filter((parameter) => parameter.in === "path")
      .map((parameter) => parameter.name);
    expect(given ?? []).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id ?? ""));
  });

  test("shows an example of each JSON answer; a list says that it is paged", () => {
    for (const [, { content = {} }] of success) {
      const schema = resolved(content["application/json"]?.schema ?? { example: "none" }) as { type?: string };
      expect(JSON.stringify(schema)).toContain('"example"');
      const parameters = operation.parameters?.map((parameter) => parameter.name) ?? [];
      expect(operation.summary?.endsWith("(paged)")).toBe(schema.type === "array");
      if (schema.type === "array") expect(parameters).toContainValues(["skip", "limit", "cursor"]);
    }
  });

  if (access !== "public")
    test("refuses strangers, and does not count them", async () => {
      const { status, headers, body } = await call(flooded, plain(path), undefined, { ...sent, method });
      expect({ status, code: body.code }).toEqual({ status: 401, code: "unauthenticated" });
      expect(headers.get("www-authenticate")).toBe("Bearer");
    });

  if (access !== "public" && access !== "user")
    test("refuses whoever is below it", async () => {
      const { body } = await call(flooded, plain(path), STRANGER, { ...sent, method });
      expect(body).toMatchObject({ status: 403, code: "forbidden" });
    });

  test("slows a flood, before it looks at the request", async () => {
    const { status, headers, body } = await call(flooded, plain(path), ADMIN, { ...sent, method });
    expect({ status, detail: body.detail }).toEqual({ status: 429, detail: "Juda ko\u2018p so\u2018rov" });
    expect(Number(headers.get("retry-after"))).toBeWithin(28, 32);
    expect(headers.get("ratelimit-limit")).toBe(String(perMinute));
    expect((await go(ADMIN, { rates: hits(perMinute) })).status).not.toBe(429);
    expect((await go(ADMIN, { rates: hits(perMinute + 1) })).status).toBe(429);
    expect((await go(ADMIN, { rates: hits(perMinute + 1), site: { rateMultiplier: 2 } })).status).not.toBe(429);
  });

  test("answers with and without its trailing slash alike, by itself", async () => {
    const bare = plain(path).replace(/\/$/, "");
    const at = (spelling: string) => go(ADMIN, {}, spelling);
    const [one, other] = [await at(bare), await at(`${bare}/`)];
    expect(one.status).toBe(other.status);
    expect(one.status).not.toBeWithin(300, 400);
    expect([404, 405].includes(one.status) && !path.includes("{")).toBe(false);
    expect({ ...one.body, request_id: "" }.code).toBe(other.body.code);
  });
});

test("a burst lets exactly the limit through, each caller alone", async () => {
  const ports = await school({ clock: memoryClock() });
  const hit = (as: number) => call(ports, "/api/v1/users/me/password", as, { ...post({}), method: "PUT" });
  const burst = await Promise.all(Array.from({ length: 30 }, () => hit(STRANGER)));
  expect(burst.filter(({ status }) => status !== 429)).toHaveLength(10);
  expect((await hit(ADMIN)).status).toBe(422);
});

test.each(["/health", "/version", "/ready", "/", "/api/v1/openapi.json"])("%s is outside the limits", async (path) => {
  expect((await call(await school({ rates: hits(1e6) }), path)).status).toBe(200);
});
