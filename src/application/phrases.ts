import type { Actor } from "../domain/access.ts";
import { holds } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import { changesPhrase, type Phrase, seesPhrase } from "../domain/phrases.ts";
import { STARTER_PHRASES } from "../domain/starter_phrases.ts";
import type { Level } from "../domain/users.ts";
import { audit } from "./audit.ts";
import type { Ports, Stores } from "./ports/mod.ts";

/** What the school teaches. */
export const LEARNT = "en";

/** The rows that a user sees: the school's and their own. */
export const seenBy = ({ id }: Actor) => ({ user_id: { in: [null, id] } }) as const;

/** A phrase of the school's or of the caller's own; another's is not there. */
export async function seenPhrase({ phrases }: Pick<Stores, "phrases">, actor: Actor, id: number): Promise<Phrase> {
  const found = await phrases.find(id);
  if (!found || !seesPhrase(actor, found)) throw new AppError("not_found");
  return found;
}

/** Chosen from at once; a school has hundreds in all. */
const CHOICE = 200;

/** Phrases that the caller sees of some levels, in the order of the levels. */
export async function phrasesAt(
  { phrases }: Pick<Stores, "phrases">,
  actor: Actor,
  levels: readonly Level[],
  language: string,
): Promise<Phrase[]> {
  const where = { ...seenBy(actor), level: { in: levels }, language };
  const found = await phrases.list({ where, skip: 0, limit: CHOICE });
  return found.sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}

/** Makes sure that a school has phrases; those that are there stay as they are. */
export const ensurePhrases =
  ({ atomically, phrases, clock }: Pick<Ports, "atomically" | "phrases" | "clock">) =>
  async (): Promise<void> => {
    if ((await phrases.count({ user_id: null })) > 0) return;
    await atomically(async (stores) => {
      // Of processes that start at once one adds them.
      await stores.lock("starter phrases");
      if ((await stores.phrases.count({ user_id: null })) > 0) return;
      const at = clock.now().toISOString();
      const stamp = { user_id: null, author_id: null, language: LEARNT, created_at: at, updated_at: at };
      for (const draft of STARTER_PHRASES) await stores.phrases.add({ ...draft, ...stamp });
    });
  };

export type PhraseDraft = Pick<Phrase, "text" | "translation" | "level" | "language" | "phonetic_hint">;

/** A learner's phrase is their own, a teacher's the school's. */
export const addPhrase =
  ({ phrases, clock }: Pick<Ports, "phrases" | "clock">) =>
  (actor: Actor, draft: PhraseDraft): Promise<Phrase> => {
    const at = clock.now().toISOString();
    const isShared = holds(actor, "teacher");
    const whose = { user_id: isShared ? null : actor.id, author_id: isShared ? actor.id : null };
    return phrases.add({ ...draft, ...whose, created_at: at, updated_at: at });
  };

/** The phrase, for whoever may change it. What they do not even see is not there for them. */
async function changeable({ phrases }: Pick<Stores, "phrases">, actor: Actor, id: number): Promise<Phrase> {
  const found = await phrases.find(id);
  if (!found || !(seesPhrase(actor, found) || changesPhrase(actor, found))) throw new AppError("not_found");
  if (!changesPhrase(actor, found)) throw new AppError("forbidden");
  return found;
}

export const changePhrase =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, id: number, changes: PhraseDraft): Promise<Phrase> =>
    atomically(async (stores) => {
      const before = await changeable(stores, actor, id);
      const at = clock.now();
      const [changed] = await stores.phrases.change({ id }, { ...changes, updated_at: at.toISOString() });
      if (!changed) throw new AppError("not_found");
      if (before.user_id !== actor.id) await audit(stores, actor, "phrase.change", `phrase:${id}`, at);
      return changed;
    });

/** What was read of it stays in its readers' histories. */
export const deletePhrase =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, id: number): Promise<void> =>
    atomically(async (stores) => {
      const { user_id } = await changeable(stores, actor, id);
      await stores.phrases.remove({ id });
      if (user_id !== actor.id) await audit(stores, actor, "phrase.delete", `phrase:${id}`, clock.now());
    });
