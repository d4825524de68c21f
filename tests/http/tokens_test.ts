import { describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { jwtTokens } from "../../src/adapters/system/mod.ts";
import { ADMIN, call, LEARNER, OTHER_LEARNER, patch, put, type School, school } from "../support/school.ts";
import { autoGraded, openStream, rowsOf, SUBMISSIONS } from "../support/stories.ts";

const ME = "/api/v1/users/me";
const SECRET = "a secret of more than thirty-two characters";
const key = new TextEncoder().encode(SECRET);

/** A token like ours, with something else in its header, its claims or its key. */
function mint({
  alg = "HS256",
  by = key,
  ...claims
}: Record<string, unknown> & { alg?: string; by?: Uint8Array } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const whole = {
    iss: "learning-platform",
    aud: "api",
    sub: "4",
    sid: 4,
    jti: "j",
    iat: now,
    exp: now + 600,
    ...claims,
  };
  const given = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg }).sign(by);
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const withHeader = (token: string, header: object) => token.replace(/^[^.]+/, base64url(header));
const ask = (ports: Pick<School, "app">, token: string) =>
  call(ports, ME, undefined, { headers: { authorization: `Bearer ${token}` } });

const past = Math.floor(Date.now() / 1000) - 60;
const otherKey = new TextEncoder().encode("another secret of more than thirty-two characters");

test("our own tokens are taken, again and again", async () => {
  const tokens = jwtTokens(SECRET);
  const ports = await school({ tokens });
  const token = await tokens.sign({ user_id: LEARNER, session_id: LEARNER });
  for (let i = 0; i < 2; i++) expect((await ask(ports, token)).body).toMatchObject({ id: LEARNER });
  expect((await ask(ports, await mint())).status).toBe(200);
});

test.each<[string, string | Promise<string>]>([
  ["no algorithm", mint().then((token) => withHeader(token, { alg: "none" }).replace(/[^.]+$/, ""))],
  ["no algorithm, in capitals", mint().then((token) => withHeader(token, { alg: "NONE" }))],
  ["HS384", mint({ alg: "HS384" })],
  ["HS512", mint({ alg: "HS512" })],
  ["a header that says RS256", mint().then((token) => withHeader(token, { alg: "RS256" }))],
  ["an altered payload", mint().then((token) => token.replace(/\.[^.]+\./, `.${base64url({ sub: "1", sid: 1 })}.`))],
  ["an altered signature", mint().then((token) => token.replace(/.{6}$/, "AAAAAA"))],
  ["no signature", mint().then((token) => token.replace(/[^.]+$/, ""))],
  ["another key", mint({ by: otherKey })],
  ["its time over", mint({ exp: past })],
  ["no end", mint({ exp: undefined })],
  ["no beginning", mint({ iat: undefined })],
  ["no jti", mint({ jti: undefined })],
  ["no session", mint({ sid: undefined })],
  ["no user", mint({ sub: undefined })],
  ["another issuer", mint({ iss: "elsewhere" })],
  ["another audience", mint({ aud: "metrics" })],
  ["no issuer", mint({ iss: undefined })],
  ["not yet valid", mint({ nbf: past + 3600 })],
  ["an unknown session", mint({ sid: 999 })],
  ["another user's session", mint({ sid: OTHER_LEARNER })],
  ["a session that is no number", mint({ sid: "4 or 1=1" })],
  ["nothing but dots", ".."],
  ["a legible token of the tests", "4.4"],
])("a token with %s is 401", async (_, token) => {
  const { status, headers, body } = await ask(await school({ tokens: jwtTokens(SECRET) }), await token);
  expect({ status, code: body.code }).toEqual({ status: 401, code: "unauthenticated" });
  expect(headers.get("www-authenticate")).toBe("Bearer");
});

test.each(["Basic NDo0", "4.4", "Bearer", "Bearer 4.4 5.5", "Token 4.4"])(
  "%s is no authorization",
  async (authorization) => {
    expect((await call(await school(), ME, undefined, { headers: { authorization } })).status).toBe(401);
  },
);

