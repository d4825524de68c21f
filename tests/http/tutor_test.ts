import { describe, expect, test } from "bun:test";
import { tokensIn } from "../../src/domain/tokens.ts";
import { HISTORY_TOKENS } from "../../src/domain/tutor.ts";
import { brokenModel, scriptedModel } from "../support/models.ts";
import { ADMIN, call, form, LEARNER, OTHER_LEARNER, post, put, type School, school, tone } from "../support/school.ts";

const ASK = "/api/v1/ai/ask";
const VOICE = "/api/v1/ai/voice-loop";
const PROMPT = "Salom, menga yordam bering";

const ask = (ports: School, body: object = {}, { query = "", as = LEARNER, headers = {} } = {}) =>
  call(ports, `${ASK}${query}`, as, post({ prompt: PROMPT, ...body }, headers));

const left = async (ports: School, as = LEARNER) => (await call(ports, "/api/v1/ai/usage", as)).body;

describe("a question", () => {
  test("is answered in the character of the avatar, in the caller's language and at their level", async () => {
    const { model, asked } = scriptedModel(() => "Salom! Albatta, yordam beraman.");
    const ports = await school({ languageModel: model });
    await call(ports, "/api/v1/avatars/me", LEARNER, put({ avatar_type: "friend" }));
    await ports.users.change({ id: LEARNER }, { level: "B1" });
    const { status, body } = await ask(ports);
    expect(status).toBe(200);
    expect(body).toEqual({
      text: "Salom! Albatta, yordam beraman.",
      avatar_type: "friend",
      avatar_name: "Sam",
      audio_url: null,
      warning: null,
      session_id: 1,
      language: "uz",
      engine: "scripted",
    });
    expect(asked[0]?.instructions).toContain("Sam, a cheerful student");
    expect(asked[0]?.instructions).toContain("CEFR level is B1");
    expect(asked[0]?.instructions).toContain("Answer in Uzbek");
    expect(asked[0]?.instructions).not.toContain(PROMPT);
    expect(asked[0]?.messages).toEqual([{ role: "user", text: PROMPT }]);
    await ask(ports, {}, { query: "?language=en" });
    expect(asked[1]?.instructions).toContain("Answer in English");
  });

  test("costs one unit; with a voice also the characters that were spoken, and twice nothing for the same", async () => {
    const ports = await school({ languageModel: scriptedModel(() => "**Salom!** 👋🏽").model });
    await ask(ports);
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 49, tts_chars_left: 10_000 });
    const { body } = await ask(ports, {}, { query: "?speak=true&language=uz" });
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 48, tts_chars_left: 9_994 });
    const sound = await ports.app.request(body.audio_url);
    expect([sound.status, sound.headers.get("content-type")]).toEqual([200, "audio/mpeg"]);
    expect((await ports.app.request(body.audio_url.replace("signature=", "signature=x"))).status).toBe(403);
    await ask(ports, {}, { query: "?speak=true" });
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 47, tts_chars_left: 9_994 });
  });

  test("goes on with the conversation tomorrow, and nobody else's", async () => {
    const { model, asked } = scriptedModel(({ messages }) => `Javob ${messages.length}`);
    const ports = await school({ languageModel: model });
    const { body } = await ask(ports, { prompt: "My name is Dilnoza" });
    await ask(ports, { prompt: "What is my name?", session_id: body.session_id });
    expect(asked[1]?.messages).toEqual([
      { role: "user", text: "My name is Dilnoza" },
      { role: "assistant", text: "Javob 1" },
      { role: "user", text: "What is my name?" },
    ]);
    const strange = await ask(ports, { session_id: body.session_id }, { as: OTHER_LEARNER });
    expect(strange.body.code).toBe("not_found");
    expect(await left(ports, OTHER_LEARNER)).toMatchObject({ gpt4o_requests_left: 50 });
    expect(asked).toHaveLength(2);
  });

  test("of a long conversation is no longer than its budget, however long it grows", async () => {
    const { model, asked } = scriptedModel(() => "A longer answer of the tutor, with an example sentence. ".repeat(3));
    const ports = await school({ languageModel: model, site: { rateMultiplier: 100 } });
    await ports.quotas.grant({
      user_id: LEARNER,
      meter: "llm",
      allowance: 500,
      remaining: 500,
      renews_at: "2030-01-01T00:00:00.000Z",
    });
    const { body } = await ask(ports);
    for (let turn = 0; turn < 200; turn++) {
      const answer = await ask(ports, {
        prompt: `Question number ${turn}: what is a verb?`,
        session_id: body.session_id,
      });
      expect(answer.status).toBe(200);
    }
    const sizes = asked.map(({ messages }) => messages.reduce((sum, { text }) => sum + tokensIn(text), 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(HISTORY_TOKENS + 100);
    expect(Math.max(...sizes.slice(-50))).toBeLessThanOrEqual(Math.max(...sizes.slice(50, 100)) + 40);
    expect(asked.at(-1)?.messages.at(-1)?.text).toContain("Question number");
    expect(asked.at(-1)?.messages[0]?.role).toBe("user");
  });

  test("is asked once for one Idempotency-Key, and costs once", async () => {
    const { model, asked } = scriptedModel(() => "Salom!");
    const ports = await school({ languageModel: model });
    const headers = { "idempotency-key": "ask-1" };
    const first = await ask(ports, {}, { headers });
    const again = await ask(ports, {}, { headers });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await ask(ports, { prompt: "Another" }, { headers })).body.code).toBe("idempotency_key_reused");
    expect(asked).toHaveLength(1);
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 49 });
  });

  test("whose key was lost to another meanwhile costs nothing, and is not kept", async () => {
    const ports = await school({ languageModel: scriptedModel(() => "Salom!").model });
    // Whoever took the key over has written another lease: none of our rows fits any more.
    ports.answers.change = async () => [];
    const { body } = await ask(ports, {}, { headers: { "idempotency-key": "ask-1" } });
    expect(body.code).toBe("idempotency_in_progress");
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 50 });
    expect(await ports.conversations.count({})).toBe(0);
    expect(await ports.spendings.list({ skip: 0, limit: 9 })).toMatchObject([{ state: "returned", amount: 0 }]);
  });

  test("that fails frees its key", async () => {
    let broken = true;
    const { model } = scriptedModel(() => {
      if (broken) throw new Error("unplugged");
      return "Salom!";
    });
    const ports = await school({ languageModel: model });
    const headers = { "idempotency-key": "ask-1" };
    expect((await ask(ports, {}, { headers })).status).toBe(500);
    broken = false;
    expect((await ask(ports, {}, { headers })).status).toBe(200);
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 49 });
  });

  test.each([
    ["nobody can see", "\u200b\u2060 \u00ad"],
    ["does not end", "Salom ".repeat(5000)],
  ])("whose answer %s has failed: it is not kept, and costs nothing", async (_, answer) => {
    const ports = await school({ languageModel: scriptedModel(() => answer).model });
    expect((await ask(ports)).body).toMatchObject({ status: 502, code: "ai_failed" });
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 50 });
    expect((await call(ports, "/api/v1/ai-sessions/sessions", LEARNER)).body).toEqual([]);
  });

  test("is answered and kept though the vendor's text has what no database takes", async () => {
    const ports = await school({ languageModel: scriptedModel(() => "Salom,\u0000 dunyo\ud83d").model });
    const { status, body } = await ask(ports);
    expect([status, body.text]).toEqual([200, "Salom, dunyo\ufffd"]);
    const kept = await call(ports, `/api/v1/ai-sessions/sessions/${body.session_id}`, LEARNER);
    expect(kept.body.messages.at(-1).text).toBe(body.text);
  });

  test("without a model is 503 in the guide's words, before any quota", async () => {
    const ports = await school({ languageModel: null });
    for (const answer of [await ask(ports), await call(ports, VOICE, LEARNER, form({ file: tone() }))])
      expect(answer.body).toMatchObject({
        status: 503,
        code: "ai_not_configured",
        detail: "AI service is not configured",
      });
    expect(await ports.spendings.count({})).toBe(0);
  });

  test.each(["ai_failed", "ai_blocked", "ai_overloaded", "ai_unavailable", "ai_timeout"] as const)(
    "that meets %s costs nothing, whole, streamed, or broken off in the middle",
    async (code) => {
      for (const model of [brokenModel(code), brokenModel(code, "Salo")]) {
        const ports = await school({ languageModel: model });
        const { status, body, headers } = await ask(ports, {}, { query: "?speak=true" });
        expect({ code: body.code, isVendors: status >= 502 && status <= 504 }).toEqual({ code, isVendors: true });
        if (code === "ai_overloaded" || code === "ai_unavailable") expect(headers.get("retry-after")).toBe("7");
        const streamed = await ports.app.request(ASK, stream());
        const text = await streamed.text();
        expect(text).toContain(code);
        const spoken = await call(ports, VOICE, LEARNER, form({ file: tone() }));
        expect(spoken.body.code).toBe(code);
        expect(await left(ports)).toMatchObject({
          gpt4o_requests_left: 50,
          stt_requests_left: 30,
          tts_chars_left: 10_000,
        });
        expect(await ports.messages.count({})).toBe(0);
        expect(await ports.spendings.count({ state: "reserved" })).toBe(0);
      }
    },
  );

  test.each([
    ["nothing", {}],
    ["no word", { prompt: "  " }],
    ["4001 characters", { prompt: "a".repeat(4001) }],
    ["a number", { prompt: 5 }],
    ["a conversation's name", { prompt: "a", session_id: "x" }],
  ])("of %s is refused before it is asked", async (_, body) => {
    const { model, asked } = scriptedModel(() => "Salom");
    const ports = await school({ languageModel: model });
    expect((await call(ports, ASK, LEARNER, post(body))).status).toBe(422);
    expect(asked).toEqual([]);
  });

  test("whose quota is spent is 403 in the guide's words, and says when there is more; admins go on", async () => {
    const { model, asked } = scriptedModel(() => "Salom");
    const ports = await school({ languageModel: model });
    await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ gpt4o_requests_left: 0 }));
    const { status, body } = await ask(ports);
    expect(status).toBe(403);
    expect(body).toMatchObject({ detail: "quota exceeded", code: "quota_exceeded", quota: "gpt4o_requests_left" });
    expect(body).toMatchObject({ remaining: 0, needed: 1, reset_at: expect.stringMatching(/T19:00:00.000Z$/) });
    expect(asked).toEqual([]);
    await call(ports, `/api/v1/admin/users/${ADMIN}/quotas`, ADMIN, put({ gpt4o_requests_left: 0 }));
    expect((await ask(ports, {}, { as: ADMIN })).status).toBe(200);
  });

  test("of 60 at once on a quota of 10, exactly 10 are answered", async () => {
    const ports = await school({ languageModel: scriptedModel(() => "Salom").model, site: { rateMultiplier: 10 } });
    await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ gpt4o_requests_left: 10 }));
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(ports)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ body }) => body.detail === "quota exceeded")).toHaveLength(50);
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 0 });
  });
});

