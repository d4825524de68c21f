import { afterAll, describe, expect, test } from "bun:test";
import { harperGrammar } from "../src/adapters/grammar/harper.ts";
import { tidy } from "../src/adapters/grammar/tidy.ts";
import { UZBEK_WORDS } from "../src/adapters/grammar/uzbek_words.ts";
import { noGrammar } from "../src/adapters/memory/grammar.ts";
import { explain } from "../src/domain/explanations.ts";
import { grammarContract } from "./contracts/grammar.ts";

grammarContract("none", () => noGrammar, false);
grammarContract("harper", harperGrammar);

describe("Harper for Uzbek learners", () => {
  const grammar = harperGrammar();
  afterAll(() => grammar.stop());
  const found = async (text: string) =>
    (await grammar.check(text, "en")).map(({ original, replacements }) => `${original} > ${replacements[0]}`);

  test.each([
    ["He go to school every day.", "go > goes"],
    ["She have two brothers.", "have > has"],
    ["I live here since five year.", "since five year > for five year"],
    ["I like an banana.", "an > a"],
    ["A apple is red.", "A > An"],
    ["I dont like it.", "dont > don't"],
    ["I havent any friends.", "havent > haven't"],
    ["I have went to the shop.", "went > gone"],
    ["Yesterday I goed home.", "goed > went"],
    ["I want go home.", "want > want to"],
    ["He is taller then me.", "then > than"],
    ["He gave me informations.", "informations > information"],
    ["He gave me an advice.", "an advice > some advice"],
    ["We met on monday in june.", "monday > Monday"],
    ["We met on monday in june.", "june > June"],
    ["I recieve letters.", "recieve > receive"],
    ["I i am happy.", "i > I"],
  ])("%p: %p", async (text, expected) => {
    const corrections = await found(text);
    if (expected === "i > I") expect(corrections.length).toBeGreaterThan(0);
    else expect(corrections).toContain(expected);
  });

  test.each([
    "We ate plov and somsa in a choyxona near our mahalla.",
    "I live in Oʻzbekiston, in Samarqand, and my sister Dilnoza lives in Toshkent.",
    "Navro‘z is a holiday, and we cook sumalak.",
    "A loaf of bread costs 10 000 soʻm.",
    "My favourite colour is grey, and I organise my travelling well.",
    "It was very good, OK, and I'm happy...",
    "Where you live?",
    "Who's the teacher?",
  ])("%p is left in peace", async (text) => {
    expect(await found(text)).toEqual([]);
  });

  test("each correction can be explained", async () => {
    for (const correction of await grammar.check("He go home. I dont know. She have a apple.", "en")) {
      expect(explain(correction)).toStartWith(`“${correction.original}” emas, “`);
    }
  });

  test("a killed child fails no later call", async () => {
    await grammar.check("He go.", "en");
    const { pid } = grammar;
    if (pid === undefined) throw new Error("no child");
    process.kill(pid, "SIGKILL");
    while (grammar.pid === pid) await Bun.sleep(10);
    expect(await found("He go to school.")).toEqual(["go > goes"]);
  });

  test("a child that is killed at work fails that call alone", async () => {
    await grammar.check("He go.", "en");
    const text = "She have two brother and he go to school every days with his freind Bakhtiyor.\n".repeat(40);
    const [first, second] = [grammar.check(text, "en"), grammar.check("He go to school.", "en")];
    if (grammar.pid !== undefined) process.kill(grammar.pid, "SIGKILL");
    expect(first).rejects.toMatchObject({ code: "internal" });
    expect(await second).toHaveLength(1);
  });

  test("10 000 characters are checked in time, with places to the end", async () => {
    const line = "My brother have a apple, and he dont like it because the weather were bad on sunday.\n";
    const text = line.repeat(Math.ceil(10_000 / line.length));
    const corrections = await grammar.check(text, "en");
    expect(corrections.length).toBeGreaterThan(300);
    for (const { start, end, original } of corrections) expect(text.slice(start, end)).toBe(original);
    expect(corrections.at(-1)?.start).toBeGreaterThan(text.length - line.length);
  }, 30_000);

  test("a text made to hold up whoever cuts it is cut all the same", async () => {
    const text = `a${`${"\n".repeat(2600)}${"b".repeat(1350)}. b `.repeat(12)}`;
    expect(await grammar.check(text.slice(0, 12_000), "en")).toBeArray();
  }, 20_000);

  test("a text without any full stop is checked too", async () => {
    const corrections = await grammar.check("he go and she have ".repeat(400), "en");
    expect(corrections.length).toBeGreaterThan(100);
  }, 30_000);
});

test("tidy() leaves out what would mislead", () => {
  const one = (rule: string, original: string, ...replacements: string[]) => ({
    ...{ start: 0, end: original.length, original, replacements, rule, message: "" },
  });
  expect(tidy("colour", one("SpellCheck", "colour", "color"))).toBeNull();
  expect(tidy("Where you live", one("WereWhere", "Where", "Were"))).toBeNull();
  expect(tidy("A amazing day", one("MassNouns", "A amazing", "amazing"))).toBeNull();
  expect(tidy("Who's", one("OrthographicConsistency", "Who's", "who's"))).toBeNull();
  expect(tidy("Im", one("SpellCheck", "Im", "In"))).toMatchObject({ rule: "MissingApostrophe", replacements: ["I'm"] });
});

test("the list of Uzbek words is written as Harper reads it", () => {
  expect(new Set(UZBEK_WORDS).size).toBeGreaterThan(150);
  for (const word of UZBEK_WORDS) expect(word).toMatch(/^[A-Za-z'-]+$/);
});
