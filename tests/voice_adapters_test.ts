import { afterAll, describe, expect, test } from "bun:test";
import Gtts from "gtts";
import { espeak } from "../src/adapters/ai/espeak.ts";
import { espeakReady } from "../src/adapters/ai/espeak_ready.ts";
import { fakeTextToSpeech } from "../src/adapters/ai/fake_voice.ts";
import { gtts } from "../src/adapters/ai/gtts.ts";
import { GTTS_HEADERS, GTTS_VOICES, gttsPath } from "../src/adapters/ai/gtts_request.ts";
import { childMp3 } from "../src/adapters/ai/mp3.ts";
import { chainedVoices } from "../src/adapters/ai/voice_chain.ts";
import { measureMp3, mp3Start } from "../src/adapters/audio/mp3.ts";
import type { TextToSpeech } from "../src/application/ports/speech.ts";
import { AppError } from "../src/domain/errors.ts";
import { codeOf, textToSpeechContract, wholeOf } from "./contracts/voice.ts";
import { gttsStub, type Mood, soundOf } from "./support/gtts_stub.ts";
import { childrenOf, isRunning, until } from "./support/processes.ts";

const google = await gttsStub();
afterAll(() => google[Symbol.asyncDispose]());

textToSpeechContract("fake", fakeTextToSpeech);
textToSpeechContract("espeak", espeak);
textToSpeechContract("gtts", () => gtts({ baseUrl: google.url }));
textToSpeechContract("a chain", () => chainedVoices([gtts({ baseUrl: google.url }), espeak()]));

/** A stub of its own, and a voice that is patient for 150 ms with it. */
async function opened(mood: Mood, { from = 0, askAgainMs = 60_000 } = {}) {
  const stub = await gttsStub();
  Object.assign(stub, { mood, from });
  return { stub, voice: gtts({ baseUrl: stub.url, answerMs: 150, askAgainMs }) };
}

const FAULTS: readonly (readonly [Mood, string])[] = [
  ["429", "ai_overloaded"],
  ["500", "ai_unavailable"],
  ["400", "ai_failed"],
  ["html", "ai_failed"],
  ["text", "ai_failed"],
  ["empty", "ai_failed"],
  ["redirect", "ai_failed"],
  ["hang", "ai_timeout"],
  ["slow body", "ai_timeout"],
];

const LONG = "She walks to school every morning, and she likes it. ".repeat(12);

