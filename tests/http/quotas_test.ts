import { expect, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { reserve, sweepQuotas } from "../../src/application/quotas.ts";
import { renewalAfter } from "../../src/domain/quotas.ts";
import { ADMIN, call, LEARNER, post, put, school, TEACHER } from "../support/school.ts";

const USAGE = "/api/v1/ai/usage";
const QUOTAS = `/api/v1/admin/users/${LEARNER}/quotas`;

test("a new user has the free plan's allowances, until the month ends in Tashkent", async () => {
  const ports = await school({ clock: memoryClock() });
  const reset_at = renewalAfter(ports.clock.now());
  const counter = (limit: number) => ({ limit, used: 0, remaining: limit, reset_at, source: "plan" });
  expect((await call(ports, USAGE, LEARNER)).body).toEqual({
    plan: "free",
    unlimited: false,
    gpt4o_requests_left: 50,
    stt_requests_left: 30,
    tts_chars_left: 10_000,
    pronunciation_analysis_left: 30,
    quotas: {
      gpt4o_requests_left: counter(50),
      stt_requests_left: counter(30),
      tts_chars_left: counter(10_000),
      pronunciation_analysis_left: counter(30),
    },
  });
  expect((await call(ports, USAGE, ADMIN)).body.unlimited).toBe(true);
});

test("a period rolls over when it is read, and when it is used", async () => {
  const clock = memoryClock();
  const ports = await school({ clock });
  const ask = () => call(ports, "/api/v1/ai/ask", LEARNER, post({ prompt: "Salom" }));
  await call(ports, QUOTAS, ADMIN, put({ gpt4o_requests_left: 1 }));
  await ask();
  expect((await ask()).body.code).toBe("quota_exceeded");
  clock.pass(32 * 24 * 60 * 60_000);
  expect((await call(ports, USAGE, LEARNER)).body.quotas.gpt4o_requests_left).toMatchObject({
    remaining: 50,
    source: "plan",
  });
  expect((await ask()).status).toBe(200);
  expect((await call(ports, USAGE, LEARNER)).body.quotas.gpt4o_requests_left).toMatchObject({ remaining: 49, used: 1 });
});

test("an admin sets what is left; the rest stays, and it is written down who did", async () => {
  const ports = await school();
  const { status, body } = await call(ports, QUOTAS, ADMIN, put({ tts_chars_left: 70_000, stt_requests_left: 0 }));
  expect(status).toBe(200);
  expect(body).toMatchObject({ gpt4o_requests_left: 50, stt_requests_left: 0, tts_chars_left: 70_000 });
  expect(body.quotas.tts_chars_left).toMatchObject({ limit: 70_000, used: 0, source: "grant" });
  expect(await ports.audit.findBy({ action: "quotas.grant" })).toMatchObject({
    actor_id: ADMIN,
    subject: `user:${LEARNER}`,
    details: { tts: 70_000, stt: 0 },
  });
});

test.each([
  [{}],
  [{ tts_chars_left: -1 }],
  [{ tts_chars_left: 1.5 }],
  [{ tts_chars_left: "many" }],
  [{ gpt4o_requests_left: 1e12 }],
])("%j is no quota", async (body) =>
  expect((await call(await school(), QUOTAS, ADMIN, put(body))).body.code).toBe("invalid_input"),
);

test("a teacher sets no quotas, and nobody those of a user who is not there", async () => {
  const ports = await school();
  expect((await call(ports, QUOTAS, TEACHER, put({ tts_chars_left: 1 }))).body.code).toBe("forbidden");
  expect((await call(ports, "/api/v1/admin/users/99/quotas", ADMIN, put({ tts_chars_left: 1 }))).status).toBe(404);
});

test("what a process that died had reserved is given back within two minutes", async () => {
  const clock = memoryClock();
  const ports = await school({ clock });
  const spender = { actor: { id: LEARNER, role: "user" }, purpose: "ask", requestId: "r" } as const;
  await reserve(ports)(spender, { llm: 1, tts: 600 });
  expect((await call(ports, USAGE, LEARNER)).body).toMatchObject({ gpt4o_requests_left: 49, tts_chars_left: 9400 });
  clock.pass(59_000);
  expect(await sweepQuotas(ports)()).toBe(0);
  clock.pass(51_000);
  expect(await sweepQuotas(ports)()).toBe(2);
  expect((await call(ports, USAGE, LEARNER)).body).toMatchObject({ gpt4o_requests_left: 50, tts_chars_left: 10_000 });
});