describe("on the very next request the old token is 401", () => {
  const byAdmin = (path: string, init: RequestInit) => (ports: School) => call(ports, path, ADMIN, init);
  const LEARNERS = `/api/v1/users/${LEARNER}`;

  test.each<[string, (ports: School) => Promise<{ status: number }>]>([
    ["logout", (ports) => call(ports, "/api/v1/logout", LEARNER, { method: "POST" })],
    ["deactivation", byAdmin(LEARNERS, patch({ is_active: false }))],
    ["a new role", byAdmin(LEARNERS, patch({ role: "teacher" }))],
    ["a reset password", byAdmin(`${LEARNERS}/password`, put({ new_password: "daryo boʻyida 7" }))],
    ["deletion by an admin", byAdmin(LEARNERS, { method: "DELETE" })],
    ["deletion by oneself", (ports) => call(ports, ME, LEARNER, { method: "DELETE" })],
  ])("after %s, and nobody else's", async (_, happen) => {
    const ports = await school();
    expect((await call(ports, ME, LEARNER)).status).toBe(200);
    expect((await happen(ports)).status).toBeLessThan(300);
    expect((await call(ports, ME, LEARNER)).status).toBe(401);
    for (const other of [ADMIN, OTHER_LEARNER]) expect((await call(ports, ME, other)).status).toBe(200);
  });

  test("after an own new password everywhere else; a logout ends one sign-in alone", async () => {
    const ports = await school();
    const open = async () => (await ports.sessions.add({ user_id: LEARNER, created_at: "", revoked_at: null })).id;
    const [one, two] = [await open(), await open()];
    const status = async (session: number) => (await ask(ports, `${LEARNER}.${session}`)).status;
    await call(ports, "/api/v1/logout", undefined, { method: "POST", headers: { authorization: `Bearer 4.${one}` } });
    expect([await status(one), await status(two), await status(LEARNER)]).toEqual([401, 200, 200]);
    const change = { current_password: "password of 4", new_password: "daryo boʻyida 7" };
    expect((await call(ports, `${ME}/password`, LEARNER, put(change))).status).toBe(204);
    expect([await status(two), await status(LEARNER)]).toEqual([401, 200]);
  });

  test("also where the token itself was checked before and is remembered", async () => {
    const tokens = jwtTokens(SECRET);
    const ports = await school({ tokens });
    const token = await tokens.sign({ user_id: LEARNER, session_id: LEARNER });
    expect((await ask(ports, token)).status).toBe(200);
    await ports.users.change({ id: LEARNER }, { is_active: false });
    expect((await ask(ports, token)).status).toBe(401);
  });
});

describe("a stream's ticket", () => {
  const STREAM = "/api/v1/notifications/stream";
  const ticketOf = async (ports: School, as = LEARNER) => {
    const { status, body } = await call(ports, "/api/v1/login/stream-ticket", as, { method: "POST" });
    expect({ status, expires_in: body.expires_in }).toEqual({ status: 200, expires_in: 60 });
    return body.ticket as string;
  };
  const open = async (ports: School, path: string, ticket: string) => {
    const stream = await openStream(ports, `${path}?ticket=${ticket}`);
    await stream.close();
    return stream.status;
  };

  test("opens one stream once, of either kind", async () => {
    const ports = await school();
    await autoGraded(ports);
    for (const path of [STREAM, `${SUBMISSIONS}/1/events`]) {
      const ticket = await ticketOf(ports);
      expect(await open(ports, path, ticket)).toBe(200);
      expect(await open(ports, path, ticket)).toBe(401);
    }
    expect(JSON.stringify(await rowsOf(ports.tickets))).toBe("[]");
  });

  test("of many uses at once one succeeds", async () => {
    const ports = await school();
    const ticket = await ticketOf(ports);
    const all = await Promise.all(Array.from({ length: 5 }, () => open(ports, STREAM, ticket)));
    expect(all.filter((status) => status === 200)).toHaveLength(1);
  });

  test("is worth nothing elsewhere, after a minute, or after the logout", async () => {
    const clock = memoryClock();
    const ports = await school({ clock });
    const ticket = await ticketOf(ports);
    expect((await call(ports, `${ME}?ticket=${ticket}`)).status).toBe(401);
    expect((await ask(ports, ticket)).status).toBe(401);
    clock.pass(60_000);
    expect(await open(ports, STREAM, ticket)).toBe(401);
    const late = await ticketOf(ports);
    await call(ports, "/api/v1/logout", LEARNER, { method: "POST" });
    expect(await open(ports, STREAM, late)).toBe(401);
    expect(await open(ports, STREAM, "made-up")).toBe(401);
  });

  test("lets its owner see no more than they may", async () => {
    const ports = await school();
    await autoGraded(ports);
    expect(await open(ports, `${SUBMISSIONS}/1/events`, await ticketOf(ports, OTHER_LEARNER))).toBe(404);
  });
});
