import { describe, expect, test } from "bun:test";
import { fakeTextToSpeech } from "../../src/adapters/ai/fake_voice.ts";
import { charactersIn } from "../../src/domain/reading.ts";
import { chosenVoice } from "../../src/domain/voices.ts";
import { brokenVoice } from "../support/models.ts";
import { ADMIN, call, LEARNER, OTHER_LEARNER, post, put, type School, school } from "../support/school.ts";

const TTS = "/api/v1/ai/tts";

const left = async (ports: School, as = LEARNER) => (await call(ports, "/api/v1/ai/usage", as)).body;

async function* one(piece: Uint8Array) {
  yield piece;
}

describe("reading aloud", () => {
  const read = (ports: School, body: object, headers: Record<string, string> = {}, as = LEARNER) =>
    ports.app.request(TTS, post(body, { authorization: `Bearer ${as}.${as}`, ...headers }));
  const TEXT = "Assalomu alaykum! 👨‍👩‍👧 Oʻzbekcha é";

  test("gives MP3, costs characters as a person counts them, and nothing for the same again", async () => {
    const ports = await school();
    const first = await read(ports, { text: TEXT, language: "uz" });
    expect([first.status, first.headers.get("content-type")]).toEqual([200, "audio/mpeg"]);
    expect(first.headers.get("x-speech-engine")).toBe("fake");
    const sound = await first.bytes();
    expect(sound.length).toBeGreaterThan(1000);
    const said = "Assalomu alaykum! Oʻzbekcha é";
    expect(await left(ports)).toMatchObject({ tts_chars_left: 10_000 - charactersIn(said) });
    const again = await read(ports, { text: TEXT, language: "uz" }, {}, OTHER_LEARNER);
    expect(again.headers.get("x-speech-cached")).toBe("1");
    expect(await again.bytes()).toEqual(sound);
    expect(await left(ports, OTHER_LEARNER)).toMatchObject({ tts_chars_left: 10_000 });
    expect((await read(ports, { text: TEXT, language: "en" })).headers.get("x-speech-cached")).toBe("0");
  });

  test("is in the caller's Uzbek where no language is named, and understands `en-US`", async () => {
    const asked: string[] = [];
    const voice = fakeTextToSpeech();
    const ports = await school({
      textToSpeech: {
        ...voice,
        speak: (text, options) => {
          asked.push(options.language);
          return voice.speak(text, options);
        },
      },
    });
    await (await read(ports, { text: "Salom" })).bytes();
    await (await read(ports, { text: "Hello", language: "en-US" })).bytes();
    expect(asked).toEqual(["uz", "en-US"]);
  });

  test("keeps a region's voice apart from the others", async () => {
    const silence = fakeTextToSpeech();
    const voices = ["en-us", "en-gb"].map((tag) => ({ id: `two-${tag}`, language: "en", name: tag, engine: "two" }));
    const ports = await school({
      textToSpeech: {
        ...silence,
        voices,
        speak: async (_, wanted) => {
          const voice = chosenVoice(voices, wanted);
          return { voice, sound: one(new TextEncoder().encode(voice.name)) };
        },
      },
    });
    const heard: unknown[] = [];
    for (const language of ["en-US", "en-GB", "en-GB", "en"]) {
      const answer = await read(ports, { text: "Hello", language });
      heard.push([await answer.text(), answer.headers.get("x-speech-cached")]);
    }
    expect(heard).toEqual([
      ["en-us", "0"],
      ["en-gb", "0"],
      ["en-gb", "1"],
      ["en-us", "1"],
    ]);
  });

  test("refuses what it cannot say, in words, and takes nothing", async () => {
    const ports = await school();
    const refused = async (body: object) => (await call(ports, TTS, LEARNER, post(body))).body;
    expect(await refused({ text: "Hej", language: "sv" })).toMatchObject({
      status: 422,
      code: "voice_unavailable",
      languages: ["en", "ru", "uz"],
      detail: expect.stringContaining("en, ru, uz"),
    });
    expect((await refused({ text: "Salom", voice: "nobody" })).code).toBe("voice_unavailable");
    expect((await refused({ text: "?! — 🙂" })).code).toBe("nothing_to_say");
    for (const body of [{ text: "" }, { text: "a".repeat(5001) }, { text: "Salom", language: "../uz" }, {}])
      expect((await refused(body)).code).toBe("invalid_input");
    expect(await ports.spendings.count({})).toBe(0);
  });

  test("that fails before the first sound, or breaks off, costs nothing and is not kept", async () => {
    const early = await school({ textToSpeech: brokenVoice(fakeTextToSpeech(), "speech_failed") });
    expect((await call(early, TTS, LEARNER, post({ text: "Salom" }))).body).toMatchObject({
      status: 502,
      code: "speech_failed",
    });
    const late = await school({ textToSpeech: brokenVoice(fakeTextToSpeech(), "speech_failed", 3) });
    const answer = await read(late, { text: "Salom" });
    expect(answer.status).toBe(200);
    await expect(answer.bytes()).rejects.toThrow();
    for (const ports of [early, late]) {
      expect(await left(ports)).toMatchObject({ tts_chars_left: 10_000 });
      expect(await ports.fileStore.list()).toEqual([]);
    }
  });

  test("that the listener leaves is paid for, made to its end, and there when they come again", async () => {
    const ports = await school();
    const reader = (await read(ports, { text: "Salom" })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(await left(ports)).toMatchObject({ tts_chars_left: 9_995 });
    while ((await ports.fileStore.list()).length === 0) await Bun.sleep(1);
    const again = await read(ports, { text: "Salom" });
    expect(again.headers.get("x-speech-cached")).toBe("1");
    const whole = await (await read(await school(), { text: "Salom" })).bytes();
    expect(await again.bytes()).toEqual(whole);
    expect(await left(ports)).toMatchObject({ tts_chars_left: 9_995 });
  });

  test("that has no end and no listener is ended", async () => {
    let ended = false;
    const voice = fakeTextToSpeech();
    const endless = async function* () {
      try {
        for (;;) yield new Uint8Array(1_000_000);
      } finally {
        ended = true;
      }
    };
    const [first] = voice.voices;
    if (!first) throw new Error("no voice");
    const ports = await school({ textToSpeech: { ...voice, speak: async () => ({ voice: first, sound: endless() }) } });
    const reader = (await read(ports, { text: "Salom", language: "en" })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    while (!ended) await Bun.sleep(1);
    expect(await left(ports)).toMatchObject({ tts_chars_left: 9_995 });
    expect(await ports.fileStore.list()).toEqual([]);
  });

  test("that nobody has begun to hear is paid for too, and nothing stays reserved", async () => {
    const ports = await school();
    await (await read(ports, { text: "Salom" })).body?.cancel();
    expect(await left(ports)).toMatchObject({ tts_chars_left: 9_995 });
    expect(await ports.spendings.count({ state: "reserved" })).toBe(0);
  });

  test("takes all the characters or none", async () => {
    const ports = await school();
    await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ tts_chars_left: 4 }));
    expect((await call(ports, TTS, LEARNER, post({ text: "Salom" }))).body).toMatchObject({
      status: 403,
      detail: "quota exceeded",
      quota: "tts_chars_left",
      remaining: 4,
      needed: 5,
    });
    expect((await read(ports, { text: "Xayr" })).status).toBe(200);
  });

  test("under one Idempotency-Key is one sound and one price", async () => {
    const ports = await school();
    const key = { "idempotency-key": "tts-1" };
    const first = await read(ports, { text: "Salom" }, key);
    const again = await read(ports, { text: "Salom" }, key);
    expect(await again.bytes()).toEqual(await first.bytes());
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await read(ports, { text: "Xayr" }, key)).status).toBe(422);
    expect(await left(ports)).toMatchObject({ tts_chars_left: 9_995 });
  });
});

test("each letter that only Unicode joins into one character costs one", async () => {
  expect(charactersIn("ᄀ".repeat(1000))).toBeGreaterThan(900);
  expect(charactersIn(`क${"्क".repeat(1000)}`)).toBeGreaterThan(900);
  // What people write stays one: a syllable, a conjunct, a letter with its accents.
  expect(charactersIn("한글 स्त्री ặ")).toBe("한_글_ _स्त्री_ _ặ".split("_").length);
});

test("anybody may read which languages are spoken, and by whom", async () => {
  const { body } = await call(await school(), "/api/v1/ai/tts/voices");
  expect(body.languages).toContainEqual({ code: "uz", name: "Uzbek", engine: "fake" });
  expect(body.voices).toContainEqual({ id: "fake-en", language: "en", name: "silence", engine: "fake" });
});
