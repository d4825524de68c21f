import { describe, expect, test } from "bun:test";
import { tokensIn } from "../../src/domain/tokens.ts";
import { recent, tutorInstructions } from "../../src/domain/tutor.ts";
import { LEVELS } from "../../src/domain/users.ts";

const MALIKA = {
  persona: "Malika, a patient teacher",
  level: "A1",
  language: "Uzbek",
  first_language: "Uzbek",
  spoken: false,
} as const;

describe("an avatar is told", () => {
  test("who it is, whom it talks with, and in which language it answers", () => {
    const told = tutorInstructions({ ...MALIKA, first_language: "Russian" });
    expect(told).toStartWith("You are Malika, a patient teacher\n");
    expect(told).toContain("first language is Russian");
    expect(told).toContain("Answer in Uzbek");
    expect(told).toContain("oʻ and gʻ");
    expect(tutorInstructions({ ...MALIKA, language: "English" })).not.toContain("oʻ");
  });

  test("which English each level can read, none as another", () => {
    const told = LEVELS.map((level) => tutorInstructions({ ...MALIKA, level }).replaceAll(level, "level"));
    expect(new Set(told).size).toBe(LEVELS.length);
  });

  test("to write no lists where it is read aloud", () => {
    expect(tutorInstructions({ ...MALIKA, spoken: true })).toContain("plain text without lists");
    expect(tutorInstructions(MALIKA)).toContain("Markdown is allowed");
  });
});

describe("recent()", () => {
  const said = (...texts: string[]) =>
    texts.map((text, i) => ({ role: i % 2 === 0 ? ("user" as const) : ("assistant" as const), text }));
  const talk = said("one", "two", "three", "four");

  test("keeps all that fits, in order", () => {
    expect(recent(talk, 1000)).toEqual(talk);
    expect(recent([], 1000)).toEqual([]);
  });

  test("leaves out the oldest, and begins with the user's words", () => {
    const newest = talk.slice(-2);
    const room = newest.reduce((sum, { text }) => sum + tokensIn(text), 0);
    expect(recent(talk, room)).toEqual(newest);
    // There would be room for the answer before them, to a question that is not shown.
    expect(recent(talk, room + tokensIn("two"))).toEqual(newest);
    expect(recent(talk, room - 1)).toEqual([]);
  });

  test("never skips a message in the middle", () => {
    const long = said("short", "short", "a".repeat(5000), "short");
    expect(recent(long, 1000)).toEqual([]);
  });

  test("keeps nothing where there is no room", () => expect(recent(talk, -5)).toEqual([]));
});

test("tokens are counted rather too many than too few: letters that take two bytes are one", () => {
  expect([tokensIn(""), tokensIn("abcd"), tokensIn("салом"), tokensIn("abc")]).toEqual([0, 2, 5, 2]);
});
