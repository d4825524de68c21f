/** What phrases are for, by the Common European Framework. */
export const LEVELS = ["A1", "A2", "B1", "B2", "C1", "C2"] as const;
export type Level = (typeof LEVELS)[number];

/** A phrase to practise reading aloud. */
export type Phrase = {
  readonly id: number;
  /** Whose it is; null: the school's, which everybody sees. */
  readonly user_id: number | null;
  readonly text: string;
  /** In Uzbek. */
  readonly translation: string | null;
  readonly level: Level;
  /** ISO 639-1. */
  readonly language: string;
  /** What to mind when saying it, in Uzbek. */
  readonly phonetic_hint: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

/** A round of practice: it collects attempts until it is completed. */
export type PracticeSession = {
  readonly id: number;
  readonly user_id: number;
  readonly status: "active" | "completed";
  readonly level: Level | null;
  readonly phrase_ids: readonly number[];
  /** Of a completed one; null before, and where nothing was attempted. */
  readonly average_accuracy: number | null;
  readonly average_overall: number | null;
  readonly attempt_count: number;
  readonly xp: number;
  readonly started_at: string;
  readonly completed_at: string | null;
};
