import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isHeldOut } from "../scripts/pronunciation/held_out.ts";
import { phoneDistance, phoneErrors } from "../scripts/pronunciation/phone_errors.ts";
import { type Dictionary, openDictionary } from "../src/adapters/pronunciation/dictionary.ts";
import { type Graphemes, openGraphemes } from "../src/adapters/pronunciation/graphemes.ts";
import { type Lexicon, openLexicon } from "../src/adapters/pronunciation/lexicon.ts";
import { phonesOf, soundOf } from "../src/adapters/pronunciation/phones.ts";
import { spokenWords } from "../src/adapters/pronunciation/spoken_words.ts";

let lexicon: Lexicon;
let dictionary: Dictionary;
let graphemes: Graphemes;
beforeAll(() => {
  lexicon = openLexicon();
  dictionary = openDictionary();
  graphemes = openGraphemes();
});

const written = (phones: readonly number[]) => phones.map(soundOf).join(" ");
const ways = (word: string) => lexicon.ways(word).map(written);
/** All pronunciations of a text that is one written word. */
const spoken = (text: string) => spokenWords(text, lexicon).map(({ pronunciations }) => pronunciations.map(written));

// Lines of `word: phones`, as a teacher would say them. None is in CMUdict, or its readers say it otherwise.
const UNKNOWN = `
vlog: V L AA G
vlogger: V L AO G ER
cryptocurrency: K R IH P T OW K ER AH N S IY
influencer: IH N F L UW AH N S ER
crowdfunding: K R AW D F AH N D IH NG
unfriend: AH N F R EH N D
touchscreen: T AH CH S K R IY N
smartwatch: S M AA R T W AA CH
smoothie: S M UW DH IY
snowboarding: S N OW B AO R D IH NG
cosplay: K AA S P L EY
muggle: M AH G AH L
fortnite: F AO R T N AY T
roblox: R OW B L AA K S
kahoot: K AH HH UW T
coursera: K AO R S EH R AH
gryffindor: G R IH F IH N D AO R
parkour: P AA R K AO R
bishkek: B IH SH K EH K
ashgabat: AA SH G AA B AA T
toshkent: T AO SH K EH N T
samarqand: S AA M AA R K AA N D
buxoro: B UW HH AO R AO
xiva: HH IY V AA
andijon: AA N D IY JH AO N
namangan: N AA M AA N G AA N
farg'ona: F AA R G AO N AA
qo'qon: K OW K AO N
qarshi: K AA R SH IY
jizzax: JH IY Z AA HH
nukus: N UW K UW S
urganch: UW R G AA N CH
qizilqum: K IY Z IY L K UW M
chorsu: CH AO R S UW
o'zbekiston: OW Z B EH K IY S T AO N
navro'z: N AA V R OW Z
plov: P L AO V
somsa: S AO M S AA
sho'rva: SH OW R V AA
mahalla: M AA HH AA L AA
g'ulnora: G UW L N AO R AA
dilnoza: D IY L N AO Z AA
shahnoza: SH AA HH N AO Z AA
nodira: N AO D IY R AA
sherzod: SH EH R Z AO D
otabek: AO T AA B EH K
jasur: JH AA S UW R
oybek: OY B EH K
ulug'bek: UW L UW G B EH K
mirziyoyev: M IY R Z IY Y AO Y EH V
is'hoq: IY S HH AO K
ko'ngil: K OW N G IY L
yangiyo'l: Y AA NG G IY Y OW L
`
  .trim()
  .split("\n")
  .map((line) => line.split(": "));

describe("words that no dictionary has", () => {
  test("one of the ways that are looked for is the teacher's, but for one phone or a quarter of them", () => {
    const wrong = UNKNOWN.filter(([word = "", phones = ""]) => {
      const expected = phonesOf(phones);
      return lexicon.ways(word).every((way) => phoneDistance(way, expected) > Math.max(1, expected.length / 4));
    });
    expect(wrong.map(([word = ""]) => [word, ...ways(word)])).toEqual([]);
    expect(UNKNOWN.filter(([word = ""]) => dictionary(word).length > 0)).toEqual([]);
  });

  test("one phone of ten at most is wrong in what is taken for the likeliest", () => {
    const judged = UNKNOWN.map(([word = "", phones = ""]) => ({
      guesses: lexicon.ways(word),
      ways: [phonesOf(phones)],
    }));
    expect(phoneErrors(judged).first.phone_error_rate).toBeLessThan(0.1);
  });

  test("words of CMUdict that the model was not shown are read as well as was measured", () => {
    const words = readFileSync("tests/test_data/held_out_words.txt", "utf8").trim().split("\n");
    expect(words.filter((word) => !isHeldOut(word))).toEqual([]);
    const judged = words.map((word) => ({
      guesses: graphemes(word)
        .map(({ phones }) => phones)
        .slice(0, 3),
      ways: dictionary(word),
    }));
    const { first, best } = phoneErrors(judged);
    expect(first.phone_error_rate).toBeLessThan(0.08);
    expect(first.words_right).toBeGreaterThan(0.68);
    expect(best.phone_error_rate).toBeLessThan(0.04);
  });

  test.each([
    ["gulnora's", "G UW L N AO R AA Z"],
    ["toshkent's", "T AO SH K EH N T S"],
    ["vlogs", "V L AA G Z"],
    ["walkin'", "W AO K IH N"],
    ["dont", "D OW N T"],
    ["youre", "Y UH R"],
    ["organise", "AO R G AH N AY Z"],
    ["emoji", "IH M OW JH IY"],
  ])("%s is %s", (word, phones) => expect(ways(word)).toContain(phones));
});

