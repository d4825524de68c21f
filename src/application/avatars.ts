import type { Actor } from "../domain/access.ts";
import { type Avatar, STARTER_AVATARS } from "../domain/avatars.ts";
import { AppError } from "../domain/errors.ts";
import { audit } from "./audit.ts";
import type { Ports } from "./ports/mod.ts";

/** The avatar that answers a user: the one they chose, else the school's first. */
export async function avatarOf({ avatars }: Pick<Ports, "avatars">, avatarId: number | null): Promise<Avatar> {
  const chosen = avatarId === null ? null : await avatars.find(avatarId);
  const [first] = chosen ? [chosen] : await avatars.list({ skip: 0, limit: 1 });
  if (!first) throw new AppError("internal", {}, { cause: new Error("there is no avatar") });
  return first;
}

/** Makes sure that a school has avatars; those that are there stay as they are. */
export const ensureAvatars =
  ({ avatars, clock }: Pick<Ports, "avatars" | "clock">) =>
  async (): Promise<void> => {
    if ((await avatars.count({})) > 0) return;
    for (const draft of STARTER_AVATARS) await avatars.addNew({ ...draft, created_at: clock.now().toISOString() });
  };

export const addAvatar =
  (ports: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor, draft: Omit<Avatar, "id" | "created_at">): Promise<Avatar> =>
    ports.atomically(async (stores) => {
      const now = ports.clock.now();
      const added = await stores.avatars.addNew({ ...draft, created_at: now.toISOString() });
      if (!added) throw new AppError("avatar_taken", { type: draft.type });
      await audit(stores, actor, "avatar.create", `avatar:${added.id}`, now, { type: added.type });
      return added;
    });

/** Chooses the avatar that answers the caller from now on. */
export async function chooseAvatar(
  { avatars, users, clock }: Pick<Ports, "avatars" | "users" | "clock">,
  { id }: Actor,
  type: string,
): Promise<Avatar> {
  const chosen = await avatars.findBy({ type });
  if (!chosen) throw new AppError("not_found");
  await users.change({ id }, { avatar_id: chosen.id, updated_at: clock.now().toISOString() });
  return chosen;
}