const stream = (body: object = {}, as = LEARNER): RequestInit =>
  post({ prompt: PROMPT, ...body }, { authorization: `Bearer ${as}.${as}`, accept: "text/event-stream" });

const eventsOf = (text: string) =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith("event:"))
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null"),
    }));

/** A model that gives its first piece, and the others once the gate is open. */
function gated(first: string, ...others: string[]) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { model } = scriptedModel(() => "", {
    stream: async function* () {
      yield first;
      await promise;
      yield* others;
    },
  });
  return { model, open: resolve };
}

describe("a streamed answer", () => {
  test("comes in tokens as they are made, and is whole in the last event", async () => {
    const { model, open } = gated("Salom, ", "Dilnoza!");
    const ports = await school({ languageModel: model });
    const answer = await ports.app.request(ASK, stream());
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(eventsOf(new TextDecoder().decode(first?.value))).toEqual([{ event: "token", data: { text: "Salom, " } }]);
    open();
    let rest = "";
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      rest += new TextDecoder().decode(part.value);
    expect(eventsOf(rest)).toMatchObject([
      { event: "token", data: { text: "Dilnoza!" } },
      { event: "done", data: { text: "Salom, Dilnoza!", session_id: 1, avatar_name: "Malika" } },
    ]);
  });

  test("that breaks off ends in one error event with a problem", async () => {
    const ports = await school({ languageModel: brokenModel("ai_failed", "Salom") });
    const answer = await ports.app.request(ASK, stream());
    expect(answer.status).toBe(200);
    expect(eventsOf(await answer.text())).toMatchObject([
      { event: "token", data: { text: "Salom" } },
      { event: "error", data: { status: 502, code: "ai_failed", request_id: expect.any(String) } },
    ]);
  });

  test("that is refused at once is an ordinary refusal", async () => {
    const ports = await school({ languageModel: null });
    const answer = await ports.app.request(ASK, stream());
    expect([answer.status, answer.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
  });

  test("of a repeated key is told at once, in one event", async () => {
    const ports = await school({ languageModel: scriptedModel(() => "Salom!").model });
    const init = stream();
    const headers = { ...(init.headers as Record<string, string>), "idempotency-key": "k" };
    const first = eventsOf(await (await ports.app.request(ASK, { ...init, headers })).text());
    const again = eventsOf(await (await ports.app.request(ASK, { ...init, headers })).text());
    expect(again).toEqual(first.slice(-1));
  });

  test("is kept and paid for though its conversation is deleted before its end", async () => {
    const { model, open } = gated("Salom, Dilnoza!");
    const ports = await school({ languageModel: model });
    const sessions = "/api/v1/ai-sessions/sessions";
    const session = await call(ports, sessions, LEARNER, post({ title: "Suhbat" }));
    const answer = await ports.app.request(ASK, stream({ session_id: session.body.id }));
    const { status } = await call(ports, `${sessions}/${session.body.id}`, LEARNER, { method: "DELETE" });
    open();
    const last = eventsOf(await answer.text()).at(-1);
    expect([status, last?.event]).toEqual([204, "done"]);
    const [kept, ...others] = (await call(ports, sessions, LEARNER)).body;
    expect([kept.title, kept.message_count, others]).toEqual([PROMPT, 2, []]);
    expect(last?.data).toMatchObject({ session_id: kept.id });
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 49 });
  });

  test("is kept and paid for though whoever asked has gone", async () => {
    const { model, open } = gated("Salom, ", "Dilnoza!");
    const ports = await school({ languageModel: model });
    const answer = await ports.app.request(ASK, stream());
    await answer.body?.cancel();
    open();
    while (!(await ports.spendings.findBy({ state: "spent" }))) await Bun.sleep(1);
    expect(await ports.messages.findBy({ role: "assistant" })).toMatchObject({ text: "Salom, Dilnoza!" });
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 49 });
  });
});
