import { expect, test } from "bun:test";
import { scriptedModel } from "../support/models.ts";
import { ADMIN, call, LEARNER, OTHER_LEARNER, post, put, school } from "../support/school.ts";

const SESSIONS = "/api/v1/ai-sessions/sessions";
const AVATARS = "/api/v1/avatars/";

test("a conversation with a scene is begun, played, listed, read and deleted", async () => {
  const { model, asked } = scriptedModel(() => "Good morning! Your passport, please.");
  const ports = await school({ languageModel: model });
  const scenario = "I check in my bag";
  const { status, body, headers } = await call(ports, SESSIONS, LEARNER, post({ title: "At the airport", scenario }));
  expect([status, headers.get("location")]).toEqual([201, `${SESSIONS}/1`]);
  expect(body).toMatchObject({ id: 1, session_id: 1, title: "At the airport", scenario, message_count: 0 });

  await call(ports, "/api/v1/ai/ask", LEARNER, post({ prompt: "Hello!", session_id: 1 }));
  expect(asked[0]?.messages[0]?.text).toContain(scenario);
  expect(asked[0]?.instructions).not.toContain(scenario);

  await call(ports, "/api/v1/ai/ask", LEARNER, post({ prompt: "What is a phrasal verb? ".repeat(9) }));
  const list = await call(ports, SESSIONS, LEARNER);
  expect(list.body.map(({ title, message_count }: Record<string, unknown>) => [title, message_count])).toEqual([
    ["What is a phrasal verb? What is a phrasal verb? What is a…", 2],
    ["At the airport", 2],
  ]);

  const whole = await call(ports, `${SESSIONS}/1`, LEARNER);
  expect(whole.body.messages).toMatchObject([
    { role: "user", text: "Hello!" },
    { role: "assistant", text: "Good morning! Your passport, please." },
  ]);
  expect((await call(ports, `${SESSIONS}/1`, LEARNER, { method: "DELETE" })).status).toBe(204);
  expect((await call(ports, `${SESSIONS}/1`, LEARNER)).status).toBe(404);
  expect(await ports.messages.count({ conversation_id: 1 })).toBe(0);
});

test("another's conversation is not there, whatever is done to it", async () => {
  const ports = await school();
  await call(ports, SESSIONS, LEARNER, post({ title: "Mine" }));
  for (const as of [OTHER_LEARNER, ADMIN]) {
    expect((await call(ports, `${SESSIONS}/1`, as)).status).toBe(404);
    expect((await call(ports, `${SESSIONS}/1`, as, { method: "DELETE" })).status).toBe(404);
    expect((await call(ports, "/api/v1/ai/ask", as, post({ prompt: "Hi", session_id: 1 }))).status).toBe(404);
    expect((await call(ports, SESSIONS, as)).body).toEqual([]);
  }
  expect((await call(ports, `${SESSIONS}/1`, LEARNER)).body).toMatchObject({ title: "Mine", messages: [] });
});

test.each([[{}], [{ title: " " }], [{ title: "a".repeat(121) }], [{ title: "a", scenario: "b".repeat(501) }]])(
  "%j begins nothing",
  async (body) => expect((await call(await school(), SESSIONS, LEARNER, post(body))).status).toBe(422),
);

test("avatars are listed with the one that answers, chosen, and added by admins", async () => {
  const ports = await school();
  const chosen = async () =>
    (await call(ports, AVATARS, LEARNER)).body
      .filter((avatar: { chosen: boolean }) => avatar.chosen)
      .map(({ type }: { type: string }) => type);
  expect(await chosen()).toEqual(["teacher"]);
  expect((await call(ports, "/api/v1/avatars/me", LEARNER, put({ avatar_type: "examiner" }))).body.name).toBe(
    "Mr Harris",
  );
  expect(await chosen()).toEqual(["examiner"]);
  expect((await call(ports, "/api/v1/avatars/me", LEARNER, put({ avatar_type: "ghost" }))).status).toBe(404);

  const robot = { type: "robot", name: "Robo", persona: "a robot that loves grammar" };
  expect((await call(ports, AVATARS, LEARNER, post(robot))).body.code).toBe("forbidden");
  expect((await call(ports, AVATARS, ADMIN, post(robot))).body).toMatchObject({ ...robot, picture: null });
  expect((await call(ports, AVATARS, ADMIN, post(robot))).body).toMatchObject({ status: 409, code: "avatar_taken" });
  for (const wrong of [{ type: "R 2" }, { persona: "" }, { picture: "javascript:alert(1)" }])
    expect((await call(ports, AVATARS, ADMIN, post({ ...robot, ...wrong }))).status).toBe(422);
});
