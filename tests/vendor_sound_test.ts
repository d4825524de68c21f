import { describe, expect, test } from "bun:test";
import { geminiSpeechToText } from "../src/adapters/ai/gemini_speech.ts";
import { geminiVoice } from "../src/adapters/ai/gemini_voice.ts";
import { childMp3 } from "../src/adapters/ai/mp3.ts";
import { openAiSpeechToText } from "../src/adapters/ai/openai_speech.ts";
import { stretches, wavOf } from "../src/adapters/ai/sent_sound.ts";
import type { Patience } from "../src/adapters/ai/vendor.ts";
import { readWav } from "../src/adapters/audio/wav.ts";
import type { ErrorCode } from "../src/domain/errors.ts";
import { textToSpeechContract } from "./contracts/voice.ts";
import { until } from "./support/processes.ts";
import { joined } from "./support/recordings.ts";
import { FAULT_NAMES, FAULTS, lastOf } from "./support/vendor_stub.ts";
import {
  gemini,
  kept,
  ofGemini,
  ofOpenAi,
  ollama,
  openAi,
  outcomeOf,
  QUICK,
  SHORT,
  spoken,
  useVendors,
  VENDORS,
} from "./support/vendors.ts";

// Recordings that vendors write down, and texts that they read aloud.

useVendors();

// With the encoder that the server has.
textToSpeechContract("gemini", () =>
  geminiVoice({ ...ofGemini(QUICK, "gemini-2.5-flash-preview-tts"), encoder: childMp3() }),
);

describe("recordings are sent", () => {
  test("as WAV of 16 bits", () => {
    const { coding, rate, frames, channels } = readWav(wavOf(spoken));
    expect({ coding, rate, frames, channels }).toEqual({
      coding: "i16",
      rate: 16_000,
      frames: spoken.length,
      channels: 1,
    });
    expect(wavOf(new Float32Array([2, -2])).slice(44)).toEqual(new Uint8Array([255, 127, 1, 128]));
  });

  test.each(["gemini", "openai"])(
    "to %s without the silence, and not at all where there is nothing else",
    async (name) => {
      const { stub, ears } = VENDORS[name] ?? { stub: gemini, ears: () => geminiSpeechToText(ofGemini()) };
      const before = stub.calls.length;
      expect(await ears().transcribe(new Float32Array(160_000))).toMatchObject({ text: "", words: [] });
      expect(stub.calls.length).toBe(before);
      const silence = new Float32Array(10 * 16_000);
      const { words } = await ears().transcribe(joined([silence, spoken, silence]));
      expect(stub.calls.at(-1)?.sound_s).toBeWithin(1, spoken.length / 16_000 + 0.6);
      expect(words[0]?.start_ms).toBeGreaterThan(9000);
      expect(words.at(-1)?.end_ms).toBeLessThan(10_500 + spoken.length / 16);
    },
  );

  test("in pieces that fit a request, cut at pauses, ten minutes no slower than four", async () => {
    const count = Math.ceil((10 * 60 * 16_000) / (spoken.length + 8000));
    const long = joined(
      Array.from({ length: count }, () => spoken),
      0.5,
    ).subarray(0, 600 * 16_000);
    const cut = stretches(long);
    expect(cut.length).toBeWithin(3, 5);
    for (const { from, to } of cut) expect(to - from).toBeLessThanOrEqual(240 * 16_000);
    let n = 0;
    gemini.hears = () => `Part ${++n} of it`;
    const { text, words } = await (VENDORS.gemini?.ears() ?? geminiSpeechToText(ofGemini())).transcribe(long);
    expect(text.split(" ").length).toBe(cut.length * 4);
    expect(words.at(-1)?.end_ms).toBeGreaterThan(590_000);
    for (const call of gemini.calls.slice(-cut.length))
      expect(JSON.stringify(call.body).length).toBeLessThan(18_000_000);
  });

  test("with the language that is forced, and with none that the vendor does not know", async () => {
    await VENDORS.gemini?.ears().transcribe(spoken, { language: "uz" });
    expect(gemini.calls.at(-1)?.language).toBe("uz");
    expect((await VENDORS.openai?.ears().transcribe(spoken, { language: "uz" }))?.language).toBe("uz");
    expect(openAi.calls.at(-1)?.language).toBe("uz");
    const known = openAiSpeechToText({ ...ofOpenAi(openAi), baseUrl: "https://api.openai.com/v1" }).languages;
    expect(known).toContain("ru");
    expect(known).not.toContain("uz");
  });

  test("and the words have the vendor's own times where it gives any, else equal shares", async () => {
    const text = "One two, three — four.";
    openAi.hears = () => text;
    ollama.hears = () => text;
    for (const name of ["openai", "ollama"]) {
      const heard = await VENDORS[name]?.ears().transcribe(spoken);
      expect(heard?.text).toBe(text);
      expect(heard?.words.map((word) => word.text)).toEqual(["One", "two", "three", "four"]);
      expect(heard?.language).toBe("en");
      for (const { confidence } of heard?.words ?? []) expect(confidence).toBe(0.5);
    }
  });
});

