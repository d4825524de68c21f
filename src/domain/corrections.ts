/** A mistake in a text and what to write instead. `start` and `end` count UTF-16 code units from the text's start. */
export type Correction = {
  readonly start: number;
  readonly end: number;
  /** The words at that place. */
  readonly original: string;
  /** Best first; an empty string means: leave the words out. */
  readonly replacements: readonly string[];
  /** The checker's name of the rule, e.g. `SpellCheck`. */
  readonly rule: string;
  /** The checker's own sentence, in English. */
  readonly message: string;
};