describe("gtts", () => {
  test.each(FAULTS)("%s is refused with %s, and not taken for sound", async (mood, code) => {
    const { stub, voice } = await opened(mood);
    await using _ = stub;
    expect(await codeOf(voice.speak("Hello there.", { language: "en" }))).toBe(code);
    expect(stub.elsewhere.count).toBe(0);
  });

  test.each(["cut", "cut short"] as const)("an answer that is %s is not given out as a whole one", async (mood) => {
    const { stub, voice } = await opened(mood);
    await using _ = stub;
    expect(await codeOf(voice.speak("Hello there.", { language: "en" }))).toMatch(/^ai_(failed|unavailable)$/);
  });

  test("a server that is not there is refused at once", async () => {
    const stub = await gttsStub();
    await stub[Symbol.asyncDispose]();
    const voice = gtts({ baseUrl: stub.url });
    expect(await codeOf(voice.speak("Hello.", { language: "en" }))).toBe("ai_unavailable");
  });

  test("what fails later throws in the loop, after what was heard", async () => {
    const { stub, voice } = await opened("500", { from: 2 });
    await using _ = stub;
    const { sound } = await voice.speak(LONG, { language: "en" });
    let heard = 0;
    const listening = (async () => {
      for await (const part of sound) heard += part.length;
    })();
    expect(await codeOf(listening)).toBe("ai_unavailable");
    expect(heard).toBeGreaterThan(1000);
  });

  test("one that is away is left alone, and asked again when the time is over", async () => {
    const { stub, voice } = await opened("500", { askAgainMs: 300 });
    await using _ = stub;
    const speak = () => codeOf(voice.speak("Hello.", { language: "en" }));
    expect(await speak()).toBe("ai_unavailable");
    for (let i = 0; i < 5; i++) expect(await speak()).toBe("ai_unavailable");
    expect(stub.asked).toHaveLength(1);
    stub.mood = "speak";
    const end = Date.now() + 5000;
    while ((await speak()) !== "no refusal" && Date.now() < end) await Bun.sleep(20);
    expect(stub.asked).toHaveLength(2);
  });

  test("a language that it refuses is not taken for a service that is away", async () => {
    const { stub, voice } = await opened("400");
    await using _ = stub;
    await codeOf(voice.speak("Salve.", { language: "la" }));
    stub.mood = "speak";
    expect(await codeOf(voice.speak("Hello.", { language: "en" }))).toBe("no refusal");
  });

  test("a text is asked for in order, in pieces below 200 characters that are the whole of it", async () => {
    const { stub, voice } = await opened("speak");
    await using _ = stub;
    const { sound } = await voice.speak(LONG, { language: "en-GB" });
    const heard: Uint8Array[] = [];
    for await (const part of sound) heard.push(part);
    const asked = stub.asked.map((query) => query.get("q") ?? "");
    expect(asked.join(" ")).toBe(LONG.trim());
    expect(Math.max(...asked.map(({ length }) => length))).toBeLessThanOrEqual(200);
    expect(Buffer.concat(heard).equals(Buffer.concat(asked.map(soundOf)))).toBe(true);
    expect(stub.asked.map((query) => [query.get("tl"), query.get("idx"), query.get("total")])).toEqual(
      asked.map((_, i) => ["en-uk", String(i), String(asked.length)]),
    );
  });

  test("no more than one piece is asked for ahead, and leaving gives up what is on its way", async () => {
    const { stub, voice } = await opened("hang", { from: 1 });
    await using _ = stub;
    const { sound } = await voice.speak(LONG, { language: "en" });
    for await (const part of sound) {
      expect(part.length).toBeGreaterThan(0);
      expect(await until(() => stub.asked.length === 2, 2000)).toBe(true);
      break;
    }
    expect(await until(() => stub.left.count === 1, 2000)).toBe(true);
    expect(stub.asked).toHaveLength(2);
  });

  test("its languages and its query are those of the package", () => {
    const known = Object.keys(new Gtts("a", "en").LANGUAGES);
    const ours = GTTS_VOICES.map(
      (voice) => new URL(gttsPath(["a"], 0, voice), "http://x").searchParams.get("tl") ?? "",
    );
    expect(ours.toSorted()).toEqual(known.toSorted());
    const one = new Gtts("Hello, my friend.", "en-us");
    const ourVoice = GTTS_VOICES.find(({ id }) => id === "gtts-en-us") ?? GTTS_VOICES[0];
    const query = ourVoice && new URL(gttsPath(["Hello, my friend."], 0, ourVoice), "http://x").searchParams;
    const theirs = Object.entries(one.getPayload("Hello, my friend.", 0)).map(([key, value]) => [key, String(value)]);
    expect(Object.fromEntries(query ?? [])).toMatchObject(Object.fromEntries(theirs.filter(([key]) => key !== "tk")));
    expect(query?.get("tk")).toMatch(/^\d+\.\d+$/);
    expect(one.getHeader()).toEqual(GTTS_HEADERS);
  });
});

/** A voice of a few languages that speaks or fails. */
function voiceOf(engine: string, languages: readonly string[], failure?: AppError, later = false): TextToSpeech {
  const voices = languages.map((language) => ({ id: `${engine}-${language}`, language, name: engine, engine }));
  return {
    voices,
    speak: async (_, { language, voice }) => {
      const found = voices.find((one) =>
        voice ? one.id === voice : one.language === language.slice(0, 2).toLowerCase(),
      );
      if (!found) throw new AppError("voice_unavailable");
      if (failure && !later) throw failure;
      const sound = (async function* () {
        yield new Uint8Array([1]);
        if (failure) throw failure;
      })();
      return { voice: found, sound };
    },
    stop: async () => {},
  };
}

