import { z } from "@hono/zod-openapi";
import { beginConversation, deleteConversation } from "../../application/conversations.ts";
import { ownRow } from "../../application/own_rows.ts";
import type { Conversation, ConversationMessage } from "../../domain/conversations.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdOut, line, prose, Time } from "../schemas.ts";

const TAGS = ["ai-sessions"];

const SessionView = z
  .object({
    id: IdOut,
    session_id: IdOut.openapi({ description: "The same as `id`" }),
    title: z.string().openapi({ example: "Salom, menga yordam bering" }),
    scenario: z.string().nullable().openapi({ example: "At the airport: I check in my bag" }),
    message_count: z.number().int().openapi({ example: 4 }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi("Conversation");

const MessageView = z
  .object({
    id: IdOut,
    role: z.enum(["user", "assistant"]),
    text: z.string().openapi({ example: "Salom! Albatta, yordam beraman." }),
    created_at: Time,
  })
  .openapi("ConversationMessage") satisfies z.ZodType<Omit<ConversationMessage, "conversation_id">>;

const WholeView = SessionView.extend({
  messages: z.array(MessageView).openapi({ description: "The newest 200, oldest first" }),
}).openapi("ConversationWithMessages");

/** Of one conversation, in one answer. */
const SHOWN = 200;

const view = ({ user_id: _, ...conversation }: Conversation) => ({ ...conversation, session_id: conversation.id });

const byId = { params: z.object({ session_id: Id }) };

const list = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/ai-sessions/sessions",
    tags: TAGS,
    summary: "Own conversations with the tutor, newest first (paged)",
    request: { query: PageQuery },
    responses: { 200: reply(z.array(SessionView), "Without their messages") },
  },
);

const create = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/ai-sessions/sessions",
    tags: TAGS,
    summary: "Begin a conversation with a title and a scene",
    request: {
      body: json(
        z
          .object({
            title: line(120).openapi({ example: "At the airport" }),
            scenario: prose(500)
              .trim()
              .min(1)
              .nullable()
              .default(null)
              .openapi({ example: "I check in my bag, and you work at the desk" }),
          })
          .openapi("NewConversation"),
      ),
    },
    responses: { 201: reply(SessionView, "Give its `session_id` to /ai/ask or /ai/voice-loop") },
  },
);

const one = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/ai-sessions/sessions/{session_id}",
    tags: TAGS,
    summary: "One own conversation with its messages",
    request: byId,
    responses: { 200: reply(WholeView, "The conversation") },
  },
);

const remove = endpoint(
  { access: "user" },
  {
    method: "delete",
    path: "/ai-sessions/sessions/{session_id}",
    tags: TAGS,
    summary: "Delete an own conversation and all that was said in it",
    request: byId,
    responses: { 204: { description: "Deleted" } },
  },
);

export const conversations: Feature = (server) =>
  routes()
    .openapi(list, async (c) => {
      const where = { user_id: caller(c).id };
      const at = c.req.valid("query");
      const rows = await page(c, at, (to) => server.conversations.list({ ...to, where, newestFirst: true }));
      return c.json(rows.map(view), 200);
    })
    .openapi(create, async (c) => {
      const made = await beginConversation(server, caller(c), c.req.valid("json"));
      c.header("Location", `/api/v1/ai-sessions/sessions/${made.id}`);
      return c.json(view(made), 201);
    })
    .openapi(one, async (c) => {
      const found = await ownRow(server.conversations, caller(c), c.req.valid("param").session_id);
      const where = { conversation_id: found.id };
      const newest = await server.messages.list({ where, newestFirst: true, skip: 0, limit: SHOWN });
      const messages = newest.toReversed().map(({ conversation_id: _, ...message }) => message);
      return c.json({ ...view(found), messages }, 200);
    })
    .openapi(remove, async (c) => {
      await deleteConversation(server, caller(c), c.req.valid("param").session_id);
      return c.body(null, 204);
    });
