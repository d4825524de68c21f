import { afterAll, describe, expect, test } from "bun:test";
import type { Grammar } from "../../src/application/ports/grammar.ts";

/** What every Grammar adapter must do. `finds` is false for one that never finds anything. */
export function grammarContract(name: string, open: () => Grammar, finds = true) {
  describe(`${name} keeps the Grammar contract`, () => {
    const grammar = open();
    afterAll(() => grammar.stop());
    const check = (text: string, language = "en") => grammar.check(text, language);

    test("a right sentence has no mistakes, nor has nothing at all", async () => {
      expect(await check("She goes to school every day.")).toEqual([]);
      for (const text of ["", "  \n", "123 !?"]) expect(await check(text)).toEqual([]);
    });

    test("a language that it does not know gives an empty list", async () => {
      expect(await check("Men maktabga boraman. He go.", "uz")).toEqual([]);
      expect(await check("Я хожу в школу.", "ru")).toEqual([]);
    });

    test("places are where the words stand, counted in UTF-16 units, in order", async () => {
      const text = "😀 He go to school. 👨‍👩‍👧 Oʻzbekiston is a old country, and she have two cats. I dont know.";
      const found = await check(text);
      for (const { start, end, original } of found) expect(text.slice(start, end)).toBe(original);
      expect(found.map(({ start }) => start)).toEqual(found.map(({ start }) => start).sort((a, b) => a - b));
      expect(found.length > 0).toBe(finds);
    });

    test("the same text has the same mistakes, asked one by one or all at once", async () => {
      const text = "He have a apple and she go home.";
      const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => check(text)));
      for (const other of others) expect(other).toEqual(first ?? []);
    });
  });
}
