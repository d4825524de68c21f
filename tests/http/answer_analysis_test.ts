import { describe, expect, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { AppError } from "../../src/domain/errors.ts";
import { call, LEARNER, post, type School, school } from "../support/school.ts";

const PATH = "/api/v1/ai/analyze-answer";
const analyze = (ports: School, body: unknown, as?: number) => call(ports, PATH, as, post(body));

test("anyone may ask, and gets everything that can be counted", async () => {
  const ports = await school();
  const { status, body } = await analyze(ports, {
    user_response: "He go to school.",
    reference_text: "He goes to school.",
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ language: "en", word_error_rate: 0.25, missing_words: [], extra_words: [] },
    replaced: [{ expected: "goes", heard: "go" }],
    ...{ grammar: "checked", corrections: [], engine: "deterministic", analysis_version: 1 },
    measures: { word_count: 4, distinct_words: 4, sentence_count: 1 },
  });
  expect(body.similarity).toBeWithin(75, 100);
  expect(body.vocabulary.levels.A1).toBe(4);
  expect(body.differences[1]).toEqual({
    ...{ kind: "replaced", expected: "goes", heard: "go" },
    ...{ start: 3, end: 7, heard_start: 3, heard_end: 5 },
  });
  expect(body.advice.length).toBeWithin(1, 5);
  expect((await analyze(ports, { user_response: "He go." }, LEARNER)).status).toBe(200);
});

test("the guide's shortest request will do: nothing is compared", async () => {
  const { body } = await analyze(await school(), { user_response: "I go to school." });
  expect(body).toMatchObject({ similarity: null, word_error_rate: null, differences: null, missing_words: null });
});

test.each([null, "", "   ", "…!"])("a reference without words (%p) is none", async (reference_text) => {
  const { status, body } = await analyze(await school(), { user_response: "I go.", reference_text, language: null });
  expect({ status, similarity: body.similarity }).toEqual({ status: 200, similarity: null });
});

test.each([
  ["an empty answer", { user_response: "" }],
  ["a blank one", { user_response: " \n\t " }],
  ["none", { reference_text: "I go." }],
  ["no text", { user_response: 5 }],
  ["one too long", { user_response: "a".repeat(5_001) }],
  ["a reference too long", { user_response: "a", reference_text: "a".repeat(5_001) }],
  ["control characters", { user_response: "a\u0000b" }],
  ["a language that is no code", { user_response: "a", language: "english" }],
])("%s is refused, in Uzbek", async (_, body) => {
  const refused = await analyze(await school(), body);
  expect(refused.body).toMatchObject({ status: 422, code: "invalid_input" });
  expect(refused.body.detail).toMatch(/maydoni:/);
});

test("5 000 characters on both sides are welcome", async () => {
  const long = "I am happy and I go to the big school. ".repeat(200).slice(0, 5_000);
  const { status, body } = await analyze(await school(), { user_response: long, reference_text: long });
  expect({ status, similarity: body.similarity }).toEqual({ status: 200, similarity: 100 });
});

describe("languages", () => {
  test("Uzbek in Cyrillic equals Uzbek in Latin", async () => {
    const { body } = await analyze(await school(), {
      user_response: "Мен ҳар куни мактабга бораман.",
      reference_text: "Men har kuni maktabga boraman.",
      language: "uz",
    });
    expect(body).toMatchObject({ similarity: 100, grammar: "not_supported", vocabulary: null, guessed_language: "uz" });
  });

  test("a language that nobody here knows is compared all the same", async () => {
    const { body } = await analyze(await school(), {
      user_response: "Je vais à l'école.",
      reference_text: "Je vais à l’école.",
      language: "fr",
    });
    expect(body).toMatchObject({ similarity: 100, grammar: "not_supported", vocabulary: null });
  });
});

test("the 61st call within a minute is too much", async () => {
  const ports = await school({ clock: memoryClock() });
  const burst = await Promise.all(Array.from({ length: 61 }, () => analyze(ports, { user_response: " " })));
  expect(burst.filter(({ status }) => status === 429)).toHaveLength(1);
});

test("a checker that has too much to do is 503; a broken one is not", async () => {
  const failing = (code: "busy" | "internal") => {
    const grammar = { check: () => Promise.reject(new AppError(code)), stop: async () => {} };
    return school({ grammar }).then((ports) => analyze(ports, { user_response: "I go to school." }));
  };
  expect((await failing("busy")).body).toMatchObject({ status: 503, code: "busy" });
  expect(await failing("internal")).toMatchObject({ status: 200, body: { grammar: "unavailable" } });
});
