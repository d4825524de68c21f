import { describe, expect, test } from "bun:test";
import { ADMIN, call, LEARNER, post, school, settled, TEACHER, tone } from "../support/school.ts";
import { addHomework, autoGraded, handIn, hears, openStream, SUBMISSIONS, speak } from "../support/stories.ts";

const EVENTS = `${SUBMISSIONS}/1/events`;

test("a submission's stream tells its states in order and ends with the grade", async () => {
  const gate = Promise.withResolvers<void>();
  const ports = await school({ speechToText: hears("I get up", () => gate.promise) });
  await speak(ports);
  const stream = await openStream(ports, EVENTS, LEARNER);
  expect(stream.headers.get("content-type")).toContain("text/event-stream");
  expect(stream.headers.get("cache-control")).toContain("no-");
  const [first] = await stream.next(1);
  expect(first).toMatchObject({ event: "queued", data: { submission_id: 1, status: "queued", version: 1 } });
  gate.resolve();
  await stream.next(2);
  await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 50 }));
  expect((await stream.ended()).map(({ event }) => event).at(-1)).toBe("graded");
});

test("it begins with how often to come back, and goes on after the event one knows", async () => {
  const ports = await school();
  await autoGraded(ports);
  const whole = await openStream(ports, EVENTS, LEARNER);
  expect(await whole.raw()).toStartWith("retry: ");
  await whole.close();
  await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 50 }));
  const all = await (await openStream(ports, EVENTS, TEACHER)).ended();
  expect(all.map(({ event }) => event)).toEqual(["grading", "auto_graded", "graded"]);
  const rest = await openStream(ports, EVENTS, LEARNER, { "last-event-id": all[1]?.id ?? "" });
  expect((await rest.ended()).map(({ event }) => event)).toEqual(["graded"]);
});

test("whoever knows the end already is not kept waiting", async () => {
  const ports = await school();
  await autoGraded(ports);
  await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 50 }));
  const all = await (await openStream(ports, EVENTS, LEARNER)).ended();
  const stream = await openStream(ports, EVENTS, LEARNER, { "last-event-id": all.at(-1)?.id ?? "" });
  expect(await Promise.race([stream.ended(), Bun.sleep(300).then(() => "still open")])).toEqual([]);
  await stream.close();
});

test("a failure ends the stream", async () => {
  const ports = await school({ speechToText: null });
  await speak(ports);
  await settled(ports);
  const events = await (await openStream(ports, EVENTS, LEARNER)).ended();
  expect(events.map(({ event }) => event)).toEqual(["queued", "transcribing", "failed"]);
});

test("a stream that begins after a retry tells of the retry too", async () => {
  let works = false;
  const refuse = () => (works ? undefined : Promise.reject(new Error("broken")));
  const ports = await school({ speechToText: hears("I get up", refuse) });
  await speak(ports);
  await settled(ports);
  works = true;
  await call(ports, `${SUBMISSIONS}/1/retry`, TEACHER, post({}));
  await settled(ports);
  await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 50 }));
  const events = await (await openStream(ports, EVENTS, LEARNER)).ended();
  expect(events.map(({ event }) => event)).toEqual(
    "queued transcribing failed queued transcribing grading auto_graded graded".split(" "),
  );
});

test.each(["-1", "abc", "1.5", "99999999999", "9999999999"])("Last-Event-ID %p is refused", async (id) => {
  const ports = await school();
  await autoGraded(ports);
  const answer = await call(ports, EVENTS, LEARNER, { headers: { "last-event-id": id } });
  expect(answer.body).toMatchObject({ status: 422, errors: [{ loc: ["header", "Last-Event-ID"] }] });
});

describe("a late job", () => {
  test("changes nothing that the teacher has graded, and ends", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const listen = () => {
      begun.resolve();
      return gate.promise;
    };
    const ports = await school({ speechToText: hears("I get up", listen) });
    await speak(ports);
    await begun.promise;
    const { body: graded } = await call(
      ports,
      `${SUBMISSIONS}/1/grade`,
      TEACHER,
      post({ score: 77, feedback: "Mana" }),
    );
    expect(graded).toMatchObject({ status: "graded", score: 77, transcript: null });
    gate.resolve();
    await settled(ports);
    expect((await call(ports, `${SUBMISSIONS}/1`, TEACHER)).body).toEqual(graded);
    expect(await ports.jobs.list({ skip: 0, limit: 9 })).toMatchObject([{ state: "done" }]);
    expect(await ports.notices.count({ user_id: LEARNER })).toBe(1);
  });
});

describe("retrying", () => {
  const RETRY = `${SUBMISSIONS}/1/retry`;

  test("runs what failed again, once it can work; a second time is refused", async () => {
    let works = false;
    const fail = () => (works ? undefined : Promise.reject(new Error("broken")));
    const ports = await school({ speechToText: hears("I get up at seven", fail) });
    await speak(ports);
    await settled(ports);
    const { body: failed } = await call(ports, `${SUBMISSIONS}/1`, LEARNER);
    expect(failed).toMatchObject({ status: "failed", score: null, error: { code: "internal" } });
    expect(failed.error.detail).toContain("Javobingiz saqlandi");
    expect(failed.audio_url).toBeString();
    works = true;
    const again = await call(ports, RETRY, TEACHER, post({}));
    expect(again).toMatchObject({ status: 202, body: { status: "queued", error: null } });
    expect((await call(ports, RETRY, TEACHER, post({}))).body).toMatchObject({ status: 409, code: "not_failed" });
    await settled(ports);
    expect((await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body).toMatchObject({
      status: "auto_graded",
      grade_count: 1,
    });
  });

  test("twins at once make one job", async () => {
    const ports = await school({ speechToText: null });
    await speak(ports, tone());
    await settled(ports);
    const all = await Promise.all([TEACHER, ADMIN, TEACHER].map((as) => call(ports, RETRY, as, post({}))));
    expect(all.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    expect(await ports.jobs.count({})).toBe(2);
  });

  test("is not for learners, nor for what did not fail; a failed one can be graded", async () => {
    const ports = await school({ speechToText: null });
    await speak(ports);
    await settled(ports);
    expect((await call(ports, RETRY, LEARNER, post({}))).body.code).toBe("forbidden");
    const { body } = await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 60 }));
    expect(body).toMatchObject({ status: "graded", score: 60, error: null, grade_count: 1 });
    expect((await call(ports, RETRY, TEACHER, post({}))).body.code).toBe("not_failed");
  });

  test("of a homework that keeps its grade back tells the learner nothing early", async () => {
    const ports = await school({ speechToText: null });
    const homework = await addHomework(ports, { auto_release: false });
    await speak(ports, tone(), { homework });
    await settled(ports);
    expect((await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body).toMatchObject({ status: "failed", score: null });
    expect((await handIn(ports, "Second try, in writing.", { homework })).body).toMatchObject({ attempt: 2 });
  });
});
