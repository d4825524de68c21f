import type { Actor } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import type { Notice, NoticeKind } from "../domain/notices.ts";
import type { Ports, Stores } from "./ports/mod.ts";

/** Tells a user something, in the transaction that makes it true. Wake `notices {user}` after the commit. */
export async function notify(
  { notices }: Pick<Stores, "notices">,
  userId: number,
  kind: NoticeKind,
  params: Notice["params"],
  at: Date,
): Promise<void> {
  await notices.add({ user_id: userId, kind, params, read_at: null, created_at: at.toISOString() });
}

/** Marks one as read; a second time changes nothing. */
export const markRead =
  ({ notices, clock }: Pick<Ports, "notices" | "clock">) =>
  async (actor: Actor, noticeId: number): Promise<Notice> => {
    const own = { id: noticeId, user_id: actor.id };
    const [read] = await notices.change({ ...own, read_at: null }, { read_at: clock.now().toISOString() });
    const notice = read ?? (await notices.findBy(own));
    if (!notice) throw new AppError("not_found");
    return notice;
  };

export const markAllRead =
  ({ notices, clock }: Pick<Ports, "notices" | "clock">) =>
  async (actor: Actor): Promise<{ marked: number }> => {
    const read = await notices.change({ user_id: actor.id, read_at: null }, { read_at: clock.now().toISOString() });
    return { marked: read.length };
  };
