import { describe, expect, test } from "bun:test";
import { titleOf } from "../../src/domain/conversations.ts";

describe("a conversation is called", () => {
  test.each([
    ["Salom!", "Salom!"],
    ["  What is\n a verb?  ", "What is a verb?"],
    ["word ".repeat(20), `${"word ".repeat(12).trim()}…`],
    ["x".repeat(80), `${"x".repeat(60)}…`],
  ])("by %j: %j", (prompt, title) => expect(titleOf(prompt)).toBe(title));

  test("without half a character at its end", () => {
    expect(titleOf("👋".repeat(100)).isWellFormed()).toBe(true);
  });
});
