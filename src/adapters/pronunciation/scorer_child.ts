import { AppError } from "../../domain/errors.ts";
import type { Pronounced } from "../../domain/pronunciation.ts";
import { serve } from "../children/serve.ts";
import { follow } from "./followed.ts";
import { openLexicon } from "./lexicon.ts";
import { openParts } from "./listener.ts";
import { openMisreadings } from "./misreadings.ts";
import { pronounced } from "./pronounced.ts";
import type { Score } from "./scorer.ts";
import { SHIPPED } from "./scorer_ready.ts";
import { openScores } from "./scores.ts";
import { spokenWords } from "./spoken_words.ts";

// The scorer's own process: everything that takes memory or time is loaded here.

async function load() {
  const scores = openScores(SHIPPED);
  const misreadings = openMisreadings(SHIPPED.misreadings);
  const parts = await openParts({ ...SHIPPED, priors: scores.priors, threads: THREADS });
  return { scores, follower: { ...parts, lexicon: openLexicon(), misreadings } };
}

// A second thread makes a short clip no quicker, and a server has other work for it.
const THREADS = 1;

let loaded: ReturnType<typeof load> | undefined;

serve<Score, Pronounced>(async ({ samples, text }) => {
  loaded ??= load();
  const { scores, follower } = await loaded;
  const words = spokenWords(text, follower.lexicon);
  if (words.length === 0) throw new AppError("nothing_to_say");
  return pronounced(await follow(follower, samples, words), words, text, scores);
});