describe("CMUdict is found in the text of its package", () => {
  test.each([
    ["a", ["AH", "EY"]],
    ["zywicki", ["Z IH W IH K IY"]],
    ["read", ["R EH D", "R IY D"]],
    ["don't", ["D OW N T", "D OW N"]],
    // Two words that are out of order.
    ["sepultura", ["S EH P UH L T UH R UH"]],
    ["stilted", ["S T IH L T IH D"]],
    // A remark stands behind it.
    ["aalborg", ["AO L B AO R G", "AA L B AO R G"]],
    ["b.", ["B IY"]],
    // Its variants differ in stress alone.
    ["record", ["R AH K AO R D", "R EH K ER D", "R IH K AO R D"]],
  ])("%s", (word, phones) => expect(dictionary(word).map(written)).toEqual(phones));

  test("what it lacks is not found", () => {
    for (const word of ["", "qqq", "zzzzz", "a(2)", 'hello"', ".*", "x".repeat(1000)])
      expect(dictionary(word)).toEqual([]);
  });

  test("another file is refused", () => {
    expect(() => openDictionary("package.json")).toThrow("is not the dictionary");
  });
});

describe("spokenWords()", () => {
  test("every word has its place, what is said, and its ways", () => {
    const text = "Hi, I'm 25 — Gʻulnora.";
    const found = spokenWords(text, lexicon);
    expect(found.map(({ text, start, end, said, keys }) => [text, start, end, said, keys.join(" ")])).toEqual([
      ["Hi", 0, 2, "Hi", "hi"],
      ["I'm", 4, 7, "I'm", "i am"],
      ["25", 8, 10, "twenty five", "twenty five"],
      ["Gʻulnora", 13, 21, "G'ulnora", "g'ulnora"],
    ]);
    expect(spoken("25")[0]).toContain("T W EH N T IY F AY V");
    expect(spoken("Gʻulnora")[0]).toEqual(["G UW L N AO R AA", "G UH L N AA R AH"]);
  });

  test("all ways to read a number are looked for before a second pronunciation of any", () => {
    expect(spoken("1998")[0]?.slice(0, 2)).toEqual([
      "N AY N T IY N N AY N T IY EY T",
      "W AH N TH AW Z AH N D N AY N HH AH N D R AH D AH N D N AY N T IY EY T",
    ]);
    expect(spoken("10:30")[0]).toContain("HH AE F P AE S T T EH N");
  });

  test("acronyms by letter and as a word, letters by their names", () => {
    expect(spoken("NATO")).toEqual([["N EY T OW", "EH N EY T IY OW"]]);
    expect(spoken("B, C")).toEqual([["B IY"], ["S IY"]]);
    expect(spoken("CDs")[0]).toContain("S IY D IY Z");
  });

  test("Cyrillic is read as Uzbek, and apostrophes of every kind are one", () => {
    expect(spoken("Ўзбекистон")).toEqual(spoken("Oʻzbekiston"));
    for (const apostrophe of "'’‘`´ʼ′") {
      expect(spoken(`Navro${apostrophe}z`)[0]?.[0]).toBe("N AA V R OW Z");
      expect(spoken(`don${apostrophe}t`)[0]).toEqual(["D OW N T", "D OW N"]);
    }
  });

  test.each([
    ["digits", "1".repeat(5000)],
    ["years", "1998 ".repeat(1000)],
    ["apostrophes", "'".repeat(5000)],
    ["apostrophes in words", "a'".repeat(2500)],
    ["one letter", "q".repeat(5000)],
    ["hyphens", "a-".repeat(2500)],
    ["letters with dots", "a.".repeat(2500)],
    ["capitals inside", "aB".repeat(2500)],
    ["unknown words", "blorvik snarpf ".repeat(333)],
    ["Cyrillic", "ўзбекча".repeat(714)],
    ["signs", "&%+@".repeat(1250)],
    ["half of a pair", "\ud800a".repeat(2500)],
    ["accents", "e\u0301\u0301".repeat(1666)],
    ["Chinese", "漢字".repeat(2500)],
  ])("5,000 characters made to hold it up do not: %s", (_, text) => {
    const before = process.cpuUsage();
    const words = spokenWords(text, lexicon);
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(2);
    for (const { pronunciations, said } of words) {
      expect(pronunciations.length).toBeWithin(1, 9);
      expect(said).toMatch(/^[A-Za-z']+(?: [A-Za-z']+)*$/);
      for (const phones of pronunciations) expect(phones.length).toBeWithin(1, 500);
    }
  });
});
