import { describe, expect, test } from "bun:test";
import { memoryPorts } from "../../src/adapters/memory/mod.ts";
import { analyseAnswer } from "../../src/application/answer_analysis.ts";
import type { Grammar } from "../../src/application/ports/grammar.ts";
import { AppError } from "../../src/domain/errors.ts";

const ask = (user_response: string, language: string | null = null, reference_text: string | null = null) => ({
  user_response,
  reference_text,
  language,
  caller: 1 as number | string,
});

/** What the checker was given, in turn. */
function listening(check: Grammar["check"] = async () => []) {
  const heard: string[] = [];
  const grammar: Grammar = {
    check: (text, ...rest) => {
      heard.push(text);
      return check(text, ...rest);
    },
    stop: async () => {},
  };
  return { heard, analyse: analyseAnswer(memoryPorts({ grammar })) };
}

const failing = (code: "internal" | "busy") => listening(() => Promise.reject(new AppError(code)));

describe("which language an answer should be in", () => {
  const { analyse } = listening();
  test.each([
    ["the one that is asked for", ask("I go to school every day.", "uz"), "uz"],
    ["else the reference's", ask("Men maktabga boraman.", null, "I go to school every day."), "en"],
    ["else its own", ask("Мен ҳар куни мактабга бораман."), "uz"],
    ["else its own: Russian", ask("Я каждый день хожу в школу."), "ru"],
    ["else English", ask("Hmm."), "en"],
  ] as const)("is %s", async (_, asked, language) => {
    expect((await analyse(asked)).language).toBe(language);
  });
});

describe("the grammar check", () => {
  test("sees English answers alone", async () => {
    const { heard, analyse } = listening();
    expect((await analyse(ask("I go to school.", "en"))).grammar).toBe("checked");
    for (const asked of [ask("Men maktabga boraman.", "uz"), ask("Men maktabga boraman va oʻqiyman.", "en")])
      expect(await analyse(asked)).toMatchObject({ grammar: "not_supported", corrections: [], vocabulary: null });
    expect(heard).toEqual(["I go to school."]);
  });

  test("may be broken: the rest is said all the same", async () => {
    const analysis = await failing("internal").analyse(ask("I go to school.", "en", "I go to school."));
    expect(analysis).toMatchObject({ grammar: "unavailable", corrections: [], similarity: 100 });
    expect(analysis.vocabulary?.levels.A1).toBe(4);
  });

  test("may be busy: so is the analysis", async () => {
    const refused = await failing("busy")
      .analyse(ask("I go to school.", "en"))
      .catch((error) => error);
    expect(refused).toMatchObject({ code: "busy" });
  });

  test("stops where a text has had 80 words that are none, each of which costs it 20 ms", async () => {
    const { heard, analyse } = listening();
    const letter = (i: number) => String.fromCharCode(97 + (i % 26));
    const words = Array.from({ length: 600 }, (_, i) => `zzk${letter(i / 26)}${letter(i)}x`);
    await analyse(ask(`happy ${words.join(" ")}`, "en"));
    const checked = heard[0]?.trim().split(" ") ?? [];
    expect(checked.length).toBe(81);
    expect(checked[0]).toBe("happy");
    const plain = "I am happy and I go to the big school. ".repeat(100);
    await analyse(ask(plain, "en"));
    expect(heard[1]).toBe(plain);
  });
});

test("eight analyses run at once, three of one caller; one more is refused, and an end makes room", async () => {
  const { promise, resolve } = Promise.withResolvers<never[]>();
  const { analyse } = listening(() => promise);
  const by = (caller: number | string) => ({ ...ask("I go to school.", "en"), caller });
  const running = Array.from({ length: 3 }, () => analyse(by("203.0.113.7")));
  expect(await analyse(by("203.0.113.7")).catch((error) => error)).toMatchObject({ code: "busy" });
  running.push(...Array.from({ length: 5 }, (_, i) => analyse(by(i))));
  const refused = await analyse(by(9)).catch((error) => error);
  expect(refused).toMatchObject({ code: "busy", params: { retry_after: 2 } });
  resolve([]);
  expect(await Promise.all(running)).toHaveLength(8);
  expect((await analyse(ask("I go to school.", "en"))).grammar).toBe("checked");
});

test("a failed analysis makes room too", async () => {
  const { analyse } = failing("busy");
  for (let i = 0; i < 20; i++) await analyse(ask("I go to school.", "en")).catch(() => {});
  expect((await analyse(ask("Men maktabga boraman.", "uz"))).grammar).toBe("not_supported");
});

test("what goes beyond 5 000 characters is not looked at", async () => {
  const { analyse } = listening();
  const { measures } = await analyse(ask(`${"happy ".repeat(833)}xx beyond it`, "en"));
  expect(measures.word_count).toBe(834);
});
