import { describe, expect, test } from "bun:test";
import {
  ADMIN,
  call,
  form,
  LEARNER,
  OTHER_LEARNER,
  STRANGER,
  school,
  settled,
  TEACHER,
  tone,
} from "../support/school.ts";
import {
  addHomework,
  autoGraded,
  ESSAY,
  HOMEWORK,
  handIn,
  handInForm,
  hears,
  pdf,
  SUBMISSIONS,
  speak,
} from "../support/stories.ts";

const bytes = (size: number, type = "audio/wav") => new File([new Uint8Array(size)], "a.wav", { type });

test("a text is handed in, graded in the background, and its author is told", async () => {
  const ports = await school();
  const { status, headers, body } = await handIn(ports, `  ${ESSAY} `);
  expect(status).toBe(201);
  expect(headers.get("location")).toBe(`${SUBMISSIONS}/1`);
  expect(body).toMatchObject({ id: 1, submission_id: 1, homework_id: 1, user_id: LEARNER, attempt: 1, kind: "text" });
  expect(body).toMatchObject({ status: "grading", text: ESSAY, score: null, auto_score: null, grade_count: 0 });
  await settled(ports);
  const { headers: after, body: graded } = await call(ports, `${SUBMISSIONS}/1`, LEARNER);
  expect(graded).toMatchObject({
    status: "auto_graded",
    grade_count: 1,
    graded_by: null,
    graded_at: null,
    error: null,
  });
  expect(graded.score).toBe(graded.auto_score);
  expect(graded.score).toBeWithin(1, 101);
  expect(after.get("etag")).toBe(`"${graded.version}"`);
  expect(await ports.notices.list({ skip: 0, limit: 9 })).toMatchObject([
    { user_id: LEARNER, kind: "homework_auto_graded", params: { submission_id: 1, score: graded.score } },
  ]);
});

test("the record shows what the guide promises and nothing that is the server's own", async () => {
  const ports = await school();
  await speak(ports);
  await settled(ports);
  const { body } = await call(ports, `${SUBMISSIONS}/1`, LEARNER);
  const promised =
    "analysis attempt audio_url auto_feedback auto_score confidence created_at criteria error feedback file_id flags " +
    "grade_count graded_at graded_by homework_id id kind late penalty score status submission_id text transcript " +
    "updated_at user_id version";
  const own = /recognition|raw_score|file_key|submitted_at|sha256|owner_id|"key"/;
  expect(Object.keys(body)).toEqual(expect.arrayContaining(promised.split(" ")));
  expect(JSON.stringify(body)).not.toMatch(own);
});

test("a spoken answer is accepted at once and goes through every state", async () => {
  const ports = await school({ speechToText: hears("I get up at seven") });
  const { status, headers, body } = await speak(ports);
  expect(status).toBe(202);
  expect(headers.get("location")).toBe(`${SUBMISSIONS}/1`);
  expect(body).toMatchObject({ kind: "oral", status: "queued", transcript: null, score: null, file_id: 1 });
  expect(body.audio_url).toMatch(/^\/uploads\/homework\/audio\/[\w-]+\.wav\?expires=\d+&signature=/);
  await settled(ports);
  expect((await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body).toMatchObject({
    status: "auto_graded",
    transcript: "I get up at seven",
  });
  const events = await ports.submissionEvents.list({ skip: 0, limit: 9 });
  expect(events.map(({ status }) => status)).toEqual(["queued", "transcribing", "grading", "auto_graded"]);
  expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
});

test.each([
  ["a form with text", { text: ESSAY }, 201, { kind: "text", text: ESSAY, file_id: null }],
  ["text with a PDF beside it", { text: ESSAY, files: pdf() }, 201, { kind: "text", text: ESSAY, file_id: 1 }],
  ["a PDF alone", { answer: pdf() }, 201, { kind: "text", file_id: 1, audio_url: null }],
  ["a PDF called a sound", { answer: new File(["%PDF-1.7"], "a.wav", { type: "audio/wav" }) }, 201, { kind: "text" }],
  ["sound in any field", { anything: tone() }, 202, { kind: "oral", status: "queued" }],
  ["sound called a PDF", { f: new File([tone()], "a.pdf", { type: "application/pdf" }) }, 202, { kind: "oral" }],
  ["sound with words beside it", { text: "Salom", f: tone() }, 202, { kind: "oral", text: "Salom" }],
])("submit takes %s", async (_, fields, status, submission) => {
  const answer = await handInForm(await school(), fields);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject(submission);
});

test("nothing that was sent beside a recording is lost in silence", async () => {
  const ports = await school();
  const { status } = await handInForm(ports, { a: pdf(), b: tone() });
  if (status < 400) expect(await ports.files.count({})).toBe(2);
});

test("a file alone is never graded 0 by a machine that cannot read it", async () => {
  const ports = await school();
  await handInForm(ports, { answer: pdf() });
  await settled(ports);
  expect((await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body.score).toBeNull();
});

test("every file that was handed in can be found by the teacher", async () => {
  const ports = await school();
  const body = new FormData();
  body.append("text", ESSAY);
  for (const name of ["first.pdf", "second.pdf"]) body.append("files", pdf(name));
  expect((await call(ports, `${HOMEWORK}/1/submit`, LEARNER, { method: "POST", body })).status).toBe(201);
  expect(JSON.stringify((await call(ports, `${SUBMISSIONS}/1`, TEACHER)).body)).toContain("second.pdf");
});

test("one submission takes ten files and no more", async () => {
  const files = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, pdf()]));
  expect((await handInForm(await school(), files(10))).status).toBe(201);
  expect((await handInForm(await school(), files(11))).body).toMatchObject({ code: "invalid_input" });
});

