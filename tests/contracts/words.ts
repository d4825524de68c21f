import { describe, expect, test } from "bun:test";
import type { WordLevels } from "../../src/application/ports/word_levels.ts";

/** What every WordLevels adapter must do. */
export function wordLevelsContract(name: string, open: () => WordLevels) {
  describe(`${name} keeps the WordLevels contract`, () => {
    const levels = open();
    const levelOf = async (word: string) => (await levels.load())(word);

    test.each([
      ["happy", "A1"],
      ["improve", "A2"],
      ["nevertheless", "B1"],
      ["ubiquitous", "C2"],
    ])("%s is %s", async (word, level) => {
      expect(await levelOf(word)).toBe(level as "A1");
    });

    test.each([
      ["books", "book"],
      ["boxes", "box"],
      ["stopped", "stop"],
      ["making", "make"],
      ["studies", "study"],
      ["happiest", "happy"],
      ["bigger", "big"],
      ["cat's", "cat"],
    ])("%s is found as a form of %s", async (form, base) => {
      expect(await levelOf(form)).not.toBeNull();
      expect(await levelOf(base)).not.toBeNull();
    });

    test("what is no English word has no level", async () => {
      for (const word of ["", "x1", "qwzzk", "oʻqiyman", "мактаб", "constructor's__proto__", "a".repeat(5_000)])
        expect(await levelOf(word)).toBeNull();
    });

    test("asked together for the first time, all have the same answers", async () => {
      const fresh = open();
      const found = await Promise.all(Array.from({ length: 5 }, async () => (await fresh.load())("happy")));
      expect(new Set(found)).toEqual(new Set(["A1"]));
    });
  });
}
