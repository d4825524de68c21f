import { describe, expect, test } from "bun:test";
import type { AutoGrade } from "../../src/domain/grading.ts";
import type { RubricItem } from "../../src/domain/homework.ts";
import { criteriaOf, type Judgement, withModel } from "../../src/domain/model_grading.ts";
import { plainUzbek, quotesFrom } from "../../src/domain/model_words.ts";

const ANSWER =
  "My name’s Dilnoza. I’ve  lived in Samarqand since 2009, and my elder sister studies economics at university.";
const PRAISE = "Fikrlaringiz aniq va tushunarli yozilgan.";
const ADVICE = "Endi har kuni bitta yangi gap tuzing.";

const counted = (score: number, flags: string[] = []): AutoGrade => ({
  ...{ score, criteria: [], feedback: "Hisoblangan fikr.", confidence: "medium", engine: "deterministic" },
  ...{ grading_version: 2, flags },
  analysis: {
    ...{ differences: null, word_error_rate: null, completeness: null, speech: null, word_count: 18 },
    ...{ distinct_words: 17, sentence_count: 2, lexical_variety: 0.9, corrections: [] },
  },
});

type Given = Judgement["criteria"][number];

const given = (id: string, score: number, evidence = ["my elder sister studies"]): Given => ({
  ...{ id, score, evidence, comment: PRAISE },
});

const asked = criteriaOf(null);
const all = (score: number, evidence?: string[]) => asked.map(({ id }) => given(id, score, evidence));

type Setting = { rubric?: RubricItem[]; max_score?: number; flags?: string[] };

function judged(score: number, criteria: Given[], { rubric, max_score = 100, flags }: Setting = {}): AutoGrade {
  const facts = { answer: ANSWER, asked: criteriaOf(rubric ?? null), max_score, engine: "test model-1" };
  const grade = withModel(counted(score, flags), { criteria, strength: PRAISE, next_step: ADVICE }, facts);
  if (!grade) throw new Error("the model judged nothing");
  return grade;
}

describe("a model that is near what was counted", () => {
  test("decides, and its words are read", () => {
    const grade = judged(70, [given("c1", 20), given("c2", 22), given("c3", 18), given("c4", 19.5)]);
    expect(grade).toMatchObject({ score: 79.5, confidence: "medium", flags: [], grading_version: 2 });
    expect(grade.engine).toBe("test model-1 with deterministic checks");
    expect(grade.criteria[0]).toEqual({
      ...{ name: "task", score: 20, max: 25, evidence: ["my elder sister studies"], comment: PRAISE },
    });
    expect(grade.criteria.map(({ name }) => name)).toEqual(["task", "coherence", "vocabulary", "grammar"]);
    expect(grade.feedback).toBe(`Hisoblangan fikr. ${PRAISE} ${ADVICE}`);
  });

  test("by a rubric of any size gives points of the homework's own", () => {
    const rubric = [
      { name: "Mazmun", max: 3, description: "" },
      { name: "Til", max: 1, description: "" },
    ];
    const grade = judged(6, [given("c1", 3), given("c2", 0.5)], { rubric, max_score: 8 });
    expect(grade).toMatchObject({
      score: 7,
      criteria: [
        { name: "Mazmun", score: 6, max: 6 },
        { score: 1, max: 2 },
      ],
    });
  });
});

describe("where the two differ by over 20 points of 100", () => {
  test.each([
    [50, 17.5, 70, false],
    [50, 17.6, 70, true],
    [50, 25, 70, true],
    [90, 17.5, 70, false],
    [90, 17.4, 69.6, true],
    [90, 0, 0, true],
    [0, 25, 20, true],
  ])("counted %d, each of the model's four %d: %d, and a teacher looks: %p", (base, each, score, review) => {
    const grade = judged(base, all(each));
    expect(grade.score).toBe(score);
    expect(grade.flags.includes("needs_review")).toBe(review);
    expect(grade.confidence).toBe(review ? "low" : "medium");
  });

  test("the words of a model that lifts too far are not read, those of a harsh one are", () => {
    expect(judged(40, all(25)).feedback).toBe("Hisoblangan fikr.");
    expect(judged(40, all(25)).criteria[0]?.comment).not.toBe(PRAISE);
    expect(judged(90, all(5)).feedback).toContain(ADVICE);
  });

  test("full marks above what was counted are always a teacher's to see", () => {
    expect(judged(85, all(25))).toMatchObject({ score: 100, flags: ["needs_review"] });
    expect(judged(85, all(23))).toMatchObject({ score: 92, flags: [] });
    expect(judged(100, all(25))).toMatchObject({ score: 100, flags: [] });
  });

  test("20 points are a fifth on every scale", () => {
    expect(judged(2, all(25), { max_score: 5 })).toMatchObject({ score: 3, flags: ["needs_review"] });
  });
});

