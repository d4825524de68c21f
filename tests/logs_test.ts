import { expect, test } from "bun:test";
import { memoryLog } from "../src/adapters/memory/system.ts";
import { hmacSignatures, jwtTokens } from "../src/adapters/system/mod.ts";
import { call, post, put, school, settled, tone } from "./support/school.ts";
import { handInForm, hears, openStream, SUBMISSIONS } from "./support/stories.ts";

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
