import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/domain/errors.ts";
import { baseLanguage, languageName } from "../../src/domain/language_tags.ts";
import { chosenVoice } from "../../src/domain/voices.ts";

const voice = (id: string, language: string) => ({ id, language, name: id, engine: id.charAt(0) });
const VOICES = [voice("a-en", "en"), voice("a-en-gb", "en"), voice("b-en-us", "en"), voice("b-no", "no")];
const chosen = (language: string, id?: string) => chosenVoice(VOICES, { language, voice: id }).id;

test.each([
  ["uz", "uz"],
  ["UZ", "uz"],
  ["uz_UZ", "uz"],
  ["uz-Cyrl-UZ", "uz"],
  ["nb-NO", "no"],
  ["fil", "tl"],
  ["", ""],
])("the language of %j is %j", (tag, language) => expect(baseLanguage(tag)).toBe(language));

test("a language has an English name; a code of none is its own", () => {
  expect(["uz", "en-gb", "kaa", "xx"].map(languageName)).toEqual(["Uzbek", "British English", "Kara-Kalpak", "xx"]);
});

describe("of several voices", () => {
  test("the first one speaks its language", () => expect(chosen("en")).toBe("a-en"));

  test("that of the region is taken, where the engine that is asked first has one", () => {
    expect(["en-GB", "en_us", "en-AU", "nb"].map((tag) => chosen(tag))).toEqual(["a-en-gb", "a-en", "a-en", "b-no"]);
  });

  test("one is named, if it speaks the language", () => {
    expect(chosen("en-GB", "b-en-us")).toBe("b-en-us");
    expect(() => chosen("en", "b-no")).toThrow(
      new AppError("voice_unavailable", { language: "en", voice: "b-no", languages: ["en", "no"] }),
    );
  });

  test("none speaks what none knows, and the languages there are are told", () => {
    const refusal = () => chosen("tlh");
    expect(refusal).toThrow("voice_unavailable");
    expect(refusal).toThrow(expect.objectContaining({ params: { language: "tlh", languages: ["en", "no"] } }));
  });
});
