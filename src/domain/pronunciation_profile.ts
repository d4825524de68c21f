import type { PronunciationAttempt, Sound } from "./pronunciation.ts";
import { mean, tenths } from "./rounding.ts";
import { fold } from "./words.ts";

// What a learner's last analyses have in common. All of it is computed when it is asked for.

/** Analyses that a profile is made of: the newest ones. */
export const PROFILE_ATTEMPTS = 200;

type Attempt = Pick<PronunciationAttempt, "assessment" | "weak_words" | "sound_counts" | "created_at">;

export type Averages = {
  readonly accuracy: number | null;
  readonly fluency: number | null;
  readonly completeness: number | null;
  readonly overall: number | null;
};

const averagesOf = (attempts: readonly Attempt[]): Averages => {
  const of = (score: "accuracy_score" | "fluency_score" | "completeness_score" | "overall_score") =>
    mean(attempts.map(({ assessment }) => assessment[score]));
  return {
    accuracy: of("accuracy_score"),
    fluency: of("fluency_score"),
    completeness: of("completeness_score"),
    overall: of("overall_score"),
  };
};

export type Trend = {
  readonly direction: "up" | "down" | "steady";
  /** Points of the overall score: `recent - before`. */
  readonly change: number;
  readonly recent: number;
  readonly before: number;
  /** Analyses on each side. */
  readonly attempts: number;
};

const TREND_MOST = 10;
const TREND_LEAST = 3;
/** Points within which two readings of one speaker differ anyway. */
const STEADY = 3;

/**
 * The last ten analyses against the ten before, or halves of what there is. Only those count that were scored as the newest one
 * was; null where fewer than three stand on each side.
 */
function trendOf(newestFirst: readonly Attempt[]): Trend | null {
  const [newest] = newestFirst;
  const alike = newestFirst.filter(
    ({ assessment: { method, scoring_version } }) =>
      method === newest?.assessment.method && scoring_version === newest.assessment.scoring_version,
  );
  const attempts = Math.min(TREND_MOST, Math.floor(alike.length / 2));
  const recent = averagesOf(alike.slice(0, attempts)).overall;
  const before = averagesOf(alike.slice(attempts, 2 * attempts)).overall;
  if (attempts < TREND_LEAST || recent === null || before === null) return null;
  const change = tenths(recent - before);
  return {
    direction: Math.abs(change) < STEADY ? "steady" : change > 0 ? "up" : "down",
    change,
    recent,
    before,
    attempts,
  };
}

export type HardWord = {
  /** In small letters. */
  readonly word: string;
  /** How often it came out weak. */
  readonly times: number;
  readonly average_score: number;
  readonly last_at: string;
};

const HARD_WORDS = 10;

function hardestWords(newestFirst: readonly Attempt[]): HardWord[] {
  const all = newestFirst.flatMap(({ weak_words, created_at }) =>
    weak_words.map(({ word, score }) => ({ word: fold(word), score, at: created_at })),
  );
  return [...Map.groupBy(all, ({ word }) => word)]
    .map(([word, times]) => ({
      word,
      times: times.length,
      average_score: mean(times.map(({ score }) => score)) ?? 0,
      last_at: times[0]?.at ?? "",
    }))
    .sort((a, b) => b.times - a.times || a.average_score - b.average_score)
    .slice(0, HARD_WORDS);
}

export type HardestSound = {
  readonly sound: Sound;
  readonly said: number;
  readonly weak: number;
  readonly average_score: number;
  /** What was likely in its place most often; null where nothing was. */
  readonly heard: Sound | null;
  /** Words of the learner's own in which it was weak. */
  readonly words: readonly string[];
};

const HARD_SOUNDS = 5;
/** A single slip is no habit. */
const LEAST_WEAK = 2;
/** Added to how often a sound was said, so that one that was said twice does not lead. */
const DOUBT = 5;
const OWN_WORDS = 3;

function hardestSounds(attempts: readonly Attempt[]): HardestSound[] {
  const counts = attempts.flatMap(({ sound_counts }) => sound_counts);
  const weakWords = attempts.flatMap(({ weak_words }) => weak_words);
  return [...Map.groupBy(counts, ({ sound }) => sound)]
    .map(([sound, all]): HardestSound => {
      const [said, weak] = [total(all, "said"), total(all, "weak")];
      const score = all.reduce((sum, one) => sum + one.score * one.said, 0) / Math.max(1, said);
      const words = weakWords.filter((word) => word.sound === sound).map(({ word }) => fold(word));
      return {
        sound,
        said,
        weak,
        average_score: tenths(score),
        heard: likeliest(all),
        words: [...new Set(words)].slice(0, OWN_WORDS),
      };
    })
    .filter(({ weak }) => weak >= LEAST_WEAK)
    .sort((a, b) => b.weak / (b.said + DOUBT) - a.weak / (a.said + DOUBT))
    .slice(0, HARD_SOUNDS);
}

const total = (all: PronunciationAttempt["sound_counts"], field: "said" | "weak"): number =>
  all.reduce((sum, one) => sum + one[field], 0);

function likeliest(all: PronunciationAttempt["sound_counts"]): Sound | null {
  const weak = new Map<Sound, number>();
  for (const { heard, weak: times } of all) if (heard !== null) weak.set(heard, (weak.get(heard) ?? 0) + times);
  return [...weak].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Of the newest PROFILE_ATTEMPTS analyses, newest first. Of none: nulls and empty lists. */
export const profileOf = (newestFirst: readonly Attempt[]) => ({
  averages: averagesOf(newestFirst),
  trend: trendOf(newestFirst),
  hardest_words: hardestWords(newestFirst),
  hardest_sounds: hardestSounds(newestFirst),
});
