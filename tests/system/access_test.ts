import { expect, test } from "bun:test";
import { SignJWT } from "jose";
import { classroom, graded, newLearner } from "../support/classroom.ts";
import { api, startServer } from "../support/live.ts";
import { figure } from "../support/prove.ts";

// What the HTTP suites prove on memory adapters, once more on the real server, its database and its tokens.

const SECRET = "a secret of this suite, long enough";
const HOMEWORK = "/api/v1/homework";

test("another learner's work does not exist, and another teacher cannot grade it", async () => {
  await using server = await startServer({ env: { SECRET_KEY: SECRET, DISABLE_WHISPER: "1" } });
  const room = await classroom(server);
  const audio_file = new File([await Bun.file("tests/test_data/test_audio.wav").bytes()], "a.wav");
  const { body } = await room.learner.form(`${HOMEWORK}/${room.homeworkId}/submit-oral`, { audio_file });
  const { file_id } = await graded(room.learner, body.id);

  const other = await newLearner(server.url, room.admin, room.courseId);
  const paths = [
    `${HOMEWORK}/submissions/${body.id}`,
    `${HOMEWORK}/submissions/${body.id}/history`,
    `${HOMEWORK}/submissions/${body.id}/events`,
    `${HOMEWORK}/files/${file_id}/download`,
  ];
  const refused: number[] = [];
  for (const path of paths) refused.push((await other.get(path)).status);
  figure("another learner asks for submission, history, events, file", refused.join(", "), "404 each");
  expect(refused).toEqual([404, 404, 404, 404]);

  const teacher = { email: "teacher@example.com", password: "a teacher's password", role: "teacher" };
  await room.admin.post("/api/v1/users/", teacher);
  const stranger = await api(server.url).login(teacher.email, teacher.password);
  const graded404 = await stranger.post(`${HOMEWORK}/submissions/${body.id}/grade`, { score: 100 });
  figure("a teacher of another course grades", String(graded404.status), "404");
  expect(graded404.status).toBe(404);
}, 60_000);

test("a token ends with what it stood for, and no forged one opens anything", async () => {
  await using server = await startServer({ env: { SECRET_KEY: SECRET, DISABLE_WHISPER: "1" } });
  const admin = await api(server.url).login();
  const ME = "/api/v1/users/me";
  const statuses: Record<string, number> = {};
  const password = "a learner's password";

  const someone = async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const { body } = await admin.post("/api/v1/users/", { email, password });
    return { id: body.id as number, email, signedIn: await api(server.url).login(email, password) };
  };
  const ends: Record<string, (who: Awaited<ReturnType<typeof someone>>) => Promise<unknown>> = {
    logout: ({ signedIn }) => signedIn.post("/api/v1/logout"),
    deactivation: ({ id }) => admin.patch(`/api/v1/users/${id}`, { is_active: false }),
    "role change": ({ id }) => admin.patch(`/api/v1/users/${id}`, { role: "teacher" }),
    "password reset": ({ id }) => admin.put(`/api/v1/users/${id}/password`, { new_password: "another password" }),
    "own password change": async ({ email }) => {
      const elsewhere = await api(server.url).login(email, password);
      await elsewhere.put(`${ME}/password`, { current_password: password, new_password: "another password" });
    },
    deletion: ({ id }) => admin.delete(`/api/v1/users/${id}`),
  };
  for (const [name, end] of Object.entries(ends)) {
    const who = await someone();
    expect((await who.signedIn.get(ME)).status).toBe(200);
    await end(who);
    statuses[`after ${name}`] = (await who.signedIn.get(ME)).status;
  }

  const { signedIn } = await someone();
  const [header = "", payload = "", signature = ""] = (signedIn.token ?? "").split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const key = new TextEncoder().encode(SECRET);
  const sign = (changed: object, alg = "HS256") =>
    new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg }).sign(key);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const forged: Record<string, string> = {
    "alg none": `${encode({ alg: "none" })}.${payload}.`,
    "another algorithm": await sign({}, "HS512"),
    expired: await sign({ exp: Math.floor(Date.now() / 1000) - 1 }),
    "without exp": await sign({ exp: undefined }),
    "altered claims": `${header}.${encode({ ...claims, sub: "1" })}.${signature}`,
    "altered signature": `${header}.${payload}.${signature.slice(0, -2)}AA`,
    "of another user": await sign({ sub: "1" }),
  };
  // The way of signing is right, so what is refused is refused for what it says.
  expect((await api(server.url, await sign({})).get(ME)).status).toBe(200);
  for (const [name, token] of Object.entries(forged)) statuses[name] = (await api(server.url, token).get(ME)).status;

  figure(`tokens: ${Object.keys(statuses).join(", ")}`, Object.values(statuses).join(", "), "401 each");
  expect(new Set(Object.values(statuses))).toEqual(new Set([401]));
}, 60_000);
