import { fileURLToPath } from "node:url";
import type { Grammar } from "../../application/ports/grammar.ts";
import type { Correction } from "../../domain/corrections.ts";
import { type Child, supervise } from "../children/supervisor.ts";

/** Characters that are checked; what follows is not. An essay has 3 000, a book's chapter 20 000. */
const MOST_CHARACTERS = 50_000;
// Harper needs 0.2 to 1 second for so much, so that no text meets the time-out on a busy machine.
const PIECE = 4_000;

/** A run of so many characters without a space is no word, and 5 000 of them take Harper 8 seconds. Places stay. */
const withoutRuns = (text: string) => text.replace(/\S{100,}/g, (run) => " ".repeat(run.length));

/** Behind the last end of a sentence, or 0. One look at each character: this runs in the server's own thread. */
function lastBreak(piece: string): number {
  let last = 0;
  for (const { index } of piece.matchAll(/[.!?\n](?=\s)/g)) last = index + 1;
  return last;
}

/** Where pieces of a text begin: after a sentence, else after a word, and last the text's end. */
function cuts(text: string): number[] {
  const found = [0];
  for (let start = 0; start < text.length; ) {
    const piece = text.slice(start, start + PIECE);
    const whole = start + PIECE >= text.length;
    const end = whole ? piece.length : lastBreak(piece) || piece.lastIndexOf(" ") + 1;
    start += end > 0 ? end : piece.length;
    found.push(start);
  }
  return found;
}

/** Grammar and spelling of English by Harper (harper.js), offline, in a child that ends when it is not needed. */
export function harperGrammar(): Grammar & Pick<Child<string, Correction[]>, "pid" | "depth"> {
  const child = supervise<string, Correction[]>({
    script: fileURLToPath(new URL("./harper_child.ts", import.meta.url)),
    // The first call loads the checker, which takes seconds on a busy machine.
    timeoutMs: 30_000,
    queue: 64,
    nice: 10,
    broken: "internal",
    idleMs: 10 * 60_000,
  });
  return {
    check: async (text, language, options) => {
      const english = /^en(?:$|[-_])/i.test(language);
      if (!english || !/\p{L}/u.test(text)) return [];
      const checked = withoutRuns(text.slice(0, MOST_CHARACTERS));
      const places = cuts(checked);
      const corrections: Correction[] = [];
      for (const [i, from] of places.slice(0, -1).entries()) {
        const found = await child.call(checked.slice(from, places[i + 1]), options);
        for (const one of found) corrections.push({ ...one, start: one.start + from, end: one.end + from });
      }
      return corrections;
    },
    stop: child.stop,
    get pid() {
      return child.pid;
    },
    get depth() {
      return child.depth;
    },
  };
}
