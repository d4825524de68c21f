import { afterAll, describe, expect, test } from "bun:test";
import { childJudge } from "../src/adapters/grading/judge.ts";
import { harperGrammar } from "../src/adapters/grammar/harper.ts";
import { memoryJudge } from "../src/adapters/memory/judge.ts";
import { memoryWordLevels } from "../src/adapters/memory/word_levels.ts";
import { LEVELS_FILE, listedWordLevels } from "../src/adapters/words/levels.ts";
import { analyseAnswer } from "../src/application/answer_analysis.ts";
import type { AnswerToAnalyse } from "../src/domain/answer_analysis.ts";
import { wordLevelsContract } from "./contracts/words.ts";

wordLevelsContract("memory", memoryWordLevels);
wordLevelsContract("cefrpy's list", listedWordLevels);

describe("the list of levels", () => {
  const levels = listedWordLevels();

  test("is the one that was looked at; to make it again: bun scripts/word_levels.ts", async () => {
    const digest = new Bun.CryptoHasher("sha256").update(await Bun.file(LEVELS_FILE).bytes()).digest("hex");
    expect(digest).toBe("f81434e45c318680904b60202b34da7328fb72c9b1c7ed34bf525f65465e6751");
    const readme = await Bun.file(new URL("README.md", LEVELS_FILE)).text();
    expect(readme).toContain(digest);
  });

  test.each([
    ["the", "A1"],
    // The easiest sense counts: the thing to read, not to reserve a table.
    ["book", "A1"],
    ["colour", "A1"],
    ["mice", "A1"],
    ["english", "A2"],
    ["mitigating", "C2"],
    ["homeworks", "A1"],
    ["smartphones", null],
    ["recieve", null],
    // Rare names say nothing of their writer's vocabulary.
    ["tashkent", null],
    ["uzbekistan", null],
  ])("%s is %p", async (word, level) => {
    expect((await levels.load())(word)).toBe(level as "A1" | null);
  });
});

describe("an analysis with everything real", () => {
  const ports = { judge: childJudge(), grammar: harperGrammar(), wordLevels: listedWordLevels() };
  afterAll(() => Promise.all([ports.judge.stop(), ports.grammar.stop()]));
  const analyse = analyseAnswer(ports);

  test("finds the mistake, explains it in Uzbek, and says what to do next", async () => {
    const { advice, corrections, grammar, ...rest } = await analyse({
      user_response: "He go to school every day.",
      reference_text: "He goes to school every day.",
      language: null,
      caller: 1,
    });
    expect({ grammar, corrections }).toMatchObject({
      grammar: "checked",
      corrections: [{ start: 3, end: 5, original: "go", replacements: ["goes"] }],
    });
    expect(rest).toMatchObject({ language: "en", similarity: 94.5, replaced: [{ expected: "goes", heard: "go" }] });
    expect(advice.join(" ")).toMatch(/“go” emas, “goes”: .*-s qoʻshiladi\. .*“goes”/);
  });

  test("is the same in the child as in this process", async () => {
    const input: AnswerToAnalyse = {
      answer: "Мен 😀 мактабга бораман va o`qiyman",
      reference_text: "Men maktabga boraman va oʻqiyman.",
      language: "uz",
      grammar: "not_supported",
      corrections: [],
      levels: new Map([["happy", "A1"]]),
    };
    expect(await ports.judge.analyse(input)).toEqual(await memoryJudge.analyse(input));
  });

  // Each of them took Harper 5 to 8 seconds once, in which no homework was checked.
  test.each([
    ["one word of 5 000 letters", "a".repeat(5_000)],
    ["a chain of apostrophes", "a'".repeat(2_500)],
  ])("%s does not hold up the checker for others", async (_, user_response) => {
    const { corrections } = await analyse({ user_response, reference_text: null, language: "en", caller: 1 });
    expect(corrections).toEqual([]);
  });
});
