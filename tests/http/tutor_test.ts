import { describe, expect, test } from "bun:test";
import { fakeTextToSpeech } from "../../src/adapters/ai/fake_voice.ts";
import { HISTORY_TOKENS, tokensIn } from "../../src/domain/tutor.ts";
import { brokenModel, brokenVoice, scriptedModel } from "../support/models.ts";
import { ADMIN, call, form, LEARNER, OTHER_LEARNER, post, put, type School, school, tone } from "../support/school.ts";
import { hears } from "../support/stories.ts";

const ASK = "/api/v1/ai/ask";
const VOICE = "/api/v1/ai/voice-loop";
const PROMPT = "Salom, menga yordam bering";

const ask = (ports: School, body: object = {}, { query = "", as = LEARNER, headers = {} } = {}) =>
  call(ports, `${ASK}${query}`, as, post({ prompt: PROMPT, ...body }, headers));

const left = async (ports: School, as = LEARNER) => (await call(ports, "/api/v1/ai/usage", as)).body;

const VOICED = JSON.stringify({
  reply: "Juda yaxshi! U maktabga nima bilan boradi?",
  corrections: [
    { original: "he go", corrected: "he goes", explanation: "He bilan feʼlga -s qoʻshiladi." },
    { original: "she walk", corrected: "she walks", explanation: "Bunday gap aytilmagan." },
  ],
  advice: "Present Simple bilan kun tartibingizni aytib bering.",
});

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

const stream = (body: object = {}, as = LEARNER): RequestInit => {
  const request = post(
    { prompt: PROMPT, ...body },
    { authorization: `Bearer ${as}.${as}`, accept: "text/event-stream" },
  );
  return request;
};

const eventsOf = (text: string) =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith("event:"))
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null"),
    }));

describe("a streamed answer", () => {
  test("comes in tokens as they are made, and is whole in the last event", async () => {
    const gate = Promise.withResolvers<void>();
    const { model } = scriptedModel(() => "", {
      stream: async function* () {
        yield "Salom, ";
        await gate.promise;
        yield "Dilnoza!";
      },
    });
    const ports = await school({ languageModel: model });
    const answer = await ports.app.request(ASK, stream());
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(eventsOf(new TextDecoder().decode(first?.value))).toEqual([{ event: "token", data: { text: "Salom, " } }]);
    gate.resolve();
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
    new Headers(init.headers);
    const headers = { ...(init.headers as Record<string, string>), "idempotency-key": "k" };
    const first = eventsOf(await (await ports.app.request(ASK, { ...init, headers })).text());
    const again = eventsOf(await (await ports.app.request(ASK, { ...init, headers })).text());
    expect(again).toEqual(first.slice(-1));
  });

  test("is kept and paid for though whoever asked has gone", async () => {
    const gate = Promise.withResolvers<void>();
    const { model } = scriptedModel(() => "", {
      stream: async function* () {
        yield "Salom, ";
        await gate.promise;
        yield "Dilnoza!";
      },
    });
    const ports = await school({ languageModel: model });
    const answer = await ports.app.request(ASK, stream());
    await answer.body?.cancel();
    gate.resolve();
    while ((await ports.messages.count({})) < 2) await Bun.sleep(1);
    expect(await ports.messages.findBy({ role: "assistant" })).toMatchObject({ text: "Salom, Dilnoza!" });
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 49 });
  });
});

