import type { Grammar } from "../../application/ports/grammar.ts";

/** Finds nothing: where no checker runs, and where a test is about something else. */
export const noGrammar: Grammar = {
  check: async () => [],
  stop: async () => {},
};
