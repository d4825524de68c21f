import { z } from "@hono/zod-openapi";
import { markAllRead, markRead } from "../../application/notices.ts";
import type { Notice } from "../../domain/notices.ts";
import { EVENT_STREAM, endpoint, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { type Language, sayNotice } from "../messages/mod.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdOut, Time } from "../schemas.ts";
import { eventStream, lastEventId } from "../stream.ts";

const TAGS = ["notifications"];

const NoticeView = z
  .object({
    id: IdOut,
    kind: z.string().openapi({ example: "homework_graded" }),
    text: z.string().openapi({ example: "Oʻqituvchi «Essay 1» vazifasini baholadi: 87/100 ball." }),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    is_read: z.boolean(),
    read_at: Time.nullable(),
    created_at: Time,
  })
  .openapi("Notification");

const viewOf = ({ user_id: _, ...notice }: Notice, language: Language): z.infer<typeof NoticeView> => ({
  ...notice,
  text: sayNotice(notice, language),
  is_read: notice.read_at !== null,
});

const list = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/notifications/",
    tags: TAGS,
    summary: "Own notifications, newest first (paged)",
    request: { query: PageQuery.extend({ unread: z.stringbool().optional().openapi({ type: "boolean" }) }) },
    responses: { 200: reply(z.array(NoticeView), "Notifications") },
  },
);

const unreadCount = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/notifications/unread-count",
    tags: TAGS,
    summary: "How many are unread",
    responses: {
      200: reply(
        z.object({ unread_count: z.number().int().openapi({ example: 3 }) }).openapi("UnreadCount"),
        "The count",
      ),
    },
  },
);

const read = endpoint(
  { access: "user" },
  {
    method: "patch",
    path: "/notifications/{notification_id}/read",
    tags: TAGS,
    summary: "Mark one as read",
    request: { params: z.object({ notification_id: Id }) },
    responses: { 200: reply(NoticeView, "The notification") },
  },
);

const readAll = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/notifications/read-all",
    tags: TAGS,
    summary: "Mark all as read",
    responses: {
      200: reply(
        z.object({ marked: z.number().int().openapi({ example: 3 }) }).openapi("Marked"),
        "How many were unread",
      ),
    },
  },
);

const stream = endpoint(
  { access: "user", ticket: true },
  {
    method: "get",
    path: "/notifications/stream",
    tags: TAGS,
    summary: "New notifications as they come",
    description: "Events `notification`. Without `Last-Event-ID` it begins with what comes next.",
    request: { query: z.object({ ticket: z.string().max(200).optional() }) },
    responses: { 200: EVENT_STREAM },
  },
);

export const notifications: Feature = (server) => {
  const { notices, sessions } = server;
  return routes()
    .openapi(list, async (c) => {
      const { unread, ...at } = c.req.valid("query");
      const read_at = unread === undefined ? undefined : unread ? null : { not: null };
      const where = { user_id: caller(c).id, read_at };
      const rows = await page(c, at, (to) => notices.list({ ...to, where, newestFirst: true }));
      return c.json(
        rows.map((notice) => viewOf(notice, c.get("language"))),
        200,
      );
    })
    .openapi(unreadCount, async (c) =>
      c.json({ unread_count: await notices.count({ user_id: caller(c).id, read_at: null }) }, 200),
    )
    .openapi(stream, async (c) => {
      const { id: user_id, session_id } = caller(c);
      const language = c.get("language");
      const newest = await notices.findBy({ user_id });
      return eventStream(c, server, lastEventId(c) ?? newest?.id ?? 0, {
        topic: `notices ${user_id}`,
        allowed: async () => (await sessions.holder(session_id)) !== null,
        read: async (after) => {
          const rows = await notices.list({ where: { user_id }, after, skip: 0, limit: 100 });
          return rows.map((row) => ({ id: row.id, event: "notification", data: viewOf(row, language) }));
        },
        over: async () => false,
      });
    })
    .openapi(read, async (c) => {
      const notice = await markRead(server)(caller(c), c.req.valid("param").notification_id);
      return c.json(viewOf(notice, c.get("language")), 200);
    })
    .openapi(readAll, async (c) => c.json(await markAllRead(server)(caller(c)), 200));
};