describe("a chain of voices", () => {
  const away = new AppError("ai_unavailable", { retry_after: 60 });
  const spokenBy = async (port: TextToSpeech, language: string, voice?: string) =>
    (await port.speak("Salom", { language, voice })).voice.id;

  test("the first that has the language speaks", async () => {
    const chain = chainedVoices([voiceOf("a", ["en"]), voiceOf("b", ["en", "uz"])]);
    expect(await spokenBy(chain, "en")).toBe("a-en");
    for (const tag of ["uz", "UZ", "uz_UZ", "uz-Cyrl-UZ"]) expect(await spokenBy(chain, tag)).toBe("b-uz");
    expect(chain.voices.map(({ id }) => id)).toEqual(["a-en", "b-en", "b-uz"]);
  });

  test("one that fails before the first sound hands over; the last failure is told", async () => {
    expect(await spokenBy(chainedVoices([voiceOf("a", ["en"], away), voiceOf("b", ["en"])]), "en")).toBe("b-en");
    const none = chainedVoices([voiceOf("a", ["en"], away), voiceOf("b", ["en"], new AppError("busy"))]);
    expect(await codeOf(none.speak("Hello", { language: "en" }))).toBe("busy");
  });

  test("one that fails later fails in the loop, and nobody begins again", async () => {
    const chain = chainedVoices([voiceOf("a", ["en"], away, true), voiceOf("b", ["en"])]);
    expect(await codeOf(chain.speak("Hello", { language: "en" }).then(wholeOf))).toBe("ai_unavailable");
  });

  test("a voice that is asked for by name comes first, and another one is better than none", async () => {
    expect(await spokenBy(chainedVoices([voiceOf("a", ["en"]), voiceOf("b", ["en"])]), "en", "b-en")).toBe("b-en");
    expect(await spokenBy(chainedVoices([voiceOf("a", ["en"]), voiceOf("b", ["en"], away)]), "en", "b-en")).toBe(
      "a-en",
    );
    const chain = chainedVoices([voiceOf("a", ["en"]), voiceOf("b", ["uz"])]);
    expect(await codeOf(chain.speak("Hello", { language: "en", voice: "b-uz" }))).toBe("voice_unavailable");
  });

  test("who has left is not spoken to by the next one", async () => {
    const abort = new AbortController();
    const leaving: TextToSpeech = {
      ...voiceOf("a", ["en"]),
      speak: async () => {
        abort.abort();
        throw away;
      },
    };
    const chain = chainedVoices([leaving, voiceOf("b", ["en"])]);
    expect(await codeOf(chain.speak("Hello", { language: "en", signal: abort.signal }))).toBe("ai_unavailable");
  });

  test("a language that nobody speaks is refused with those there are", async () => {
    const chain = chainedVoices([voiceOf("a", ["en", "ru"]), voiceOf("b", ["uz", "en"])]);
    await expect(chain.speak("Nuqneh", { language: "tlh" })).rejects.toMatchObject({
      code: "voice_unavailable",
      params: { language: "tlh", languages: ["en", "ru", "uz"] },
    });
  });

  test.each(FAULTS)("Google with %s: the learner hears espeak", async (mood) => {
    const { stub, voice } = await opened(mood);
    await using _ = stub;
    const chain = chainedVoices([voice, local]);
    const speech = await chain.speak("Hello there.", { language: "en" });
    expect(speech.voice.engine).toBe("espeak-ng");
    expect(measureMp3(await wholeOf(speech))).toBeGreaterThan(0.5);
  });
});

const local = espeak();
afterAll(() => local.stop());
const secondsOf = async (port: TextToSpeech, text: string, language: string, voice?: string) =>
  measureMp3(await wholeOf(await port.speak(text, { language, voice })));

