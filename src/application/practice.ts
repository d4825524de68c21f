import type { Actor } from "../domain/access.ts";
import { ASSUMED_LEVEL } from "../domain/avatars.ts";
import { AppError } from "../domain/errors.ts";
import { seesPhrase } from "../domain/phrases.ts";
import { completed, type PracticeSession, SESSION_PHRASES } from "../domain/practice.ts";
import { byNeed, triedOf } from "../domain/practise_next.ts";
import { PROFILE_ATTEMPTS } from "../domain/pronunciation_profile.ts";
import type { Level, User } from "../domain/users.ts";
import { ownRow } from "./own_rows.ts";
import { LEARNT, phrasesAt } from "./phrases.ts";
import type { Ports, Stores, Transaction } from "./ports/mod.ts";

type Learner = Actor & Pick<User, "level">;
type Practising = Pick<Ports, "phrases" | "practiceSessions" | "pronunciationAttempts" | "clock">;

/** A session of the caller's own that is not over: else it is refused with `session_completed`. */
export async function openSession(
  { practiceSessions }: Pick<Stores, "practiceSessions">,
  actor: Actor,
  id: number,
): Promise<PracticeSession> {
  const found = await ownRow(practiceSessions, actor, id);
  if (found.status === "completed") throw new AppError("session_completed");
  return found;
}

/** Begins a session of the phrases named, else of those of a level that the caller needs most. */
export const startSession =
  (ports: Practising) =>
  async (
    actor: Learner,
    { level, phrase_ids }: { level: Level | null; phrase_ids: readonly number[] | null },
  ): Promise<PracticeSession> => {
    const at = ports.clock.now().toISOString();
    const wanted = level ?? actor.level ?? ASSUMED_LEVEL;
    const phrases = phrase_ids ? await named(ports, actor, phrase_ids) : await needed(ports, actor, wanted);
    return ports.practiceSessions.add({
      user_id: actor.id,
      status: "active",
      level: phrase_ids ? level : wanted,
      phrase_ids: phrases,
      average_accuracy: null,
      average_overall: null,
      attempt_count: 0,
      xp: 0,
      started_at: at,
      completed_at: null,
    });
  };

async function named({ phrases }: Practising, actor: Actor, ids: readonly number[]): Promise<number[]> {
  const wanted = [...new Set(ids)];
  const found = await phrases.list({ where: { id: { in: wanted } }, skip: 0, limit: wanted.length });
  if (found.length < wanted.length || !found.every((phrase) => seesPhrase(actor, phrase)))
    throw new AppError("not_found");
  return wanted;
}

async function needed(ports: Practising, actor: Actor, level: Level): Promise<number[]> {
  const attempts = await ports.pronunciationAttempts.list({
    where: { user_id: actor.id, source: "phrase" },
    newestFirst: true,
    skip: 0,
    limit: PROFILE_ATTEMPTS,
  });
  const phrases = await phrasesAt(ports, actor, [level], LEARNT);
  const sorted = phrases.sort(byNeed(triedOf(attempts)));
  return sorted.slice(0, SESSION_PHRASES).map(({ id }) => id);
}

const alone = (stores: Transaction, id: number) => stores.lock(`practice session ${id}`);

/** Counts an attempt of the session, in the transaction that keeps it. */
export async function joinSession(stores: Transaction, actor: Actor, id: number): Promise<void> {
  await alone(stores, id);
  const { attempt_count } = await openSession(stores, actor, id);
  await stores.practiceSessions.change({ id }, { attempt_count: attempt_count + 1 });
}

/** More than anybody reads in a session. */
const MOST_ATTEMPTS = 1000;

/** Ends a session: averages and experience, worked out once. A second time gives the first's result. */
export const completeSession =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, id: number): Promise<PracticeSession> =>
    atomically(async (stores) => {
      await alone(stores, id);
      const session = await ownRow(stores.practiceSessions, actor, id);
      if (session.status === "completed") return session;
      const where = { session_id: id };
      const attempts = await stores.pronunciationAttempts.list({ where, skip: 0, limit: MOST_ATTEMPTS });
      const [ended] = await stores.practiceSessions.change({ id }, completed(attempts, clock.now().toISOString()));
      if (!ended) throw new AppError("not_found");
      return ended;
    });
