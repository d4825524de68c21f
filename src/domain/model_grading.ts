import type { Criterion } from "./criteria.ts";
import { type AutoGrade, WITH_CHECKS } from "./grading.ts";
import type { RubricItem } from "./homework.ts";
import { plainUzbek, quotesFrom } from "./model_words.ts";

// How a language model's judgement becomes part of a grade. The model is not trusted: whatever it says, the grade stays
// near what was counted, rests on words that are in the answer, and is a teacher's to look at where the two disagree.

/** One thing to be judged, as the model is asked for it: 0 to `max` in the rubric's own points. */
export type Asked = RubricItem & {
  /** c1, c2, …: names may be alike, or in any language. */
  readonly id: string;
};

/** What a model answered. Nothing in it has been checked but its shape. */
export type Judgement = {
  readonly criteria: readonly {
    readonly id: string;
    readonly evidence: readonly string[];
    readonly comment: string;
    readonly score: number;
  }[];
  readonly strength: string;
  readonly next_step: string;
};

/** As IELTS has them, a quarter each. Fluency is measured, and told to the model, where the answer was spoken. */
const FOUR: readonly RubricItem[] = [
  {
    name: "task",
    max: 25,
    description: "Answers this very task: on topic, every part of it, ideas with reasons or examples",
  },
  {
    name: "coherence",
    max: 25,
    description: "Ideas in a clear order, linked to each other; in speech also without long halts",
  },
  { name: "vocabulary", max: 25, description: "Range of words and how precisely they are used" },
  { name: "grammar", max: 25, description: "Range of structures and how often they are right" },
];

/** The homework's rubric, else the four. */
export const criteriaOf = (rubric: readonly RubricItem[] | null): Asked[] =>
  (rubric?.length ? rubric : FOUR).map((item, i) => ({ ...item, id: `c${i + 1}` }));

/** How far above the counted grade a model may lift it, and how far from it a teacher has to look: 20 points of 100. */
const TRUSTED = 0.2;
/** A model that was talked round gives full marks: so much of all, above the counted grade, is for a teacher to see. */
const TOO_GOOD = 0.95;

const COMMENT = 300;
const SENTENCE = 200;
const UNCOMMENTED = "Bu mezon boʻyicha izoh yoʻq, uni oʻqituvchi koʻrib chiqadi.";

// Rounding of binary fractions must not decide.
const TINY = 1e-9;

type Facts = {
  readonly answer: string;
  readonly asked: readonly Asked[];
  readonly max_score: number;
  /** Who judged, e.g. `gemini gemini-2.5-flash`. */
  readonly engine: string;
};

type Judged = {
  readonly name: string;
  readonly weight: number;
  /** The model's share of the points, 0 to 1; the counted share where it gave none. */
  readonly said: number;
  /** What is left of it: no more than the counted share where no quote proves it. */
  readonly share: number;
  readonly evidence: readonly string[];
  readonly comment: string | null;
};

function judgedBy({ criteria }: Judgement, { answer, asked }: Facts, counted: number): Judged[] {
  const whole = asked.reduce((sum, { max }) => sum + max, 0);
  return asked.map(({ id, name, max }) => {
    const part = { name, weight: max / whole };
    const given = criteria.filter((one) => one.id === id && Number.isFinite(one.score));
    const judgements = given.map(({ score, comment, ...one }) => {
      const said = Math.min(1, Math.max(0, score / max));
      const evidence = quotesFrom(answer, one.evidence);
      const share = evidence.length > 0 ? said : Math.min(said, counted);
      return { ...part, said, share, evidence, comment: plainUzbek(comment, COMMENT) };
    });
    // Of two for one part the lower counts: the other may be an answer's own invention.
    const [lowest] = judgements.toSorted((a, b) => a.share - b.share);
    return lowest ?? { ...part, said: counted, share: counted, evidence: [], comment: null };
  });
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Rounds to tenths that add up to so many of them: those that lose most by rounding down get one more. */
function inTenths(points: readonly number[], tenths: number): number[] {
  const down = points.map((value) => Math.floor(value * 10 + TINY));
  const most = points.map((value, i) => ({ i, loss: value * 10 - (down[i] ?? 0) })).toSorted((a, b) => b.loss - a.loss);
  const lifted = new Set(most.slice(0, Math.max(0, tenths - total(down))).map(({ i }) => i));
  return down.map((value, i) => (value + (lifted.has(i) ? 1 : 0)) / 10);
}

/** Points for each part that add up to at most `limit` (a share of all), on maxima that add up to `max_score`. */
function toPoints(judged: readonly Judged[], limit: number, max_score: number): Pick<Criterion, "score" | "max">[] {
  const maxima = inTenths(
    judged.map(({ weight }) => weight * max_score),
    Math.floor(max_score * 10 + TINY),
  );
  // What is less than a tenth of a point can be nobody's score, but belongs to the whole.
  const rest = Math.round((max_score - total(maxima)) * 1000) / 1000;
  const earned = judged.map(({ share }, i) => share * (maxima[i] ?? 0));
  const most = limit * max_score;
  const factor = total(earned) > most ? most / total(earned) : 1;
  const points = earned.map((value) => value * factor);
  const tenths = Math.min(Math.round(total(points) * 10), Math.floor(most * 10 + 1e-6));
  const scores = inTenths(points, tenths);
  return scores.map((score, i) => ({
    score,
    max: Math.round(((maxima[i] ?? 0) + (i === 0 ? rest : 0)) * 1000) / 1000,
  }));
}

/**
 * The counted grade with a model's judgement worked in. Null where the model judged none of what was asked. Adds the flag
 * `needs_review` where the two differ by over 20 points of 100, where the answer speaks to its grader, and where the
 * model finds next to nothing amiss.
 */
export function withModel(counted: AutoGrade, judgement: Judgement, facts: Facts): AutoGrade | null {
  const { asked, max_score, engine } = facts;
  if (!judgement.criteria.some(({ id, score }) => Number.isFinite(score) && asked.some((one) => one.id === id)))
    return null;
  const base = counted.score / max_score;
  const judged = judgedBy(judgement, facts, base);
  const said = total(judged.map(({ weight, said }) => weight * said));
  const spokenTo = counted.flags.includes("instruction_to_grader");
  const points = toPoints(judged, spokenTo ? base : Math.min(1, base + TRUSTED), max_score);
  const score = Math.round(total(points.map((part) => part.score)) * 10) / 10;
  const tooGood = said >= TOO_GOOD && score > counted.score;
  const lifted = spokenTo || tooGood || said > base + TRUSTED + TINY;
  const review = lifted || said < base - TRUSTED - TINY;
  // Of a model that may have been talked round a learner reads nothing.
  const words = lifted ? [] : [plainUzbek(judgement.strength, SENTENCE), plainUzbek(judgement.next_step, SENTENCE)];
  return {
    ...counted,
    score,
    analysis: { ...counted.analysis, counted_score: counted.score },
    criteria: judged.map(({ name, evidence, comment }, i) => ({
      name,
      score: points[i]?.score ?? 0,
      max: points[i]?.max ?? 0,
      evidence,
      comment: (lifted ? null : comment) ?? UNCOMMENTED,
    })),
    feedback: [counted.feedback, ...words].filter(Boolean).join(" "),
    confidence: review ? "low" : counted.confidence,
    engine: `${engine}${WITH_CHECKS}`,
    flags: review ? [...counted.flags, "needs_review"] : counted.flags,
  };
}
