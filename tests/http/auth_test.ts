import { describe, expect, test } from "bun:test";
import { memoryClock, memoryPasswords } from "../../src/adapters/memory/system.ts";
import { call, LEARNER, OTHER_LEARNER, post, put, type School, school, TEACHER } from "../support/school.ts";
import { rowsOf } from "../support/stories.ts";

const LOGIN = "/api/v1/login/access-token";
const ME = "/api/v1/users/me";
const MINUTE = 60_000;
const RIGHT = "password of 4";

/** One sign-in by the guide's form, from an address of one's own. */
export async function signIn(
  { app }: Pick<School, "app">,
  username = "4@example.com",
  password = RIGHT,
  from = "10.0.0.1",
) {
  const body = new URLSearchParams({ username, password });
  const reply = await app.request(LOGIN, { method: "POST", body }, { requestIP: () => ({ address: from }) });
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Record<string, string> };
}

const as = (ports: Pick<School, "app">, token: string | undefined, path = ME, init: RequestInit = {}) =>
  call(ports, path, undefined, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

/** Counts how often a password was tried at all. */
const counting = () => {
  const tried = { count: 0 };
  const verify: typeof memoryPasswords.verify = async (password, hash) => {
    tried.count++;
    await Bun.sleep(1);
    return memoryPasswords.verify(password, hash);
  };
  return { tried, passwords: { ...memoryPasswords, verify } };
};

describe("signing in", () => {
  test("the guide's form gives a token that works, and nothing keeps it", async () => {
    const ports = await school();
    const { status, headers, body } = await signIn(ports, " 4@Example.COM ");
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "refresh_token", "token_type"]);
    expect(body).toMatchObject({ token_type: "bearer", expires_in: 1800 });
    expect(headers.get("cache-control")).toBe("no-store");
    expect((await as(ports, body.access_token)).body).toMatchObject({
      id: LEARNER,
      email: "4@example.com",
      role: "user",
    });
    expect((await as(ports, body.access_token, "/api/v1/login/test-token")).body).toMatchObject({ id: LEARNER });
    expect(JSON.stringify(await rowsOf(ports.refreshTokens))).not.toContain(body.refresh_token);
  });

  test("a wrong password and an unknown user are answered alike", async () => {
    const ports = await school();
    const [wrong, unknown] = [
      await signIn(ports, undefined, "nope"),
      await signIn(ports, "nobody@example.com", "nope"),
    ];
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toBe("Bearer");
    expect({ ...wrong.body, request_id: "" }).toEqual({ ...unknown.body, request_id: "" });
    expect(wrong.body.code).toBe("bad_credentials");
  });

  test("an account that is not active is told so only by the right password", async () => {
    const ports = await school();
    await ports.users.change({ id: LEARNER }, { is_active: false });
    expect((await signIn(ports)).body).toMatchObject({ status: 401, code: "account_inactive" });
    expect((await signIn(ports, undefined, "nope")).body.code).toBe("bad_credentials");
  });

  test.each([
    ["no password", new URLSearchParams({ username: "4@example.com" }), 422],
    ["no user", new URLSearchParams({ password: RIGHT }), 422],
    ["nothing", new URLSearchParams(), 422],
    // Postgres refuses it in any text, so it would be a 500.
    ["a NUL in the name", new URLSearchParams({ username: "4\u0000@example.com", password: RIGHT }), 422],
    ["no body", undefined, 422],
    ["an endless password", new URLSearchParams({ username: "4@example.com", password: "x".repeat(1025) }), 422],
    ["JSON", JSON.stringify({ username: "4@example.com", password: RIGHT }), 415],
  ])("%s is refused", async (_, body, status) => {
    const headers: HeadersInit = typeof body === "string" ? { "content-type": "application/json" } : {};
    const answer = await call(await school(), LOGIN, undefined, { method: "POST", headers, ...(body ? { body } : {}) });
    expect(answer.status).toBe(status);
  });
});

