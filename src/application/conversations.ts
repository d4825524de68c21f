import type { Actor } from "../domain/access.ts";
import { type Conversation, titleOf } from "../domain/conversations.ts";
import { AppError } from "../domain/errors.ts";
import type { Ports, Stores } from "./ports/mod.ts";

type Keeping = Pick<Ports, "conversations" | "clock">;

/** Begins one, of which nothing is said yet. */
export function beginConversation(
  { conversations, clock }: Keeping,
  { id }: Actor,
  draft: Pick<Conversation, "title" | "scenario">,
): Promise<Conversation> {
  const at = clock.now().toISOString();
  return conversations.add({ ...draft, user_id: id, message_count: 0, created_at: at, updated_at: at });
}

/**
 * Keeps both sides of a turn, in the conversation or in a new one that is called by its first question; gives its id. Where
 * it was deleted meanwhile a new one begins: whoever read the answer as it came must not get it for nothing by that.
 */
export const keepTurn =
  ({ clock }: Pick<Ports, "clock">) =>
  async (
    stores: Pick<Stores, "conversations">,
    actor: Actor,
    conversation: Conversation | null,
    { prompt, reply }: { prompt: string; reply: string },
  ): Promise<number> => {
    const at = clock.now().toISOString();
    const said = [
      { role: "user", text: prompt },
      { role: "assistant", text: reply },
    ] as const;
    if (conversation && (await stores.conversations.keep(conversation.id, said, at))) return conversation.id;
    const begun = await beginConversation({ ...stores, clock }, actor, { title: titleOf(prompt), scenario: null });
    await stores.conversations.keep(begun.id, said, at);
    return begun.id;
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
