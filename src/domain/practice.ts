import type { PronunciationAttempt } from "./pronunciation.ts";
import { mean } from "./rounding.ts";
import { dayOf } from "./tashkent.ts";
import type { Level } from "./users.ts";

/** A round of practice: it collects attempts until it is completed. */
export type PracticeSession = {
  readonly id: number;
  readonly user_id: number;
  readonly status: "active" | "completed";
  readonly level: Level | null;
  /** What it set out to practise. */
  readonly phrase_ids: readonly number[];
  /** Of a completed one; null before, and where nothing was attempted. */
  readonly average_accuracy: number | null;
  readonly average_overall: number | null;
  /** Attempts so far. */
  readonly attempt_count: number;
  /** Of a completed one; 0 before. */
  readonly xp: number;
  readonly started_at: string;
  readonly completed_at: string | null;
};

/** Phrases that a session of a level is made of. */
export const SESSION_PHRASES = 10;

const XP_EACH = 10;
const XP_FROM = 60;
const XP_MOST = 100;
/** From the fourth time on, a phrase is known by heart. */
const XP_TIMES = 3;

type Attempted = Pick<PronunciationAttempt, "phrase_id" | "assessment">;

/** Experience of a session: 10 for each attempt of 60 and more, for the first three of a phrase alone, 100 at most. */
export function xpOf(attempts: readonly Attempted[]): number {
  const times = new Map<number | null, number>();
  let xp = 0;
  for (const { phrase_id, assessment } of attempts) {
    const time = (times.get(phrase_id) ?? 0) + 1;
    times.set(phrase_id, time);
    if (time <= XP_TIMES && assessment.overall_score >= XP_FROM) xp += XP_EACH;
  }
  return Math.min(XP_MOST, xp);
}

/** What a session comes to; its attempts are in the order in which they were made. */
export const completed = (attempts: readonly Attempted[], at: string) => ({
  status: "completed" as const,
  average_accuracy: mean(attempts.map(({ assessment }) => assessment.accuracy_score)),
  average_overall: mean(attempts.map(({ assessment }) => assessment.overall_score)),
  attempt_count: attempts.length,
  xp: xpOf(attempts),
  completed_at: at,
});

/** Days in a row with practice, in Tashkent, up to today; a day that is not over yet breaks nothing. */
export function streak(times: readonly string[], now: Date): number {
  const days = new Set(times.map(dayOf));
  const today = dayOf(now);
  const last = days.has(today) ? today : today - 1;
  let day = last;
  while (days.has(day)) day--;
  return last - day;
}
