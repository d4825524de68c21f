import { describe, expect, test } from "bun:test";
import { fakeSpeechToText } from "../../src/adapters/ai/fake_speech.ts";
import type { SpeechToText } from "../../src/application/ports/speech.ts";
import { call, form, LEARNER, type School, school, tone } from "../support/school.ts";
import { hears } from "../support/stories.ts";

const STT = "/api/v1/ai/stt";

const left = async (ports: School) => (await call(ports, "/api/v1/ai/usage", LEARNER)).body;

describe("writing down", () => {
  test("gives text, language, seconds and pieces with times, and costs one", async () => {
    const words = ["We", "live", "here.", "It", "is", "warm"].map((text, i) => ({
      text,
      start_ms: i * 200 + (i > 4 ? 900 : 0),
      end_ms: i * 200 + 150 + (i > 4 ? 900 : 0),
      confidence: 0.9,
    }));
    const text = "We live here. It is warm";
    const heard: SpeechToText = {
      ...hears(text),
      transcribe: async () => ({ text, language: "en", words, engine: "test" }),
    };
    const ports = await school({ speechToText: heard });
    const { status, body } = await call(ports, STT, LEARNER, form({ file: tone() }));
    expect(status).toBe(200);
    expect(body).toEqual({
      text,
      language: "en",
      duration: 1.5,
      segments: [
        { start: 0, end: 0.55, text: "We live here." },
        { start: 0.6, end: 0.95, text: "It is" },
        { start: 1.9, end: 2.05, text: "warm" },
      ],
      engine: "test",
    });
    expect(await left(ports)).toMatchObject({ stt_requests_left: 29 });
  });

  test("listens for the caller's two languages, and again where it hears another", async () => {
    const asked: (string | undefined)[] = [];
    const fake = fakeSpeechToText();
    const heardAs = (language: string) => {
      const confidence = language === "uz" ? 0.8 : 0.4;
      return { text: language, language, words: [{ text: language, start_ms: 0, end_ms: 9, confidence }], engine: "t" };
    };
    const turkish: SpeechToText = {
      ...fake,
      transcribe: async (_, { language } = {}) => {
        asked.push(language);
        return heardAs(language ?? "tr");
      },
    };
    const ports = await school({ speechToText: turkish });
    expect((await call(ports, STT, LEARNER, form({ file: tone() }))).body.text).toBe("uz");
    expect(asked.splice(0)).toEqual([undefined, "en", "uz"]);
    expect((await call(ports, STT, LEARNER, form({ file: tone(), language: "ru" }))).body.text).toBe("ru");
    expect(asked).toEqual(["ru"]);
  });

  test("of what nobody can see is an empty text, and free; a transcript without end has failed", async () => {
    const ports = await school({ speechToText: hears("\u200b\u2060") });
    expect((await call(ports, STT, LEARNER, form({ file: tone() }))).body).toMatchObject({ text: "", segments: [] });
    expect(await left(ports)).toMatchObject({ stt_requests_left: 30 });
    const endless = await school({ speechToText: hears("so ".repeat(20_000)) });
    expect((await call(endless, STT, LEARNER, form({ file: tone() }))).body.code).toBe("recognition_failed");
    expect(await left(endless)).toMatchObject({ stt_requests_left: 30 });
  });

  test("of silence is an empty text, and free", async () => {
    const ports = await school();
    const { status, body } = await call(ports, STT, LEARNER, form({ file: tone(2, 0) }));
    expect([status, body.text, body.segments]).toEqual([200, "", []]);
    expect(await left(ports)).toMatchObject({ stt_requests_left: 30 });
  });

  test.each([
    ["no file", { language: "en" }, "invalid_input"],
    ["no sound", { file: new File(["x".repeat(3000)], "a.wav") }, "unsupported_audio"],
    ["an empty file", { file: new File([], "a.wav") }, "audio_empty"],
    ["a language that is none", { file: tone(), language: "English" }, "invalid_input"],
  ])("of %s is refused and costs nothing", async (_, fields: Record<string, string | Blob>, code) => {
    const ports = await school();
    expect((await call(ports, STT, LEARNER, form(fields))).body.code).toBe(code);
    expect(await left(ports)).toMatchObject({ stt_requests_left: 30 });
  });

  test("that the recogniser fails gives the unit back; without one it is 503", async () => {
    const broken = hears("", () => Promise.reject(new Error("crash")));
    const ports = await school({ speechToText: broken });
    expect((await call(ports, STT, LEARNER, form({ file: tone() }))).status).toBe(500);
    expect(await left(ports)).toMatchObject({ stt_requests_left: 30 });
    const without = await school({ speechToText: null });
    expect((await call(without, STT, LEARNER, form({ file: tone() }))).body).toMatchObject({
      status: 503,
      code: "recognition_unavailable",
    });
  });

  test("under one Idempotency-Key is done once", async () => {
    const ports = await school();
    const init = { ...form({ file: tone() }), headers: { "idempotency-key": "stt-1" } };
    const first = await call(ports, STT, LEARNER, init);
    expect((await call(ports, STT, LEARNER, init)).body).toEqual(first.body);
    expect(await left(ports)).toMatchObject({ stt_requests_left: 29 });
  });
});

test("anybody may read which languages are understood; without a recogniser there are none", async () => {
  const { body } = await call(await school(), "/api/v1/ai/stt/languages");
  expect(body).toMatchObject({ engine: "fake", languages: [{ code: "en", name: "English" }, {}, {}] });
  const without = await call(await school({ speechToText: null }), "/api/v1/ai/stt/languages");
  expect(without.body).toEqual({ engine: null, languages: [] });
});
