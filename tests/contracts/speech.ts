import { afterAll, describe, expect, test } from "bun:test";
import type { SpeechToText } from "../../src/application/ports/speech.ts";
import { SAMPLE_RATE } from "../../src/domain/speech.ts";
import { clip } from "../support/recordings.ts";

/** What every SpeechToText adapter must do. A slow one may take up to a minute for a test. */
export function speechToTextContract(name: string, open: () => SpeechToText) {
  describe(`${name} keeps the SpeechToText contract`, () => {
    const recogniser = open();
    afterAll(() => recogniser.stop());
    const spoken = clip("librivox-0880.wav");

    test("the same samples have the same text, in an answer that names its engine", async () => {
      const first = await recogniser.transcribe(spoken, { language: "en" });
      expect(first.text).not.toBe("");
      expect(first).toMatchObject({ language: "en", engine: recogniser.engine });
      expect(await recogniser.transcribe(spoken.slice(), { language: "en" })).toEqual(first);
    }, 60_000);

    test("silence has an empty text without words", async () => {
      for (const seconds of [0, 0.1, 3]) {
        const heard = await recogniser.transcribe(new Float32Array(seconds * SAMPLE_RATE), { language: "en" });
        expect(heard).toMatchObject({ text: "", words: [] });
      }
    }, 60_000);

    test("words come in order, lie within the clip and are the text", async () => {
      const { text, words } = await recogniser.transcribe(spoken, { language: "en" });
      const plain = (value: string) => value.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, "");
      expect(words.map((word) => plain(word.text)).join(" ")).toBe(plain(text));
      let last = 0;
      for (const { start_ms, end_ms, confidence } of words) {
        expect(start_ms).toBeGreaterThanOrEqual(last);
        expect(end_ms).toBeGreaterThanOrEqual(start_ms);
        expect(confidence).toBeWithin(0, 1.000001);
        last = end_ms;
      }
      expect(last).toBeLessThanOrEqual((spoken.length / SAMPLE_RATE) * 1000);
    }, 60_000);

    test("transcribe() rejects when it is aborted, and goes on after that", async () => {
      const signal = AbortSignal.abort();
      await expect(recogniser.transcribe(spoken, { language: "en", signal })).rejects.toMatchObject({
        code: "recognition_failed",
      });
      expect((await recogniser.transcribe(spoken, { language: "en" })).text).not.toBe("");
    }, 60_000);

    test("giving up under way ends it at once, unless it was done by then", async () => {
      const abort = new AbortController();
      const call = recogniser.transcribe(spoken, { language: "en", signal: abort.signal }).then(
        () => "done",
        (error) => error.code,
      );
      await Bun.sleep(5);
      const start = performance.now();
      abort.abort();
      expect(await call).toBeOneOf(["recognition_failed", "done"]);
      expect(performance.now() - start).toBeLessThan(1000);
      expect((await recogniser.transcribe(spoken, { language: "en" })).text).not.toBe("");
    }, 60_000);

    test("the languages it knows are codes, English among them", () => {
      expect(recogniser.languages).toContain("en");
      for (const code of recogniser.languages) expect(code).toMatch(/^[a-z]{2,3}$/);
    });
  });
}
