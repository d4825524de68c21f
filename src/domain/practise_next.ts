import type { Phrase } from "./phrases.ts";
import type { PronunciationAttempt, Sound } from "./pronunciation.ts";
import type { HardestSound, HardWord } from "./pronunciation_profile.ts";
import { hardSoundsIn } from "./sounds.ts";
import { LEVELS, type Level } from "./users.ts";
import { fold, tokensOf } from "./words.ts";

/** Why a phrase is offered: it has a sound or a word that came out weak, or was not tried yet. */
export type Reason =
  | { readonly kind: "sound"; readonly sound: Sound; readonly word: string; readonly times: number }
  | { readonly kind: "word"; readonly word: string; readonly times: number }
  | { readonly kind: "new" };

export type Offer = { readonly phrase: Phrase; readonly reason: Reason };

/** How a learner did with each phrase. */
export type Tried = ReadonlyMap<number, { readonly best: number; readonly attempts: number }>;

/** The best overall score of each phrase, and how often it was tried. */
export function triedOf(attempts: readonly Pick<PronunciationAttempt, "phrase_id" | "assessment">[]): Tried {
  const tried = new Map<number, { best: number; attempts: number }>();
  for (const { phrase_id, assessment } of attempts) {
    if (phrase_id === null) continue;
    const { best = 0, attempts = 0 } = tried.get(phrase_id) ?? {};
    tried.set(phrase_id, { best: Math.max(best, assessment.overall_score), attempts: attempts + 1 });
  }
  return tried;
}

/** Not tried yet, then those that went worst. */
export const byNeed =
  (tried: Tried) =>
  (a: Phrase, b: Phrase): number =>
    (tried.get(a.id)?.best ?? -1) - (tried.get(b.id)?.best ?? -1);

/** The level and its neighbours: the learner's own first. */
export function levelsNear(level: Level): Level[] {
  const at = LEVELS.indexOf(level);
  return [at, at - 1, at + 1].flatMap((place) => LEVELS[place] ?? []);
}

const OFFERS = 5;
const OFFERS_NEW = 3;

type Needs = { readonly hardest_sounds: readonly HardestSound[]; readonly hardest_words: readonly HardWord[] };

/** For each hard sound, and then for each hard word, the phrase that is needed most; phrases come in the order of preference. */
export function practiseNext(
  { hardest_sounds, hardest_words }: Needs,
  phrases: readonly Phrase[],
  tried: Tried,
): Offer[] {
  const wanted = phrases.toSorted(byNeed(tried));
  const offers: Offer[] = [];
  const offer = (reasonFor: (phrase: Phrase) => Reason | null) => {
    for (const phrase of wanted) {
      const reason = offers.some((one) => one.phrase.id === phrase.id) ? null : reasonFor(phrase);
      if (reason) return void offers.push({ phrase, reason });
    }
  };
  for (const { sound, weak } of hardest_sounds)
    offer(({ text }) => {
      const [word] = hardSoundsIn(text).get(sound) ?? [];
      return word === undefined ? null : { kind: "sound", sound, word, times: weak };
    });
  for (const { word, times } of hardest_words)
    offer(({ text }) =>
      tokensOf(text).some((token) => fold(token.text) === word) ? { kind: "word", word, times } : null,
    );
  while (offers.length < OFFERS_NEW) {
    const before = offers.length;
    offer(({ id }) => (tried.has(id) ? null : { kind: "new" }));
    if (offers.length === before) break;
  }
  return offers.slice(0, OFFERS);
}
