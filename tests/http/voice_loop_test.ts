import { describe, expect, test } from "bun:test";
import { fakeTextToSpeech } from "../../src/adapters/ai/fake_voice.ts";
import { brokenVoice, scriptedModel } from "../support/models.ts";
import { ADMIN, call, form, LEARNER, put, type School, school, tone } from "../support/school.ts";
import { hears } from "../support/stories.ts";

const left = async (ports: School) => (await call(ports, "/api/v1/ai/usage", LEARNER)).body;

const VOICED = JSON.stringify({
  reply: "Juda yaxshi! U maktabga nima bilan boradi?",
  corrections: [
    { original: "he go", corrected: "he goes", explanation: "He bilan feʼlga -s qoʻshiladi." },
    { original: "she walk", corrected: "she walks", explanation: "Bunday gap aytilmagan." },
  ],
  advice: "Present Simple bilan kun tartibingizni aytib bering.",
});

describe("a spoken turn", () => {
  const talk = (ports: School, fields: Record<string, string | Blob> = {}, headers: Record<string, string> = {}) =>
    call(ports, "/api/v1/ai/voice-loop", LEARNER, { ...form({ file: tone(), language: "uz", ...fields }), headers });

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
      reading: { missing: ["goes"], confidence: "low", method: "transcript", completeness_score: 100 },
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
    expect((await call(ports, "/api/v1/ai/voice-loop", LEARNER, form(fields))).body.code).toBe(code);
    expect(await ports.spendings.count({ state: "spent" })).toBe(0);
    expect(await left(ports)).toMatchObject({ stt_requests_left: 30 });
  });

  test("whose answer nobody can see has failed, and costs nothing", async () => {
    const blank = JSON.stringify({ reply: " \u200b", corrections: [], advice: "" });
    const ports = await school({ languageModel: scriptedModel(() => blank).model });
    expect((await talk(ports)).body.code).toBe("ai_failed");
    expect(await left(ports)).toMatchObject({ gpt4o_requests_left: 50, stt_requests_left: 30, tts_chars_left: 10_000 });
  });

  test("is answered and kept though the vendors' texts have what no database takes", async () => {
    const odd = JSON.stringify({ reply: "Zoʻr\u0000!", corrections: [], advice: "Mashq\u0000." });
    const ports = await school({ languageModel: scriptedModel(() => odd).model, speechToText: hears("He \u0000goes") });
    const { status, body } = await talk(ports);
    expect([status, body.transcript, body.ai_text, body.advice]).toEqual([200, "He goes", "Zoʻr!", "Mashq."]);
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
