import { afterAll, describe, expect, test } from "bun:test";
import { measureMp3, mp3Start } from "../../src/adapters/audio/mp3.ts";
import type { Speech, TextToSpeech } from "../../src/application/ports/speech.ts";
import { AppError } from "../../src/domain/errors.ts";

/** All of a speech, as one file. */
export async function wholeOf({ sound }: Speech): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of sound) parts.push(part);
  return Buffer.concat(parts);
}

const DOCUMENTED = new Set(
  "voice_unavailable speech_failed busy ai_overloaded ai_unavailable ai_timeout ai_failed".split(" "),
);

/** The code that a call is refused with; what is no `AppError` of the port is none. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "no refusal",
    (error) => (error instanceof AppError && DOCUMENTED.has(error.code) ? error.code : `undocumented: ${error}`),
  );

const SENTENCE = "She walks to school every morning, and she likes it.";

/** What every TextToSpeech adapter that speaks English must do. */
export function textToSpeechContract(name: string, open: () => TextToSpeech) {
  describe(`${name} keeps the TextToSpeech contract`, () => {
    const port = open();
    afterAll(() => port.stop());
    const speak = (text: string, more: { voice?: string; signal?: AbortSignal } = {}) =>
      port.speak(text, { language: "en", ...more });

    test("every voice has an id of its own, a language, a name and an engine", () => {
      expect(port.voices.length).toBeGreaterThan(0);
      expect(new Set(port.voices.map(({ id }) => id)).size).toBe(port.voices.length);
      for (const { id, language, name, engine } of port.voices) {
        expect([id, language, name, engine].every(Boolean)).toBe(true);
        expect(language).toMatch(/^[a-z]{2,3}$/);
      }
    });

    test("the same text is the same MP3, from its first byte, and longer text is more of it", async () => {
      const first = await wholeOf(await speak(SENTENCE));
      expect(mp3Start(first)).toBe(0);
      expect(measureMp3(first)).toBeWithin(1, 10);
      expect(first.equals(await wholeOf(await speak(SENTENCE)))).toBe(true);
      const longer = await wholeOf(await speak(`${SENTENCE} ${SENTENCE} ${SENTENCE}`));
      expect(measureMp3(longer)).toBeGreaterThan(2 * measureMp3(first));
    });

    test("5 000 characters come in pieces that are one file", async () => {
      const { sound } = await speak(`${SENTENCE} `.repeat(100).slice(0, 5000));
      const parts: Uint8Array[] = [];
      for await (const part of sound) parts.push(part);
      expect(parts.length).toBeGreaterThan(1);
      const all = Buffer.concat(parts);
      expect(mp3Start(all)).toBe(0);
      expect(measureMp3(all)).toBeWithin(200, 600);
    }, 60_000);

    test("a tag's region and spelling do not matter, and a voice can be asked for by its id", async () => {
      for (const language of ["EN", "en-US", "en_GB", "en-Latn-AU"]) {
        expect((await port.speak(SENTENCE, { language })).voice.language).toBe("en");
      }
      for (const voice of port.voices.filter(({ language }) => language === "en")) {
        expect((await speak(SENTENCE, { voice: voice.id })).voice).toEqual(voice);
      }
    });

    test("nothing that can be said is refused", async () => {
      for (const text of ["", "  \n", "...", "?!", "😀", "\u200B", "\ud83d"]) {
        expect(await codeOf(speak(text))).toBe("speech_failed");
      }
    });

    test("a language or a voice that is not there is refused with the languages there are", async () => {
      expect(await codeOf(port.speak(SENTENCE, { language: "xx" }))).toBe("voice_unavailable");
      expect(await codeOf(speak(SENTENCE, { voice: "nobody" }))).toBe("voice_unavailable");
      const refused = await port.speak(SENTENCE, { language: "tlh" }).catch((error) => error);
      expect(refused.params).toMatchObject({ language: "tlh", languages: expect.arrayContaining(["en"]) });
    });

    test("a signal that is aborted before or in the middle ends it, and the next one is heard", async () => {
      expect(await codeOf(speak(SENTENCE, { signal: AbortSignal.abort() }))).not.toBe("no refusal");
      const abort = new AbortController();
      const speech = await speak(`${SENTENCE} `.repeat(40), { signal: abort.signal });
      let heard = 0;
      const listening = (async () => {
        for await (const _ of speech.sound) if (++heard === 1) abort.abort();
      })();
      expect(await codeOf(listening)).not.toStartWith("undocumented");
      expect(heard).toBeLessThan(10);
      expect((await wholeOf(await speak(SENTENCE))).length).toBeGreaterThan(1000);
    });

    test("who leaves the loop leaves the engine to the next", async () => {
      const speech = await speak(`${SENTENCE} `.repeat(90));
      for await (const _ of speech.sound) break;
      expect((await wholeOf(await speak(SENTENCE))).length).toBeGreaterThan(1000);
    });

    test("several who listen at the same time each hear their own", async () => {
      const texts = ["One.", "One, two and three.", `${SENTENCE} ${SENTENCE} ${SENTENCE} ${SENTENCE} ${SENTENCE}`];
      const alone: Buffer[] = [];
      for (const text of texts) alone.push(await wholeOf(await speak(text)));
      const together = await Promise.all(texts.map(async (text) => wholeOf(await speak(text))));
      expect(together.map((sound, i) => alone[i]?.equals(sound))).toEqual([true, true, true]);
    });

    test("texts that were made to break it are spoken or refused, nothing else", async () => {
      const texts = [
        "a".repeat(1000),
        "a\u0301".repeat(500),
        "1".repeat(500),
        "a\0b",
        "[[hello]] <break/>",
        "א".repeat(900),
      ];
      for (const text of texts) {
        const code = await codeOf(speak(text).then(wholeOf));
        expect(["no refusal", "speech_failed"]).toContain(code);
      }
      expect((await wholeOf(await speak(SENTENCE))).length).toBeGreaterThan(1000);
    }, 60_000);
  });
}
