import { readFileSync } from "node:fs";
import { finite, type Judge, judge, record } from "./judge.ts";
import type { Evidence } from "./word_evidence.ts";

/** What became of a word of the text: `replaced` is that something else was said in its place. */
export type Fate = {
  readonly kind: "said" | "replaced" | "left_out";
  /** Logarithm of the odds that it was replaced, above what is needed to say so. */
  readonly doubt: number;
};

/** What misreadings.json has learned to tell. */
export type Misreadings = {
  /** From the evidence of all words of a passage, in order. */
  fates(evidence: readonly Evidence[]): Fate[];
  /** From the evidence of any word of a passage: none of it was read. */
  isOtherText(evidence: Evidence): boolean;
  /** From the evidence of a stretch of sound: it holds words that are not in the text. */
  isAdded(evidence: Evidence): boolean;
};

export function openMisreadings(file: string): Misreadings {
  const content = record(JSON.parse(readFileSync(file, "utf8")), "no object");
  const leftOut = decider(content.left_out, "left_out");
  const replaced = decider(content.replaced, "replaced");
  const otherText = decider(content.other_text, "other_text");
  const added = decider(content.added, "added");
  const turn = finite(content.turn, "turn");
  return {
    fates: (evidence) => {
      const gone = runs(evidence.map(leftOut), turn);
      return evidence.map((own, i) => {
        const doubt = replaced(own);
        return { kind: gone[i] ? "left_out" : doubt > 0 ? "replaced" : "said", doubt };
      });
    },
    isOtherText: (evidence) => otherText(evidence) > 0,
    isAdded: (evidence) => added(evidence) > 0,
  };
}

/** Log-odds above the threshold. */
function decider(value: unknown, where: string): Judge {
  const { above } = record(value, where);
  const [odds, threshold] = [judge(value, where), finite(above, `${where}.above`)];
  return (evidence) => odds(evidence) - threshold;
}

/** Words are left out in runs: the likeliest sequence of in and out, each turn from one to the other costing `turn` nats. */
export function runs(odds: readonly number[], turn: number): boolean[] {
  // Best score of each way to end in and out, and for each word whether the best way came from out.
  let [kept, out] = [0, -turn];
  const cameFromOut = odds.map((odd) => {
    const from = [out - turn > kept, out > kept - turn] as const;
    [kept, out] = [Math.max(kept, out - turn) - odd / 2, Math.max(out, kept - turn) + odd / 2];
    return from;
  });
  let isOut = out > kept;
  return cameFromOut
    .toReversed()
    .map(([intoKept, intoOut]) => {
      const now = isOut;
      isOut = now ? intoOut : intoKept;
      return now;
    })
    .toReversed();
}
