import { expect, test } from "bun:test";
import { gradeAnswer } from "../../src/domain/grading.ts";

// Texts made to hold up whoever reads them. No speed is asserted, but one that takes minutes ends the run.

const LONG = 50_000;
const fill = (piece: string, length = LONG) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

const TEXTS: Record<string, string> = {
  "line breaks": fill("\n"),
  "blanks and breaks": fill(" \n\t"),
  "abbreviations without end": `${fill("a.")}b`,
  digits: fill("7"),
  "digits with commas": fill("1,234"),
  "one word without end": fill("a"),
  apostrophes: fill("'"),
  "apostrophes in words": fill("a'b'"),
  "words that nearly instruct": fill("ignore all the "),
  "nearly a score": fill("give me a "),
  "the same word": fill("good "),
  combining: fill("a\u0301"),
  surrogates: fill("😀"),
  "half of a pair": fill("\ud83d"),
  "right to left": fill("\u202e"),
};

test.each(Object.entries(TEXTS))(
  "%s, as answer, task and reference",
  (_, text) => {
    const answer = {
      kind: "text",
      language: "en",
      speech: null,
      heard: null,
      pronunciation: null,
      corrections: [],
      max_score: 100,
    } as const;
    for (const [hostile, task, reference_text] of [
      [text, "Write about your day.", null],
      ["I get up at seven.", text.slice(0, 20_200), null],
      [text, "Dictation", text.slice(0, 20_000)],
    ] as const) {
      const { score } = gradeAnswer({ ...answer, answer: hostile, task, reference_text });
      expect(score).toBeWithin(0, 100.1);
    }
  },
  20_000,
);
