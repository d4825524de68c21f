import { describe, expect, test } from "bun:test";
import { memoryJobs } from "../src/adapters/memory/jobs.ts";
import { memoryClock, memoryLog } from "../src/adapters/memory/system.ts";
import { hmacSignatures, jwtTokens } from "../src/adapters/system/mod.ts";
import { jobHandler } from "../src/application/outbox.ts";
import { AppError, type ErrorCode } from "../src/domain/errors.ts";
import { call, post, put, school, settled, TEACHER, tone } from "./support/school.ts";
import { handInForm, hears, openStream, SUBMISSIONS, speak } from "./support/stories.ts";

const PASSWORD = "parvona-qanoti-77";
const NEW_PASSWORD = "bulbul-navosi-88";
const ANSWER = "Yesterday my neighbour confessed a secret.";
const HEARD = "I told nobody about the treasure";
const FEEDBACK = "Sizning xatolaringiz koʻp";

/** From signing up to a grade, with a wrong password, a broken recogniser, a 500 and everything that is secret. */
async function story() {
  const log = memoryLog();
  const told: string[] = [PASSWORD, NEW_PASSWORD, ANSWER, HEARD, FEEDBACK, "dilnoza", "Karimova", "answer.wav"];
  let failures = 1;
  const fail = () => (failures-- > 0 ? Promise.reject(new Error(`cannot say: ${HEARD}`)) : undefined);
  const ports = await school({
    log,
    tokens: jwtTokens("a secret of more than thirty-two characters"),
    signatures: hmacSignatures("a secret"),
    speechToText: hears(HEARD, fail),
  });
  const signIn = async (password: string, username = "dilnoza@example.com") => {
    const body = new URLSearchParams({ username, password });
    const { body: pair } = await call(ports, "/api/v1/login/access-token", undefined, { method: "POST", body });
    if (pair.access_token) told.push(pair.access_token, pair.refresh_token);
    return pair;
  };
  const as = (token: string, path: string, init: RequestInit = {}) =>
    call(ports, path, undefined, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

  await call(
    ports,
    "/api/v1/users/signup",
    undefined,
    post({ email: "dilnoza@example.com", full_name: "Karimova", password: PASSWORD }),
  );
  await signIn(`${NEW_PASSWORD} wrong`);
  let { access_token: token, refresh_token } = await signIn(PASSWORD);
  await call(ports, "/api/v1/login/refresh-token", undefined, post({ refresh_token }));
  await as(token, "/api/v1/users/me/password", put({ current_password: PASSWORD, new_password: NEW_PASSWORD }));
  ({ access_token: token } = await signIn(NEW_PASSWORD));
  await as(token, "/api/v1/courses/1/enroll", { method: "POST" });
  const headers = { authorization: `Bearer ${token}` };
  await handInForm(ports, { text: ANSWER, audio: tone() }, { headers });
  await handInForm(ports, { text: ANSWER }, { headers });
  await settled(ports);
  const { body } = await as(token, `${SUBMISSIONS}/1`);
  told.push(body.audio_url.split("signature=")[1]);
  await ports.app.request(body.audio_url);
  await ports.app.request(body.audio_url.replace("signature=", "signature=x"));
  const { body: given } = await as(token, "/api/v1/login/stream-ticket", { method: "POST" });
  told.push(given.ticket);
  await (await openStream(ports, `/api/v1/notifications/stream?ticket=${given.ticket}`)).close();
  const teacher = (await signIn("password of 2", "2@example.com")).access_token;
  await as(teacher, `${SUBMISSIONS}/1/grade`, post({ score: 5, feedback: FEEDBACK }));
  await as(teacher, `/api/v1/users/?q=${ANSWER}`);
  ports.users.list = () => Promise.reject(new Error(`duplicate key: ${PASSWORD}`));
  await as((await signIn("password of 1", "1@example.com")).access_token, "/api/v1/users/?q=dilnoza");
  await as(token, "/api/v1/logout", { method: "POST" });
  return { log, told };
}

const { log, told } = await story();
const lines = log.lines.map((line) => JSON.stringify(line));

test("the story was told in lines", () => {
  expect(lines.length).toBeGreaterThan(20);
  expect(log.lines.filter(({ event }) => event === "job done")).toHaveLength(2);
  expect(log.lines.filter(({ event }) => event === "job attempt failed")).toHaveLength(1);
  expect(log.lines.filter(({ event }) => event === "request failed")).toHaveLength(1);
});

test.each(told.map((secret, i) => [`secret ${i}`, secret]))("%s is in no line", (_, secret) => {
  expect(secret.length).toBeGreaterThan(5);
  expect(lines.filter((line) => line.includes(secret))).toEqual([]);
});

test("a line of a request has its id, its route as declared, and who asked", () => {
  const requests = log.lines.filter(({ event }) => event === "request");
  const fields = "method ms request_id route status user_id".split(" ");
  for (const line of requests) expect(Object.keys(line.fields).sort()).toEqual(fields);
  expect(requests.map((line) => line.fields.route)).toContain("GET /homework/submissions/{submission_id}");
  expect(requests.filter((line) => String(line.fields.route).includes("?"))).toEqual([]);
});

/** The lines of a hand-in under an id of the caller's own, and of its job, in their order. */
async function jobLines(recogniser: ReturnType<typeof hears>) {
  const log = memoryLog();
  const ports = await school({ log, speechToText: recogniser });
  const { status } = await speak(ports, tone(), { headers: { "x-request-id": "call-7" } });
  expect(status).toBe(202);
  await settled(ports);
  return log.lines.filter(({ event, fields }) => event.startsWith("job ") || String(fields.route).includes("submit"));
}

const broken = (code: ErrorCode) => hears("", () => Promise.reject(new AppError(code)));

describe("one request id goes from the call to the job's last step", () => {
  test.each([
    ["that is done", hears(HEARD), ["job done"]],
    ["whose every attempt fails", broken("recognition_failed"), [...Array(4).fill("job attempt failed"), "job failed"]],
    ["that no attempt would mend", broken("recognition_unavailable"), ["job failed"]],
  ])("of one %s", async (_, recogniser, events) => {
    const lines = await jobLines(recogniser);
    expect(lines.map(({ event }) => event).filter((event) => event !== "request")).toEqual(events);
    expect(lines.map(({ event }) => event)).toContain("request");
    expect(new Set(lines.map(({ fields }) => fields.request_id))).toEqual(new Set(["call-7"]));
  });

  test("of one that is given up because it takes the process down each time", async () => {
    const log = memoryLog();
    const ports = await school({ log, queue: memoryJobs() });
    ports.queue.add = async () => {};
    await speak(ports, tone(), { headers: { "x-request-id": "call-7" } });
    await ports.jobs.change({ id: 1 }, { attempts: 20 });
    await jobHandler(ports).run({ key: "submission-1-grade-1", request_id: "call-7" }, new AbortController().signal);
    expect(log.lines.at(-1)).toMatchObject({
      level: "error",
      event: "job failed",
      fields: { request_id: "call-7", code: "too_many_crashes" },
    });
    expect(await ports.jobs.find(1)).toMatchObject({ state: "failed", error: "too_many_crashes" });
  });

  test("of one that is run again by a teacher: the id of that call", async () => {
    const log = memoryLog();
    let works = false;
    const recogniser = hears(HEARD, () => works || Promise.reject(new AppError("recognition_unavailable")));
    const ports = await school({ log, speechToText: recogniser });
    await speak(ports);
    await settled(ports);
    works = true;
    await call(ports, `${SUBMISSIONS}/1/retry`, TEACHER, { method: "POST", headers: { "x-request-id": "call-8" } });
    await settled(ports);
    expect(log.lines.find(({ event }) => event === "job done")?.fields).toMatchObject({ request_id: "call-8" });
  });

  test("with how long the job had waited when it was begun", async () => {
    const clock = memoryClock();
    const ports = await school({ clock, queue: memoryJobs() });
    const { add } = ports.queue;
    ports.queue.add = async (job) => {
      clock.pass(4200);
      await add(job);
    };
    await speak(ports);
    await settled(ports);
    const { lines } = ports.log as ReturnType<typeof memoryLog>;
    expect(lines.find(({ event }) => event === "job done")?.fields.waited_ms).toBe(4200);
  });
});

test("an error is written with its causes, and without the rows that drivers put into theirs", () => {
  const row = JSON.stringify({ detail: `Key (text)=(${ANSWER})`, parameters: [PASSWORD] });
  const { stdout, exitCode } = Bun.spawnSync([
    process.execPath,
    "-e",
    `import { jsonLog } from "./src/adapters/system/log.ts";
     const cause = Object.assign(new Error("duplicate key"), ${row});
     jsonLog("info").error("request failed", { request_id: "a-1" }, new Error("outer", { cause }));`,
  ]);
  const [line = ""] = stdout.toString().split("\n");
  expect({ exitCode, ...JSON.parse(line) }).toMatchObject({
    exitCode: 0,
    msg: "request failed",
    request_id: "a-1",
    cause: { message: "outer", cause: { message: "duplicate key" } },
  });
  expect([line.includes(ANSWER), line.includes(PASSWORD)]).toEqual([false, false]);
});