describe("gemini's voice", () => {
  const encoded: { samples: Int16Array; rate: number }[] = [];
  const encoder = {
    encode: async (samples: Int16Array, rate: number) => {
      encoded.push({ samples, rate });
      return new Uint8Array([1]);
    },
    stop: async () => {},
  };
  const voice = (patience: Patience = QUICK) =>
    kept(geminiVoice({ ...ofGemini(patience, "gemini-2.5-flash-preview-tts"), encoder }));
  const TEXT = "Good morning. ".repeat(40);

  test("reads a long text in portions, each of whole sentences, and loses none", async () => {
    encoded.length = 0;
    const before = gemini.calls.length;
    const { voice: who, sound } = await voice().speak(TEXT, { language: "en-US" });
    expect(who).toMatchObject({ id: "gemini-en", language: "en" });
    const sounds = await Array.fromAsync(sound);
    const parts = gemini.calls.slice(before).map((call) => lastOf(call).replace(/^Read this aloud.*\n\n/, ""));
    expect(sounds).toHaveLength(parts.length);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join(" ")).toBe(TEXT.trim());
    for (const part of parts) expect(part).toEndWith(".");
    expect(encoded.map(({ rate }) => rate)).toEqual(parts.map(() => 24_000));
    expect(encoded[0]?.samples.length).toBeGreaterThan(24_000);
  });

  test("leaving the loop ends what is being made", async () => {
    gemini.first_token_ms = 300;
    const { sound } = await voice().speak(TEXT, { language: "en" });
    for await (const _ of sound) {
      expect(await until(() => gemini.calls.at(-1)?.isOver === false, 200)).toBe(true);
      break;
    }
    expect(await until(() => gemini.calls.at(-1)?.isLeft === true, 2000)).toBe(true);
  });

  test("speaks no Uzbek, and nothing that cannot be said", async () => {
    expect(await outcomeOf(voice().speak("Salom", { language: "uz" }))).toBe("voice_unavailable");
    expect(await outcomeOf(voice().speak("Hello", { language: "en", voice: "espeak-en" }))).toBe("voice_unavailable");
    expect(await outcomeOf(voice().speak("… —", { language: "en" }))).toBe("speech_failed");
    const signal = AbortSignal.abort();
    expect(await outcomeOf(voice().speak("Hello", { language: "en", signal }))).toBe("speech_failed");
  });

  test.each(FAULT_NAMES)("of a vendor that misbehaves (%s) fails as an answer would, or as speech", async (fault) => {
    Object.assign(gemini, { fault, retry_after_s: fault === "overloaded" ? 42 : 0.1 });
    const wanted = { blocked: "ai_failed", wrong_shape: null }[fault as string];
    const speech = voice(fault === "hang" ? SHORT : QUICK).speak("Hello there", { language: "en" });
    expect(await outcomeOf(speech)).toBe(wanted === undefined ? FAULTS[fault] : (wanted as ErrorCode | null));
  });
});