describe("espeak", () => {
  test("each of its voices can be heard", async () => {
    const silent: string[] = [];
    for (const { id, language } of local.voices) {
      if (!((await secondsOf(local, "1 2 3 4", language, id)) > 0.6)) silent.push(id);
    }
    expect(silent).toEqual([]);
    expect(local.voices.filter(({ language }) => language === "en").map(({ id }) => id)).toEqual([
      "espeak-en-us",
      "espeak-en-gb",
    ]);
    expect(local.voices.find(({ id }) => id === "espeak-uz")?.name).toBe("Uzbek");
  }, 60_000);

  test("without its package it has no voices, and says how to get them", async () => {
    const none = espeak({ ready: false });
    expect(none.voices).toEqual([]);
    expect(await codeOf(none.speak("Salom", { language: "uz" }))).toBe("voice_unavailable");
    expect(espeakReady()).toEqual({ ok: true });
    expect(espeakReady("/nowhere/espeak-ng.data")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("install"),
    });
  });

  test("every spelling of an Uzbek text sounds the same", async () => {
    const heard = async (text: string) => wholeOf(await local.speak(text, { language: "uz" }));
    const wanted = await heard("Oʻzbekistonda gʻalaba maʼnosi.");
    for (const text of [
      "O'zbekistonda g'alaba ma'nosi.",
      "O‘zbekistonda g‘alaba ma’nosi.",
      "O`zbekistonda g`alaba ma`nosi.",
      "Ўзбекистонда ғалаба маъноси.",
    ]) {
      expect((await heard(text)).equals(wanted)).toBe(true);
    }
    expect(
      (await heard("2024-yil, 25 ta")).equals(await heard("ikki ming yigirma toʻrtinchi yil, yigirma besh ta")),
    ).toBe(true);
  });

  test("a child that was killed costs a listener one call, and the next is served by another", async () => {
    const port = espeak();
    const before = new Set(childrenOf(process.pid));
    await secondsOf(port, "Hello.", "en");
    const [child = 0] = childrenOf(process.pid).filter((pid) => !before.has(pid));
    process.kill(child, "SIGKILL");
    expect(await until(() => !isRunning(child), 2000)).toBe(true);
    await codeOf(port.speak("Hello.", { language: "en" }));
    expect(await secondsOf(port, "Hello.", "en")).toBeGreaterThan(0.3);
    await port.stop();
  });

  test("an idle child ends, and the next call has a new one", async () => {
    const port = espeak({ idleMs: 100 });
    const before = new Set(childrenOf(process.pid));
    await secondsOf(port, "Hello.", "en");
    const own = () => childrenOf(process.pid).filter((pid) => !before.has(pid));
    expect(await until(() => own().every((pid) => !isRunning(pid)), 5000)).toBe(true);
    expect(await secondsOf(port, "Hello.", "en")).toBeGreaterThan(0.3);
    await port.stop();
  });

  test("more pieces than it can hold are refused, and those who came first are served", async () => {
    const port = espeak({ queue: 2 });
    const codes = await Promise.all([1, 2, 3, 4, 5].map(() => codeOf(port.speak("Hello.", { language: "en" }))));
    expect(codes.toSorted()).toEqual(["busy", "busy", "no refusal", "no refusal", "no refusal"]);
    await port.stop();
  });
});

describe("the MP3 encoder", () => {
  const mp3 = childMp3();
  afterAll(() => mp3.stop());
  const tone = (seconds: number, rate: number) =>
    Int16Array.from({ length: seconds * rate }, (_, i) => 9000 * Math.sin((i * 2 * Math.PI * 440) / rate));

  test.each([16_000, 22_050, 24_000, 44_100, 23_000])("samples at %d Hz keep their length", async (rate) => {
    const sound = await mp3.encode(tone(2, rate), rate);
    expect(mp3Start(sound)).toBe(0);
    expect(measureMp3(sound)).toBeWithin(2, 2.2);
  });

  test("several after one another are one file", async () => {
    const parts = [await mp3.encode(tone(1, 24_000), 24_000), await mp3.encode(tone(2, 24_000), 24_000)];
    expect(measureMp3(Buffer.concat(parts))).toBeWithin(3, 3.3);
  });

  test("no samples are no sound", async () => {
    expect(await mp3.encode(new Int16Array(), 24_000)).toHaveLength(0);
  });
});
