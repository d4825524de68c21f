import { describe, expect, test } from "bun:test";
import { AppError, type ErrorCode } from "../src/domain/errors.ts";
import { STATUS } from "../src/http/errors.ts";
import { en } from "../src/http/messages/en.ts";
import { say, sayFailure, sayIssue, sayWarning } from "../src/http/messages/mod.ts";
import { uz } from "../src/http/messages/uz.ts";

type Section = Record<string, string>;
const SECTIONS = ["errors", "issues", "notices", "failures", "offers", "notes"] as const;

/** The guide's sentences: the same in each language, to the code point. */
const GUIDE: Section = { rate_limited: "Juda ko\u2018p so\u2018rov" };
for (const [code, sentence] of [
  ["ai_not_configured", "AI service is not configured"],
  ["quota_exceeded", "quota exceeded"],
] as const)
  if (code in uz.errors) GUIDE[code] = sentence;

const pairs = SECTIONS.flatMap((section) =>
  Object.keys(uz[section]).map((name) => ({
    name: `${section}.${name}`,
    code: name,
    uzbek: (uz[section] as Section)[name] ?? "",
    english: (en[section] as Section)[name] ?? "",
  })),
);
const placeholders = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();

test.each([...SECTIONS])("both languages have the same %s", (section) => {
  expect(Object.keys(en[section]).sort()).toEqual(Object.keys(uz[section]).sort());
});

test("every error has a status and words, and nothing else has", () => {
  expect(Object.keys(uz.errors).sort()).toEqual(Object.keys(STATUS).sort());
});

test.each(Object.entries(GUIDE))("the guide's sentence for %s is to the code point", (code, sentence) => {
  for (const language of ["uz", "en"] as const) expect(say(new AppError(code as ErrorCode), language)).toBe(sentence);
});

describe.each(pairs)("$name", ({ code, uzbek, english }) => {
  test("is one text with the same places in both languages", () => {
    expect(placeholders(english)).toEqual(placeholders(uzbek));
    expect([uzbek.trim(), english.trim()]).toEqual([uzbek, english]);
    expect([uzbek.length > 3, english.length > 3]).toEqual([true, true]);
  });

  test("has only the apostrophes of the alphabet", () => {
    if (code in GUIDE) return;
    expect(uzbek).not.toMatch(/['`´‘’]/);
    // U+02BB after o and g alone, U+02BC nowhere after them.
    expect(uzbek).not.toMatch(/(?<![oOgG])\u02bb|[oOgG]\u02bc/);
    expect(uzbek).not.toMatch(/[а-яА-ЯёЁ]/);
    expect(english).not.toMatch(/[‘’\u02bb\u02bc]/);
  });
});

test("every sentence of an error ends as a sentence", () => {
  const open = (words: { errors: Section }) =>
    Object.entries(words.errors).filter(([code, text]) => !(code in GUIDE) && !/[.!?]$/.test(text));
  expect([open(uz), open(en)]).toEqual([[], []]);
});

describe("why a submission failed", () => {
  const REASONS = [
    "recognition_unavailable",
    "recognition_failed",
    "decoding_failed",
    "file_missing",
    "unsupported_audio",
    "audio_too_long",
    "audio_too_short",
    "busy",
    "not_ready",
    "internal",
    "too_many_crashes",
    "a code of tomorrow",
  ];

  test.each(REASONS)("%s is said whole", (code) => {
    for (const language of ["uz", "en"] as const) {
      const sentence = sayFailure(code, language);
      expect(sentence).not.toMatch(/[{}…]/);
      expect(sentence.length).toBeGreaterThan(20);
    }
  });

  test.each(["internal", "busy", "decoding_failed", "not_ready", "too_many_crashes"])(
    "%s does not tell the learner to try again what only a teacher can",
    (code) => {
      expect(sayFailure(code, "en")).not.toContain("try again");
      expect(sayFailure(code, "uz")).not.toContain("qayta urining");
    },
  );
});

test("a field keeps its name, though a kind of homework is called the same", () => {
  const refused = new AppError("invalid_input", { field: "text", msg: "x" });
  expect(say(refused, "uz")).toContain("«text»");
  expect(say(new AppError("wrong_kind", { kind: "text" }), "uz")).toContain("yozma");
});

test.each(["uz", "en"] as const)("why an answer has no sound is said whole (%s)", (language) => {
  for (const code of ["voice_unavailable", "speech_failed", "speech_cut", "nothing_to_say"] as const)
    expect(sayWarning(code, language)).not.toMatch(/[{}…]/);
});

test("a missing value leaves no bare placeholder, a list is read as one", () => {
  expect(say(new AppError("too_large"), "en")).not.toContain("{");
  expect(say(new AppError("unknown_users", { user_ids: [7, 8] }), "en")).toBe("There are no such users: 7, 8.");
  expect(sayIssue({ code: "never heard of" }, "en")).toBe("has a wrong value");
  expect(sayIssue({ code: undefined }, "uz")).toBe("qiymati notoʻgʻri");
});
