import type { Level } from "../../domain/users.ts";

/** The level at which an English word is learnt; null where it is not in the list. In small letters, any form of it. */
export type LevelOf = (word: string) => Level | null;

/** The levels of English words. */
export interface WordLevels {
  /** Reads the list at its first use; looking a word up waits for nothing. */
  load(): Promise<LevelOf>;
}
