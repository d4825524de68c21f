/** An answer that wants a grade it did not earn. */
export type Attack = {
  name: string;
  language: "en" | "uz" | "ru";
  kind: "text" | "oral";
  /** The language that the homework asks for. */
  homework: "en" | "uz" | "ru";
  /** With `{en}` and the like for an honest answer around the attack. */
  answer: string;
  times?: number;
};

export const { essays, attacks }: { essays: Record<string, string>; attacks: Attack[] } = await Bun.file(
  new URL("../test_data/attacks.json", import.meta.url),
).json();

/** What is handed in, or said. */
export const textOf = ({ answer, times = 1 }: Attack): string =>
  answer.replace(/\{(\w+)\}/g, (all, name) => essays[name] ?? all).repeat(times);