test("an answer that speaks to its grader gains nothing, and may lose", () => {
  const flags = ["instruction_to_grader"];
  expect(judged(81.3, all(25), { flags })).toMatchObject({ score: 81.3, flags: [...flags, "needs_review"] });
  expect(judged(81.3, all(18), { flags })).toMatchObject({ score: 72, flags: [...flags, "needs_review"] });
  expect(judged(81.3, all(18), { flags }).feedback).toBe("Hisoblangan fikr.");
});

describe("evidence", () => {
  test("that is invented lifts nothing above what was counted", () => {
    const grade = judged(60, all(19, ["I have travelled the whole world", "studi"]));
    expect(grade).toMatchObject({ score: 60, criteria: [{ score: 15, evidence: [] }, {}, {}, {}] });
    expect(judged(60, [given("c1", 20), ...all(20, []).slice(1)]).score).toBe(65);
  });

  test.each([
    [["MY NAME'S DILNOZA"], ["My name’s Dilnoza"]],
    [["I`ve lived   in Samarqand"], ["I’ve lived in Samarqand"]],
    [["“economics”"], ["economics"]],
    [["since 2009 and my elder sister"], ["since 2009, and my elder sister"]],
    [["my elder", "My elder", "my  elder."], ["my elder"]],
    [["<b>economics</b>"], []],
    [["econom"], []],
    [["my sister"], []],
    [["I", "at", ""], []],
    [["…"], []],
  ])("%j is found as %j", (quotes, found) => {
    expect(quotesFrom(ANSWER, quotes)).toEqual(found);
  });

  test("in Uzbek and behind invisible letters is found too", () => {
    expect(quotesFrom("Men oʻqish\u200bga borаman", ["men o'qishga"])).toEqual(["Men oʻqishga"]);
    expect(quotesFrom("Я иду домой", ["я ИДУ"])).toEqual(["Я иду"]);
  });
});