describe("too many failures", () => {
  // Beside the failures, an account's sign-ins are limited to 10 a minute: out of the way here.
  const site = { rateMultiplier: 1000 };

  test("the eleventh of an account is not even tried, whatever its password, until the window ends", async () => {
    const clock = memoryClock();
    const ports = await school({ clock, site });
    for (let i = 0; i < 10; i++) expect((await signIn(ports, undefined, "nope", `10.0.0.${i}`)).status).toBe(401);
    const refused = await signIn(ports);
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_failures" } });
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 901);
    expect((await signIn(ports, "5@example.com", "password of 5")).status).toBe(200);
    clock.pass(Number(refused.headers.get("retry-after")) * 1000);
    expect((await signIn(ports)).status).toBe(200);
  });

  test.each(["4@example.com", "nobody@example.com"])(
    "of 40 tries at once with %s exactly 10 are made",
    async (name) => {
      const { tried, passwords } = counting();
      const ports = await school({ clock: memoryClock(), site, passwords });
      const all = await Promise.all(Array.from({ length: 40 }, (_, i) => signIn(ports, name, "nope", `10.0.1.${i}`)));
      expect(tried.count).toBe(10);
      expect(all.filter(({ status }) => status === 429)).toHaveLength(30);
    },
  );

  test("thirty failures from one address end its tries on any account", async () => {
    const ports = await school({ clock: memoryClock(), site });
    for (let i = 0; i < 30; i++) expect((await signIn(ports, `${i}@nowhere.uz`, "nope")).status).toBe(401);
    expect((await signIn(ports)).body.code).toBe("too_many_failures");
    expect((await signIn(ports, undefined, undefined, "10.9.9.9")).status).toBe(200);
  });

  test("a success forgets the account's failures", async () => {
    const ports = await school({ clock: memoryClock(), site });
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 9; i++)
        expect((await signIn(ports, undefined, "nope", `10.${round}.0.${i}`)).status).toBe(401);
      expect((await signIn(ports, undefined, undefined, "10.7.7.7")).status).toBe(200);
    }
  });

  test("a class that signs in behind one router has not failed", async () => {
    const ports = await school({ clock: memoryClock(), site });
    for (let i = 0; i < 40; i++) expect((await signIn(ports)).status).toBe(200);
  });

  test("an account may sign in 10 times a minute", async () => {
    const clock = memoryClock();
    const ports = await school({ clock });
    for (let i = 0; i < 10; i++) expect((await signIn(ports)).status).toBe(200);
    const refused = await signIn(ports);
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 61);
    clock.pass(MINUTE);
    expect((await signIn(ports)).status).toBe(200);
  });
});

describe("refreshing", () => {
  const renew = (ports: Pick<School, "app">, refresh_token: unknown) =>
    call(ports, "/api/v1/login/refresh-token", undefined, post({ refresh_token }));

  test("gives a new pair each time", async () => {
    const ports = await school();
    let { body } = await signIn(ports);
    const seen = new Set([body.refresh_token]);
    for (let i = 0; i < 3; i++) {
      const answer = await renew(ports, body.refresh_token);
      expect(answer).toMatchObject({ status: 200, body: { token_type: "bearer", expires_in: 1800 } });
      expect(answer.headers.get("cache-control")).toBe("no-store");
      body = answer.body;
      seen.add(body.refresh_token);
      expect((await as(ports, body.access_token)).status).toBe(200);
    }
    expect(seen.size).toBe(4);
  });

  test("a second use ends the whole family, access tokens too, and no other sign-in", async () => {
    const ports = await school();
    const { body: first } = await signIn(ports);
    const { body: elsewhere } = await signIn(ports);
    const { body: second } = await renew(ports, first.refresh_token);
    expect((await renew(ports, first.refresh_token)).body).toMatchObject({ status: 401, code: "bad_refresh_token" });
    expect((await renew(ports, second.refresh_token)).body.code).toBe("bad_refresh_token");
    expect((await as(ports, second.access_token)).status).toBe(401);
    expect((await as(ports, elsewhere.access_token)).status).toBe(200);
  });

  test("of many uses at once one at most succeeds", async () => {
    const ports = await school();
    const { body } = await signIn(ports);
    const all = await Promise.all(Array.from({ length: 6 }, () => renew(ports, body.refresh_token)));
    expect(all.filter(({ status }) => status === 200).length).toBeLessThan(2);
  });

  test("is refused after 30 days, after a logout, and for what was never given", async () => {
    const clock = memoryClock();
    const ports = await school({ clock });
    const { body: old } = await signIn(ports);
    clock.pass(30 * 24 * 60 * MINUTE);
    expect((await renew(ports, old.refresh_token)).body.code).toBe("bad_refresh_token");
    const { body } = await signIn(ports);
    await as(ports, body.access_token, "/api/v1/logout", { method: "POST" });
    expect((await renew(ports, body.refresh_token)).body.code).toBe("bad_refresh_token");
    expect((await renew(ports, "made up")).body.code).toBe("bad_refresh_token");
    expect((await renew(ports, 7)).body.code).toBe("invalid_input");
  });
});

test("a stored password is never told, and the old one stops working with the new", async () => {
  const ports = await school();
  const change = { current_password: RIGHT, new_password: "oʻrik daraxti 9" };
  expect((await call(ports, `${ME}/password`, LEARNER, put(change))).status).toBe(204);
  expect((await signIn(ports)).status).toBe(401);
  expect((await signIn(ports, undefined, change.new_password)).status).toBe(200);
  for (const who of [LEARNER, TEACHER, OTHER_LEARNER])
    expect(JSON.stringify((await call(ports, ME, who)).body)).not.toContain("password");
});