describe("what cannot be handed in", () => {
  test.each([
    ["an empty text", { text: "" }, 422, "nothing_to_submit"],
    ["blanks", { text: " \n\t " }, 422, "nothing_to_submit"],
    ["no file and no text", {}, 422, "nothing_to_submit"],
    ["a text with a control character", { text: "a\u0000b" }, 422, "invalid_input"],
    ["an endless text", { text: "a".repeat(50_001) }, 422, "invalid_input"],
    ["a file that is neither", { f: new File([new Uint8Array([80, 75, 3, 4, 0])], "a.zip") }, 415, "unsupported_file"],
    ["a page", { text: "x", f: new File(["<html>"], "a.txt", { type: "text/plain" }) }, 415, "unsupported_file"],
  ])("%s by form", async (_, fields, status, code) => {
    const ports = await school();
    expect(await handInForm(ports, fields)).toMatchObject({ status, body: { status, code } });
    expect(await ports.submissions.count({})).toBe(0);
    expect(ports.fileStore).toHaveProperty("kept", new Map());
  });

  test.each([
    ["a number", 7],
    ["null", null],
    ["a list", ["a"]],
  ])("%s as text", async (_, text) => {
    expect((await handIn(await school(), text)).body).toMatchObject({
      code: "invalid_input",
      errors: [{ loc: ["body", "text"] }],
    });
  });

  test.each([
    ["silence", tone(2, 0), 422, "audio_silent"],
    ["too short", tone(0.05), 422, "audio_too_short"],
    ["an empty file", bytes(0), 422, "audio_empty"],
    ["cut in the middle", new File([tone().slice(0, 9000)], "a.wav", { type: "audio/wav" }), 422, "audio_unreadable"],
    ["noughts", bytes(5000), 415, "unsupported_audio"],
    ["a PDF", pdf(), 415, "unsupported_audio"],
    ["larger than 1 MB", bytes(1_200_000), 413, "too_large"],
  ])("a recording: %s", async (_, file, status, code) => {
    const ports = await school();
    expect(await speak(ports, file)).toMatchObject({ status, body: { status, code } });
    expect(await ports.submissions.count({})).toBe(0);
    expect(ports.fileStore).toHaveProperty("kept", new Map());
  });

  test("a JSON document is not a recording, nor is a form without a file", async () => {
    const path = `${HOMEWORK}/1/submit-oral`;
    const ports = await school();
    const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    expect((await call(ports, path, LEARNER, json)).body).toMatchObject({ code: "unsupported_media_type" });
    const empty = await call(ports, path, LEARNER, form({ text: "x" }));
    expect(empty.body).toMatchObject({ code: "invalid_input", errors: [{ loc: ["body", "audio_file"] }] });
  });

  test.each([
    ["text", "oral"],
    ["oral", "text"],
  ] as const)("to %s homework: an answer that is %s", async (kind, other) => {
    const ports = await school();
    const homework = await addHomework(ports, { kind });
    const wrong =
      other === "oral" ? await speak(ports, tone(), { homework }) : await handIn(ports, ESSAY, { homework });
    expect(wrong).toMatchObject({ status: 422, body: { code: "wrong_kind", kind } });
    const right =
      other === "oral" ? await handIn(ports, ESSAY, { homework }) : await speak(ports, tone(), { homework });
    expect(right.status).toBeLessThan(300);
  });

  test("one attempt too many, also when all are made at once", async () => {
    const ports = await school();
    const homework = await addHomework(ports, { max_attempts: 2 });
    const all = await Promise.all(Array.from({ length: 8 }, () => handIn(ports, ESSAY, { homework })));
    const made = all.filter(({ status }) => status === 201).map(({ body }) => body.attempt);
    expect(made.sort()).toEqual([1, 2]);
    expect(all.find(({ status }) => status !== 201)?.body).toMatchObject({ status: 409, code: "attempts_exhausted" });
    expect((await handIn(ports, ESSAY, { homework, as: OTHER_LEARNER })).body.attempt).toBe(1);
  });

  test("what nobody gave the learner: another course, a draft, nothing at all", async () => {
    const ports = await school();
    const draft = await addHomework(ports, { published: false });
    expect((await handIn(ports, ESSAY, { as: STRANGER })).body.code).toBe("not_found");
    expect((await handIn(ports, ESSAY, { homework: draft })).body.code).toBe("not_found");
    expect((await speak(ports, tone(), { homework: 99 })).body.code).toBe("not_found");
  });
});

test("what failed on our side does not use up an attempt", async () => {
  const ports = await school({ speechToText: null });
  const homework = await addHomework(ports, { max_attempts: 1 });
  await speak(ports, tone(), { homework });
  await settled(ports);
  expect((await speak(ports, tone(), { homework })).body).toMatchObject({ status: "queued", attempt: 2 });
});

test("fields that are not a learner's to set are ignored", async () => {
  const ports = await school();
  const wanted = {
    user_id: String(OTHER_LEARNER),
    score: "100",
    status: "graded",
    graded_by: String(ADMIN),
    attempt: "9",
  };
  const { body } = await handInForm(ports, { text: ESSAY, ...wanted });
  expect(body).toMatchObject({ user_id: LEARNER, score: null, status: "grading", graded_by: null, attempt: 1 });
});

describe.each(["user/me", "submissions/me"])("%s", (path) => {
  test("lists own submissions alone, newest first", async () => {
    const ports = await school();
    await handIn(ports, ESSAY, { as: OTHER_LEARNER });
    await autoGraded(ports);
    await autoGraded(ports);
    const { body } = await call(ports, `${HOMEWORK}/${path}`, LEARNER);
    expect(body).toMatchObject([
      { id: 3, submission_id: 3, homework_id: 1, attempt: 2, status: "auto_graded" },
      { id: 2, attempt: 1 },
    ]);
  });
});
