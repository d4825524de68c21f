import { type Actor, holds } from "./access.ts";
import type { Level } from "./users.ts";

/** A phrase to practise reading aloud. */
export type Phrase = {
  readonly id: number;
  /** Whose it is; null: the school's, which everybody sees. */
  readonly user_id: number | null;
  /** Who wrote it for the school; null for one of a learner's own, for one that came with the school, and where the author left. */
  readonly author_id: number | null;
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

/** Everybody sees the school's phrases and their own. */
export const seesPhrase = ({ id }: Actor, { user_id }: Pick<Phrase, "user_id">): boolean =>
  user_id === null || user_id === id;

/** Whoever wrote it changes it, one of the school's while they are a teacher; admins change any. */
export const changesPhrase = (actor: Actor, { user_id, author_id }: Pick<Phrase, "user_id" | "author_id">): boolean =>
  holds(actor, "admin") || user_id === actor.id || (author_id === actor.id && holds(actor, "teacher"));
