import type { Actor } from "../domain/access.ts";
import { type Conversation, titleOf } from "../domain/conversations.ts";
import { AppError } from "../domain/errors.ts";
import type { Ports, Stores } from "./ports/mod.ts";

type Keeping = Pick<Ports, "conversations" | "clock">;

/** A conversation of the caller's own; another's is not there. */
export async function ownConversation(
  { conversations }: Pick<Ports, "conversations">,
  actor: Actor,
  id: number,
): Promise<Conversation> {
  const found = await conversations.find(id);
  if (found?.user_id !== actor.id) throw new AppError("not_found");
  return found;
}

/** Begins one, of which nothing is said yet. */
export function beginConversation(
  { conversations, clock }: Keeping,
  { id }: Actor,
  draft: Pick<Conversation, "title" | "scenario">,
): Promise<Conversation> {
  const at = clock.now().toISOString();
  return conversations.add({ ...draft, user_id: id, message_count: 0, created_at: at, updated_at: at });
}

/** Keeps both sides of a turn, in the conversation or in a new one that is called by its first question; gives its id. */
export const keepTurn =
  ({ clock }: Pick<Ports, "clock">) =>
  async (
    stores: Pick<Stores, "conversations">,
    actor: Actor,
    conversation: Conversation | null,
    { prompt, reply }: { prompt: string; reply: string },
  ): Promise<number> => {
    const created_at = clock.now().toISOString();
    const { id: conversation_id } =
      conversation ??
      (await beginConversation({ ...stores, clock }, actor, { title: titleOf(prompt), scenario: null }));
    const said = [
      { role: "user", text: prompt },
      { role: "assistant", text: reply },
    ] as const;
    if (!(await stores.conversations.keep(conversation_id, said, created_at))) throw new AppError("not_found");
    return conversation_id;
  };

/** Removes one with all that was said in it. */
export async function deleteConversation(
  { conversations }: Keeping,
  { id: user_id }: Actor,
  id: number,
): Promise<void> {
  const gone = await conversations.remove({ id, user_id });
  if (gone.length === 0) throw new AppError("not_found");
}
