import { expect, jest, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { claimAnswer, holdClaim, keepAnswer } from "../../src/application/idempotency.ts";
import { call, LEARNER, OTHER_LEARNER, post, school, settled, TEACHER, tone } from "../support/school.ts";
import { addHomework, ESSAY, HOMEWORK, handIn, handInForm, pdf, SUBMISSIONS, speak } from "../support/stories.ts";

const headers = { "idempotency-key": "hand-in-1" };

test("the same key and body give the first answer again and make nothing", async () => {
  const ports = await school();
  const first = await handIn(ports, ESSAY, { headers });
  await settled(ports);
  const again = await handIn(ports, ESSAY, { headers });
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers.get("location")).toBe(`${SUBMISSIONS}/1`);
  expect([first, again].map((answer) => answer.headers.get("idempotent-replayed"))).toEqual([null, "true"]);
  expect(await ports.submissions.count({})).toBe(1);
  expect((await handIn(ports, ESSAY)).body.id).toBe(2);
});

test("a file is known by its content, whatever its name and the form's boundary", async () => {
  const ports = await school();
  const first = await speak(ports, tone(), { headers });
  const renamed = new File([tone()], "another name.wav", { type: "audio/wav" });
  expect(await speak(ports, renamed, { headers })).toMatchObject({ status: 202, body: { id: first.body.id } });
  expect((await speak(ports, tone(1.6), { headers })).body).toMatchObject({
    status: 422,
    code: "idempotency_key_reused",
  });
  expect(await ports.files.count({})).toBe(1);
});

test.each([
  ["another text", { text: "Another answer" }],
  ["the same text and a file", { text: ESSAY, answer: pdf() }],
])("the same key with %s is refused", async (_, fields) => {
  const ports = await school();
  await handIn(ports, ESSAY, { headers });
  expect((await handInForm(ports, fields, { headers })).body).toMatchObject({
    status: 422,
    code: "idempotency_key_reused",
  });
  expect(await ports.submissions.count({})).toBe(1);
});

test("the same key for another homework is refused", async () => {
  const ports = await school();
  const homework = await addHomework(ports);
  await handIn(ports, ESSAY, { headers });
  expect((await handIn(ports, ESSAY, { homework, headers })).body.code).toBe("idempotency_key_reused");
});

test("what is sent beside a recording is part of what was asked", async () => {
  const ports = await school();
  await handInForm(ports, { a: pdf("a.pdf", "%PDF-1.7 one"), b: tone() }, { headers });
  const other = await handInForm(ports, { a: pdf("a.pdf", "%PDF-1.7 two"), b: tone() }, { headers });
  expect(other.headers.get("idempotent-replayed")).toBeNull();
});

test("twins that come at once make one submission", async () => {
  const ports = await school();
  const all = await Promise.all(Array.from({ length: 10 }, () => handIn(ports, ESSAY, { headers })));
  expect(await ports.submissions.count({})).toBe(1);
  expect(await ports.jobs.count({})).toBe(1);
  for (const { status, body, headers } of all)
    if (status === 201) expect(body.id).toBe(1);
    else {
      expect(body).toMatchObject({ status: 409, code: "idempotency_in_progress" });
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
});

test("what failed is not kept: the key is free for the mended request", async () => {
  const ports = await school();
  for (const bad of [tone(2, 0), tone(0.05), new File([new Uint8Array(500)], "a.wav")])
    expect((await speak(ports, bad, { headers })).status).toBeGreaterThan(399);
  expect((await handIn(ports, "", { headers })).body.code).toBe("nothing_to_submit");
  expect(await speak(ports, tone(), { headers })).toMatchObject({ status: 202, body: { id: 1 } });
});

test("a refusal by state is not kept either", async () => {
  const ports = await school();
  const homework = await addHomework(ports, { allow_late: false, due_at: "2025-01-01T00:00:00.000Z" });
  expect((await handIn(ports, ESSAY, { homework, headers })).body.code).toBe("closed");
  await ports.homeworks.change({ id: homework }, { due_at: null });
  expect((await handIn(ports, ESSAY, { homework, headers })).status).toBe(201);
});

test("another user's key is their own", async () => {
  const ports = await school();
  expect((await handIn(ports, ESSAY, { headers })).body).toMatchObject({ id: 1, user_id: LEARNER });
  const other = await handIn(ports, ESSAY, { headers, as: OTHER_LEARNER });
  expect(other).toMatchObject({ status: 201, body: { id: 2, user_id: OTHER_LEARNER } });
});

test("after a day the key means nothing", async () => {
  const clock = memoryClock();
  const ports = await school({ clock });
  await handIn(ports, ESSAY, { headers });
  clock.pass(24 * 60 * 60_000 - 1);
  expect((await handIn(ports, ESSAY, { headers })).body.id).toBe(1);
  clock.pass(2);
  expect((await handIn(ports, "Another answer", { headers })).body.id).toBe(2);
});

test("the claim of a process that died is taken over after its lease", async () => {
  const clock = memoryClock();
  const ports = await school({ clock });
  await handIn(ports, ESSAY, { headers });
  await ports.answers.change(
    { key: "hand-in-1" },
    { status: null, lease_until: new Date(clock.now().getTime() + 60_000).toISOString() },
  );
  expect((await handIn(ports, ESSAY, { headers })).body.code).toBe("idempotency_in_progress");
  clock.pass(60_001);
  expect((await handIn(ports, ESSAY, { headers })).status).toBe(201);
});

test.each(["", "two words", "x".repeat(256), "oʻquvchi"])("%p is no key", async (key) => {
  const ports = await school();
  const sent = Buffer.from(key).toString("latin1");
  const { status, body } = await handIn(ports, ESSAY, { headers: { "idempotency-key": sent } });
  expect({ status, code: body.code }).toEqual({ status: 422, code: "invalid_input" });
  expect(body.errors[0].loc).toEqual(["header", "Idempotency-Key"]);
  expect(await ports.submissions.count({})).toBe(0);
});

test("making a homework twice by one key makes one", async () => {
  const ports = await school();
  const make = (title: string) => call(ports, `${HOMEWORK}/`, TEACHER, post({ title, course_id: 1 }, headers));
  const [first, again, other] = [await make("Essay 2"), await make("Essay 2"), await make("Essay 3")];
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(other.body.code).toBe("idempotency_key_reused");
  expect(await ports.homeworks.count({})).toBe(2);
});

test("a claim is held while its work goes on: renewed, and kept or dropped under its newest lease", async () => {
  const clock = memoryClock();
  const ports = await school({ clock });
  const request = { user_id: LEARNER, key: "k", fingerprint: "f" };
  const first = await claimAnswer(ports)(request);
  if (!("claim" in first)) throw new Error("nothing was claimed");
  jest.useFakeTimers();
  const { claim, release } = holdClaim(ports, first.claim);
  clock.pass(50_000);
  jest.advanceTimersByTime(20_000);
  jest.useRealTimers();
  release();
  clock.pass(50_000);
  await expect(claimAnswer(ports)(request)).rejects.toMatchObject({ code: "idempotency_in_progress" });
  await keepAnswer(ports, claim, { status: 200, headers: {}, body: {} });
  expect(await claimAnswer(ports)(request)).toMatchObject({ answer: { status: 200 } });
});
