import { describe, expect, test } from "bun:test";
import { type Answer, gradeAnswer } from "../../src/domain/grading.ts";
import { countedReading, type Homework, type Submission, unrecorded } from "../../src/domain/homework.ts";
import type { AssessedWord, Assessment } from "../../src/domain/pronunciation.ts";

const READING = "Three thin thieves walked through the village";

const line = (word: string, index: number, changes: Partial<AssessedWord> = {}): AssessedWord => ({
  ...{ index, word, score: 90, error_type: "None", heard: null, expected_phones: [], sounds: [] },
  ...changes,
});
const weak = (score: number, heard: string | null): Partial<AssessedWord> => ({
  ...{ score, error_type: "Mispronunciation", heard },
  sounds: [{ sound: "TH", score: 20, heard: "S" }],
});

/** Assessed words of the reading, some of them changed. */
function assessed(changes: Record<string, Partial<AssessedWord>> = {}, whole: Partial<Assessment> = {}): Assessment {
  const words = READING.split(" ").map((word, i) => line(word, i, changes[word]));
  return {
    ...{ accuracy_score: 80, fluency_score: 70, completeness_score: 100, prosody_score: null, overall_score: 75 },
    ...{ transcribed_text: READING, reference_text: READING, words, engine: "test", method: "acoustic" },
    ...{ confidence: "high", scoring_version: 1 },
    metrics: {
      ...{ duration_ms: 4000, speech_ms: 3000, wpm: 120, wcpm: 120, articulation_rate: 3, pause_count: 0 },
      pause_ratio: 0,
    },
    ...whole,
  };
}

const ORAL: Answer = {
  ...{ kind: "oral", language: "en", answer: READING, reference_text: READING, task: "Read aloud", heard: null },
  ...{ corrections: [], max_score: 100, pronunciation: null },
  speech: {
    ...{ duration_ms: 4000, speech_ms: 3000, wpm: 120, articulation_rate: 3, pause_count: 0, pause_ratio: 0 },
    ...{ longest_pause_ms: 0, clipping: 0, level_db: -20, silent: false },
  },
};
const graded = (pronunciation: Assessment | null, changes: Partial<Answer> = {}) =>
  gradeAnswer({ ...ORAL, pronunciation, ...changes });
const maxima = ({ criteria }: ReturnType<typeof graded>) => criteria.map(({ name, max }) => [name, max]);

describe("the pronunciation of a reading", () => {
  test("is a fifth of its grade, by the sounds of the words that were said and the share that was said", () => {
    expect(maxima(graded(assessed()))).toEqual([
      ["accuracy", 45],
      ["completeness", 25],
      ["pronunciation", 20],
      ["fluency", 10],
    ]);
    expect(graded(assessed()).score).toBe(96);
    expect(graded(assessed({}, { accuracy_score: 100, completeness_score: 50 })).score).toBe(90);
  });

  test("does not count where words alone were compared, where the scorer is unsure, nor in what was written", () => {
    const without = graded(null);
    expect(maxima(without)).toEqual([
      ["accuracy", 55],
      ["completeness", 30],
      ["fluency", 15],
    ]);
    expect(graded(assessed({}, { method: "transcript" }))).toEqual(without);
    expect(graded(assessed({}, { method: "made_up" }))).toEqual(without);
    expect(graded(assessed({}, { confidence: "low" }))).toEqual(without);
    const written = { kind: "text", task: "Dictation", speech: null } as const;
    expect(graded(assessed(), written)).toEqual(graded(null, written));
    const free = { reference_text: null };
    expect(graded(assessed(), free)).toEqual(graded(null, free));
  });

  test("gives its weight to the others where no sound was measured", () => {
    expect(maxima(graded(assessed(), { speech: null }))).toEqual([
      ["accuracy", 50],
      ["completeness", 27.8],
      ["pronunciation", 22.2],
    ]);
  });

  test("rests on the weakest words first, with what was heard", () => {
    const { criteria } = graded(
      assessed({ Three: weak(40, "/sriː/"), thin: weak(20, "/sɪn/"), village: weak(50, null) }),
    );
    expect(criteria.find(({ name }) => name === "pronunciation")).toMatchObject({
      evidence: ["thin → /sɪn/", "Three → /sriː/", "village"],
      comment: expect.stringContaining("3 ta soʻz zaif chiqdi"),
    });
  });
});