describe("a spoken turn", () => {
  const talk = (ports: School, fields: Record<string, string | Blob> = {}, headers: Record<string, string> = {}) =>
    call(ports, VOICE, LEARNER, { ...form({ file: tone(), language: "uz", ...fields }), headers });

  test("takes fields of its form that were left empty as left out", async () => {
    const { model } = scriptedModel(() => VOICED);
    const ports = await school({ languageModel: model, speechToText: hears("He go to school every day") });
    const { status, body } = await talk(ports, { language: "", reference_text: "", session_id: "" });
    expect([status, body.reading, body.code]).toEqual([200, null, undefined]);
    const stt = await call(ports, "/api/v1/ai/stt", LEARNER, form({ file: tone(), language: "" }));
    expect(stt.status).toBe(200);
  });

  test("has transcript, answer, corrections that were really said, advice and sound", async () => {
    const { model, asked } = scriptedModel(() => VOICED);
    const ports = await school({ languageModel: model, speechToText: hears("He go to school every day") });
    const { status, body } = await talk(ports, { reference_text: "He goes to school every day" });
    expect(status).toBe(200);
    expect((await ports.app.request(body.audio_url)).status).toBe(200);
    expect(body).toMatchObject({
      transcript: "He go to school every day",
      spoken_language: "en",
      ai_text: "Juda yaxshi! U maktabga nima bilan boradi?",
      corrections: [{ original: expect.stringMatching(/^he go$/i), corrected: "he goes", source: "model" }],
      advice: "Present Simple bilan kun tartibingizni aytib bering.",
      reading: { accuracy_score: 83, missing: ["goes"], confidence: "low" },
      audio_url: expect.stringContaining("/uploads/speech/"),
      warning: null,
      avatar_name: "Malika",
      session_id: 1,
      language: "uz",
    });
    expect(body.corrections).toHaveLength(1);
    expect(asked[0]?.messages.at(-1)?.text).toBe("He go to school every day");
    expect(asked[0]?.instructions).not.toContain("He go");
    const spoken = "Juda yaxshi! U maktabga nima bilan boradi?".length;
    expect(await left(ports)).toMatchObject({
      gpt4o_requests_left: 49,
      stt_requests_left: 29,
      tts_chars_left: 10_000 - spoken,
    });
  });

  test("whose voice alone fails has all the rest, a warning, and costs no characters", async () => {
    for (const voice of [
      brokenVoice(fakeTextToSpeech(), "speech_failed"),
      brokenVoice(fakeTextToSpeech(), "speech_failed", 2),
    ]) {
      const ports = await school({ languageModel: scriptedModel(() => VOICED).model, textToSpeech: voice });
      const { status, body } = await talk(ports);
      expect(status).toBe(200);
      expect(body).toMatchObject({ audio_url: null, warning: { code: "speech_failed", detail: expect.any(String) } });
      expect(body.ai_text).not.toBe("");
      expect(await left(ports)).toMatchObject({
        gpt4o_requests_left: 49,
        stt_requests_left: 29,
        tts_chars_left: 10_000,
      });
    }
  });

  test("takes all three quotas or none", async () => {
    for (const spent of ["gpt4o_requests_left", "stt_requests_left", "tts_chars_left"]) {
      const ports = await school({ languageModel: scriptedModel(() => VOICED).model });
      await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ [spent]: 0 }));
      const { body } = await talk(ports);
      expect(body).toMatchObject({ status: 403, code: "quota_exceeded", quota: spent });
      const full = { gpt4o_requests_left: 50, stt_requests_left: 30, tts_chars_left: 10_000 };
      expect(await left(ports)).toMatchObject({ ...full, [spent]: 0 });
      expect(await ports.spendings.count({})).toBe(0);
    }
  });

  test.each([
    ["silence", { file: tone(1.5, 0) }, "audio_silent"],
    ["no sound at all", { file: new File(["not a sound"], "a.txt") }, "unsupported_audio"],
    ["nothing", { file: "text" }, "invalid_input"],
    ["an unknown language", { file: tone(), language: "klingon" }, "invalid_input"],
    ["a strange conversation", { file: tone(), session_id: "77" }, "not_found"],
  ] as const)("of %s is refused and costs nothing", async (_, fields, code) => {
    const ports = await school({ languageModel: scriptedModel(() => VOICED).model });
    expect((await call(ports, VOICE, LEARNER, form(fields))).body.code).toBe(code);
    expect(await ports.spendings.count({ state: "spent" })).toBe(0);
    expect(await left(ports)).toMatchObject({ stt_requests_left: 30 });
  });

  test("is worked on once for one Idempotency-Key, known by the sound", async () => {
    const { model, asked } = scriptedModel(() => VOICED);
    const ports = await school({ languageModel: model });
    const headers = { "idempotency-key": "turn-1" };
    const first = await talk(ports, {}, headers);
    expect((await talk(ports, {}, headers)).body).toEqual(first.body);
    expect((await talk(ports, { file: tone(1.6) }, headers)).body.code).toBe("idempotency_key_reused");
    expect(asked).toHaveLength(1);
  });

  test("is kept in its conversation", async () => {
    const ports = await school({
      languageModel: scriptedModel(() => VOICED).model,
      speechToText: hears("Hello teacher"),
    });
    const { body } = await talk(ports);
    await talk(ports, { session_id: String(body.session_id) });
    const { body: whole } = await call(ports, `/api/v1/ai-sessions/sessions/${body.session_id}`, LEARNER);
    expect(whole.messages.map(({ text }: { text: string }) => text)).toEqual([
      "Hello teacher",
      "Juda yaxshi! U maktabga nima bilan boradi?",
      "Hello teacher",
      "Juda yaxshi! U maktabga nima bilan boradi?",
    ]);
  });
});
