import type { Actor } from "../domain/access.ts";
import { ASSUMED_LEVEL } from "../domain/avatars.ts";
import type { Phrase } from "../domain/phrases.ts";
import { type PracticeSession, streak } from "../domain/practice.ts";
import { levelsNear, practiseNext, triedOf } from "../domain/practise_next.ts";
import type { PronunciationAttempt } from "../domain/pronunciation.ts";
import { PROFILE_ATTEMPTS, profileOf } from "../domain/pronunciation_profile.ts";
import { mean } from "../domain/rounding.ts";
import { LEVELS, type User } from "../domain/users.ts";
import { LEARNT, phrasesAt } from "./phrases.ts";
import type { Ports } from "./ports/mod.ts";

type Learner = Actor & Pick<User, "level">;
type Looking = Pick<Ports, "phrases" | "practiceSessions" | "pronunciationAttempts" | "clock">;

/** Sessions that totals are made of, and those that are shown. */
const SESSIONS = 200;
const RECENT_SESSIONS = 5;
/** Phrases shown with their best score: those read last. */
const SHOWN_PHRASES = 50;

/** The caller's own averages, trend, hardest words and sounds, and what to practise next; from the newest analyses. */
export const summaryOf = (ports: Looking) => async (actor: Learner) => {
  const { summary } = await lookedAt(ports, actor);
  return summary;
};
export type Summary = Awaited<ReturnType<ReturnType<typeof summaryOf>>>;

async function lookedAt(ports: Looking, actor: Learner) {
  const where = { user_id: actor.id };
  const [attempts, attempt_count, phrases] = await Promise.all([
    ports.pronunciationAttempts.list({ where, newestFirst: true, skip: 0, limit: PROFILE_ATTEMPTS }),
    ports.pronunciationAttempts.count(where),
    phrasesAt(ports, actor, levelsNear(actor.level ?? ASSUMED_LEVEL), LEARNT),
  ]);
  const profile = profileOf(attempts);
  const practise_next = practiseNext(profile, phrases, triedOf(attempts));
  return { attempts, summary: { attempt_count, based_on: attempts.length, ...profile, practise_next } };
}

/** The summary, and how practice goes: by level, by phrase, by session, day by day. */
export const profileFor = (ports: Looking) => async (actor: Learner) => {
  const where = { user_id: actor.id };
  const [{ attempts, summary }, sessions, session_count] = await Promise.all([
    lookedAt(ports, actor),
    ports.practiceSessions.list({ where, newestFirst: true, skip: 0, limit: SESSIONS }),
    ports.practiceSessions.count(where),
  ]);
  const ids = [...new Set(attempts.flatMap(({ phrase_id }) => phrase_id ?? []))];
  const read =
    ids.length === 0 ? [] : await ports.phrases.list({ where: { id: { in: ids } }, skip: 0, limit: ids.length });
  return {
    ...summary,
    session_count,
    completed_sessions: sessions.filter(({ status }) => status === "completed").length,
    xp: sessions.reduce((sum, { xp }) => sum + xp, 0),
    streak_days: streak(
      attempts.map(({ created_at }) => created_at),
      ports.clock.now(),
    ),
    by_level: byLevel(attempts, read),
    phrases: byPhrase(attempts, read, ids),
    recent_sessions: sessions.slice(0, RECENT_SESSIONS) as readonly PracticeSession[],
  };
};

function byLevel(attempts: readonly PronunciationAttempt[], phrases: readonly Phrase[]) {
  const levels = new Map(phrases.map(({ id, level }) => [id, level]));
  return LEVELS.flatMap((level) => {
    const scores = attempts
      .filter(({ phrase_id }) => phrase_id !== null && levels.get(phrase_id) === level)
      .map(({ assessment }) => assessment.overall_score);
    return scores.length === 0 ? [] : [{ level, attempts: scores.length, average_overall: mean(scores) ?? 0 }];
  });
}

/** In the order in which they were read last. */
function byPhrase(attempts: readonly PronunciationAttempt[], phrases: readonly Phrase[], ids: readonly number[]) {
  const tried = triedOf(attempts);
  return ids.slice(0, SHOWN_PHRASES).flatMap((id) => {
    const phrase = phrases.find((one) => one.id === id);
    const how = tried.get(id);
    return phrase && how
      ? [{ phrase_id: id, text: phrase.text, level: phrase.level, best_score: how.best, attempts: how.attempts }]
      : [];
  });
}
