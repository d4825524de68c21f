import { join } from "node:path";
import { z } from "zod";
import type { ScoredWord } from "../../src/domain/pronunciation.ts";

// Recordings with experts' scores: a folder with `labels.json` and the files that it names.

/** Every score is the mean of several experts, 0 to 10. */
const Labels = z.array(
  z.object({
    id: z.string(),
    /** Within the folder. */
    file: z.string(),
    text: z.string(),
    speaker: z.string(),
    /** Years. */
    age: z.number(),
    scores: z.object({ accuracy: z.number(), fluency: z.number(), total: z.number() }),
    /** What each expert gave for accuracy. */
    raters_accuracy: z.array(z.number()).optional(),
    words: z.array(z.object({ text: z.string(), accuracy: z.number() })),
  }),
);

export type LabelledClip = z.infer<typeof Labels>[number];
type LabelledWord = LabelledClip["words"][number];

export async function readClips(folder: string): Promise<LabelledClip[]> {
  const file = Bun.file(join(folder, "labels.json"));
  if (!(await file.exists())) throw new Error(`no recordings with experts' scores: ${folder} has no labels.json`);
  return Labels.parse(await file.json());
}

type Place = { readonly start: number; readonly end: number };

/** Where each labelled word stands in its text; null where one does not stand there. */
export function placesOf({ text, words }: Pick<LabelledClip, "text" | "words">): Place[] | null {
  let at = 0;
  const places = words.map((word) => {
    const start = text.indexOf(word.text, at);
    at = start + word.text.length;
    return start < 0 ? null : { start, end: at };
  });
  return places.every((place) => place !== null) ? places : null;
}

export type WordPair = { readonly label: LabelledWord; readonly scored: ScoredWord };

/**
 * Each labelled word with the scorer's. Where the scorer makes several of one (`it's`), the worst of them stands for it. Null
 * where the text splits otherwise: a labelled word without a scored one, or a scored one that is of none or of two.
 */
export function paired(clip: Pick<LabelledClip, "text" | "words">, scored: readonly ScoredWord[]): WordPair[] | null {
  const places = placesOf(clip);
  if (!places) return null;
  const pairs: WordPair[] = [];
  let used = 0;
  for (const [i, label] of clip.words.entries()) {
    const { start, end } = places[i] ?? { start: 0, end: 0 };
    const inside = scored.filter((word) => word.start < end && word.end > start);
    const [worst] = inside.toSorted((a, b) => a.score - b.score);
    if (!worst) return null;
    used += inside.length;
    pairs.push({ label, scored: worst });
  }
  return used === scored.length ? pairs : null;
}
