import { clipEvidence, scoreSummary } from "./clip_evidence.ts";
import type { Passage } from "./listener.ts";
import { evaluate, standardised } from "./network.ts";
import { mean } from "./numbers.ts";
import { phoneInputs } from "./phone_inputs.ts";
import type { Scores } from "./scores.ts";
import type { Evidence } from "./word_evidence.ts";

/** What the experts would say of a passage, on their scale of 0 to 10, not cut to it. */
export type Judgement = {
  readonly words: readonly number[];
  /** Of each phone of each word the share of the experts that would mark it, 0 to 1. */
  readonly marked: readonly (readonly number[])[];
  readonly clip: { readonly accuracy: number; readonly fluency: number; readonly total: number };
  /** What the clip's scores were made of. */
  readonly evidence: Evidence;
};

const FURTHEST_PHONE = 5;
const FURTHEST_CLIP = 4;

/** Trees and networks judge by themselves; what counts is their blend. */
export function judged({ words, evidence, pace, fit }: Passage, scores: Scores): Judgement {
  const base = clipEvidence(words, evidence, pace, fit);
  const { networks, phone, clip } = scores.network;
  const inputs = phoneInputs(words, evidence).map((row) => standardised(row, phone, FURTHEST_PHONE));
  const wordOf = words.flatMap(({ phones }, word) => phones.map(() => word));
  const whole = standardised(
    clip.features.map((name) => base[name] ?? 0),
    clip,
    FURTHEST_CLIP,
  );
  const verdicts = networks.map((network) => evaluate(network, inputs, wordOf, whole));
  const ofNetworks = (name: "accuracy" | "fluency" | "total") => 10 * mean(verdicts.map((verdict) => verdict[name]));
  const own = evidence.map((row, i) =>
    scores.blend.word(scores.word(row), 10 * mean(verdicts.map((verdict) => verdict.words[i] ?? 0))),
  );
  const marked = Map.groupBy(wordOf.keys(), (i) => wordOf[i] ?? 0);
  const all = { ...base, ...scoreSummary(own) };
  const blended = (name: "accuracy" | "fluency" | "total") =>
    scores.blend[name](scores.clip[name](all), ofNetworks(name));
  return {
    words: own,
    marked: words.map((_, word) =>
      (marked.get(word) ?? []).map((i) => mean(verdicts.map((verdict) => verdict.phones[i] ?? 0))),
    ),
    clip: { accuracy: blended("accuracy"), fluency: blended("fluency"), total: blended("total") },
    evidence: all,
  };
}