describe("feedback on a reading", () => {
  const feedback = (changes: Record<string, Partial<AssessedWord>>, answer = READING) =>
    graded(assessed(changes), { answer }).feedback;

  test("names the three weakest words, what was heard, what to do about it, and practises them", () => {
    const text = feedback({
      ...{
        Three: weak(40, "/sriː/"),
        thin: weak(20, "/sɪn/"),
        thieves: weak(50, "/siːvz/"),
        through: weak(55, "/sruː/"),
      },
    });
    expect(text).toContain(
      "Talaffuzi zaif soʻzlar: “thin” (/sɪn/ eshitildi), “Three” (/sriː/ eshitildi), “thieves” (/siːvz/ eshitildi).",
    );
    expect(text).toContain("“thin”: /θ/ oʻrniga /s/ga oʻxshash tovush eshitildi");
    expect(text).not.toContain("through");
    expect(text).toMatch(/Endi “thin”, “Three” ustida ishlang: .*$/);
    expect(text).toStartWith("Barakalla, 7 ta soʻzning hammasini oʻqidingiz, jumladan “walked”, “village”.");
  });

  test("says nothing of it where no word was weak, and of one word in the singular", () => {
    expect(feedback({})).not.toContain("alaffuz");
    expect(feedback({ village: weak(50, null) })).toContain("Talaffuzi zaif soʻz: “village”.");
  });

  test("names no word twice: what was heard as another word is told as that", () => {
    const text = feedback({ thin: weak(20, "/sɪn/") }, READING.replace("thin", "sin"));
    expect(text).toContain("“thin” oʻrniga “sin” eshitildi");
    expect(text).not.toContain("alaffuz");
  });

  test("stays short beside every other mistake", () => {
    const text = feedback({ Three: weak(40, "/sriː/"), village: weak(50, null) }, "Three big sin walked the village");
    expect(text.split(/(?<=[.?!])\s+(?=[\p{Lu}“\d])/u).length).toBeLessThanOrEqual(8);
    expect(text).not.toMatch(/undefined|null|\s{2}|[oOgG]\u02BC/);
  });
});

describe("an assessed reading of a homework", () => {
  const homework = { reference_text: READING } as Homework;
  const submission = (pronunciation: unknown, kind = "oral") =>
    ({
      kind,
      recognition: { words: [], engine: "test", ...(pronunciation === undefined ? {} : { pronunciation }) },
    }) as unknown as Submission;
  const reading = { assessment: assessed(), flag: null, recorded: false };

  test("counts for the text that was read, not for one that was changed since", () => {
    expect(countedReading(homework, submission(reading))).toEqual({ assessment: reading.assessment, flag: null });
    const changed = { ...homework, reference_text: `${READING} again` };
    const none = { assessment: null, flag: "pronunciation_unavailable" } as const;
    expect(countedReading(changed, submission(reading))).toEqual(none);
    // Recognised before there was a text to read, or a scorer.
    expect(countedReading(homework, submission(null))).toEqual(none);
    expect(countedReading(homework, submission(undefined))).toEqual(none);
    expect(countedReading(homework, submission({ ...reading, assessment: null, flag: "wrong_text" })).flag).toBe(
      "wrong_text",
    );
    expect(countedReading({ ...homework, reference_text: null }, submission(reading)).assessment).toBeNull();
    expect(countedReading(homework, submission(null, "text"))).toEqual({ assessment: null, flag: null });
  });

  test("joins the learner's analyses once", () => {
    const first = unrecorded(submission(reading).recognition);
    expect(first?.assessment).toEqual(reading.assessment);
    expect(unrecorded(first?.changes.recognition ?? null)).toBeNull();
    expect(unrecorded(submission({ ...reading, assessment: null }).recognition)).toBeNull();
    expect(unrecorded(null)).toBeNull();
  });
});
