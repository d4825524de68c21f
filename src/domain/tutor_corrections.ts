import type { Correction } from "./corrections.ts";

export type TutorCorrection = {
  readonly original: string;
  readonly corrected: string;
  readonly explanation: string;
  readonly source: "rules" | "model";
};

type Proposed = { readonly original: string; readonly corrected: string; readonly explanation: string };

export function checkedCorrections(
  text: string,
  rules: readonly Correction[],
  model: readonly Proposed[],
): TutorCorrection[] {
  void rules;
  return model
    .filter(({ original }) => text.toLowerCase().includes(original.toLowerCase()))
    .map((one) => ({ ...one, source: "model" }));
}