describe("what a model leaves out, gives twice or makes up", () => {
  test("a part that it does not judge has the counted share", () => {
    const grade = judged(60, all(20).slice(1));
    expect(grade.criteria.map(({ score }) => score)).toEqual([15, 20, 20, 20]);
  });

  test("of two scores for one part the lower counts", () => {
    expect(judged(60, [...all(16), given("c1", 25)]).score).toBe(64);
    expect(judged(60, [given("c1", 12), ...all(16)]).score).toBe(60);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("%p is no score", (score) => {
    expect(judged(60, [given("c1", score), ...all(20).slice(1)]).criteria[0]?.score).toBe(15);
  });

  test.each([
    [1e9, 25],
    [-1e9, 0],
    [25.0001, 25],
  ])("%d is held within the part", (score, kept) => {
    expect(judged(90, [given("c1", score), ...all(20).slice(1)]).criteria[0]?.score).toBe(kept);
  });

  test("parts that nobody asked for are none", () => {
    expect(judged(60, [...all(16), given("c5", 25), given("task", 25)])).toMatchObject({ score: 64 });
    const facts = { answer: ANSWER, asked, max_score: 100, engine: "x" };
    const nothing = { criteria: [given("c9", 25), given("c1", Number.NaN)], strength: "", next_step: "" };
    expect(withModel(counted(50), nothing, facts)).toBeNull();
  });
});

describe("sentences", () => {
  test.each([
    [PRAISE, PRAISE],
    ["So'zlaringiz ma'noli va o‘rinli tanlangan", "Soʻzlaringiz maʼnoli va oʻrinli tanlangan."],
    [
      "“Because I love my family” degan gapingiz juda yaxshi.",
      "“Because I love my family” degan gapingiz juda yaxshi.",
    ],
    [` ${PRAISE}\n\n${ADVICE} `, `${PRAISE} ${ADVICE}`],
    ["Gaplaringiz\u202e juda yaxshi 👏 tuzilgan.", "Gaplaringiz juda yaxshi tuzilgan."],
  ])("%j is read as %j", (text, read) => {
    expect(plainUzbek(text, 300)).toBe(read);
  });

  test.each([
    "",
    "Yaxshi",
    "Well done, your essay is very good and clear.",
    "Вы очень хорошо написали это сочинение.",
    "Batafsil javob bu yerda: https://example.com va undan oling.",
    "Bu haqida example.uz saytida juda yaxshi yozilgan.",
    "Javobingiz <b>juda</b> yaxshi va aniq.",
    "Javobingiz **juda** yaxshi va aniq.",
    "Javobingiz juda yaxshi, sizga 100 ball qoʻydim.",
    "Javobingiz juda yaxshi: bahoyingiz 10/10 va bundan ham yuqori.",
    "a".repeat(400),
  ])("%j is not read", (text) => {
    expect(plainUzbek(text, 300)).toBeNull();
  });

  test("that do not fit are left out, not cut in the middle", () => {
    expect(plainUzbek(`${PRAISE} ${ADVICE.repeat(9)}`, 60)).toBe(PRAISE);
    expect(plainUzbek(PRAISE, 10)).toBeNull();
  });
});

describe("on random judgements", () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const tenth = (most: number) => Math.round(random() * most * 10) / 10;
  const EVIDENCE = [["my elder sister"], ["not there at all"], [], ["I’ve lived", "x"]];
  const anyOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

  function anyCase() {
    const count = 1 + Math.floor(random() * 20);
    const rubric = Array.from({ length: count }, (_, i) => ({
      name: `n${i % 3}`,
      max: tenth(40) + 0.1,
      description: "",
    }));
    const max_score = anyOf([1, 5, 7, 9.5, 10, 12.5, 33, 100, 10_000]);
    const criteria = rubric.map(({ max }, i) =>
      given(`c${i + 1}`, anyOf([random() * max, max, 0, -5, 1e9, Number.NaN]), anyOf(EVIDENCE)),
    );
    // One at least can be judged.
    criteria.push(given("c1", random() * 40));
    const flags = random() < 0.2 ? ["instruction_to_grader"] : [];
    return { base: Math.min(max_score, tenth(max_score)), criteria, rubric, max_score, flags };
  }

  test("the score is within its limits, and its parts add up", () => {
    for (let round = 0; round < 2000; round++) {
      const { base, criteria, ...setting } = anyCase();
      const { score, criteria: parts, flags } = judged(base, criteria, setting);
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      expect(score).toBeWithin(0, Math.min(setting.max_score, base + 0.2 * setting.max_score) + 1e-6);
      expect(Math.round(score * 10)).toBeCloseTo(score * 10, 6);
      expect(sum(parts.map((part) => part.score))).toBeCloseTo(score, 6);
      expect(sum(parts.map(({ max }) => max))).toBeCloseTo(setting.max_score, 6);
      for (const part of parts) expect(part.score).toBeWithin(0, part.max + 1e-6);
      if (setting.flags.length > 0) {
        expect(score).toBeLessThanOrEqual(base);
        expect(flags).toContain("needs_review");
      }
    }
  });

  test("a higher judgement never lowers the score, nor does a higher counted one", () => {
    for (let round = 0; round < 1000; round++) {
      const { base, criteria, ...setting } = anyCase();
      const before = judged(base, criteria, setting).score;
      const at = Math.floor(random() * criteria.length);
      const better = criteria.map((one, i) => (i === at ? { ...one, score: one.score + random() * 20 } : one));
      expect(judged(base, better, setting).score).toBeGreaterThanOrEqual(before);
      const more = Math.min(setting.max_score, Math.round((base + tenth(setting.max_score)) * 10) / 10);
      expect(judged(more, criteria, setting).score).toBeGreaterThanOrEqual(before);
    }
  });

  test("full marks for everything never pass what was counted unseen", () => {
    for (let score = 0; score <= 100; score += 0.1) {
      const base = Math.round(score * 10) / 10;
      const grade = judged(base, all(25, [anyOf(["my elder sister", "nowhere"])]));
      if (grade.score > base) expect(grade.flags).toContain("needs_review");
    }
  });
});
