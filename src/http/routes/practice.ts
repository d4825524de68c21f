import { z } from "@hono/zod-openapi";
import { ownRow } from "../../application/own_rows.ts";
import { seenBy } from "../../application/phrases.ts";
import { completeSession, startSession } from "../../application/practice.ts";
import type { PracticeSession } from "../../domain/practice.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdIn, IdOut, Level, Time } from "../schemas.ts";
import { PhraseView, phraseView } from "./phrases.ts";
import { AttemptView, attemptView } from "./pronunciation_views.ts";

const TAGS = ["pronunciation"];

const average = z
  .number()
  .nullable()
  .openapi({ example: 76.3, description: "Null before the end and without attempts" });

export const SessionView = z
  .object({
    id: IdOut,
    session_id: IdOut.openapi({ description: "The same as `id`" }),
    status: z.enum(["active", "completed"]),
    level: Level.nullable(),
    phrase_ids: z.array(IdOut).openapi({ description: "What it set out to practise" }),
    attempt_count: z.number().int().openapi({ example: 4 }),
    average_accuracy: average,
    average_overall: average,
    xp: z.number().int().openapi({ example: 40, description: "Of a completed session; 0 before" }),
    started_at: Time,
    completed_at: Time.nullable(),
  })
  .openapi("PracticeSession");

export const sessionView = ({ user_id: _, ...session }: PracticeSession): z.infer<typeof SessionView> => ({
  ...session,
  session_id: session.id,
  phrase_ids: [...session.phrase_ids],
});

const WholeView = SessionView.extend({
  phrases: z.array(PhraseView).openapi({ description: "Those that are still there" }),
  attempts: z.array(AttemptView).openapi({ description: "The newest 200, oldest first" }),
}).openapi("PracticeSessionWithAttempts");

/** Of one session, in one answer. */
const SHOWN = 200;
const MOST_PHRASES = 50;

const byId = { params: z.object({ session_id: Id }) };

const list = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/pronunciation/sessions/",
    tags: TAGS,
    summary: "Own practice sessions, newest first (paged)",
    request: { query: PageQuery },
    responses: { 200: reply(z.array(SessionView), "Without their attempts") },
  },
);

const start = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/pronunciation/sessions/",
    tags: TAGS,
    summary: "Begin a practice session",
    description:
      "Of the phrases named, or of up to ten of a level (the caller's own where none is named): first those not read yet, then those that went worst.",
    request: {
      body: json(
        z
          .object({
            level: Level.nullable().default(null),
            phrase_ids: z.array(IdIn).min(1).max(MOST_PHRASES).nullable().default(null),
          })
          .openapi("NewPracticeSession", { example: { level: "A1" } }),
      ),
    },
    responses: { 201: reply(SessionView, "Give its `session_id` to /pronunciation/analyze/") },
    errors: ["not_found"],
  },
);

const one = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/pronunciation/sessions/{session_id}",
    tags: TAGS,
    summary: "One own practice session with its phrases and attempts",
    request: byId,
    responses: { 200: reply(WholeView, "The session") },
  },
);

const complete = endpoint(
  { access: "user" },
  {
    method: "patch",
    path: "/pronunciation/sessions/{session_id}/complete",
    tags: TAGS,
    summary: "End a practice session: its averages and experience",
    description:
      "10 XP for each attempt of 60 and more, for the first three of a phrase alone, 100 at most. A second time gives the same.",
    request: byId,
    responses: { 200: reply(SessionView, "The completed session") },
  },
);

export const practice: Feature = (server) =>
  routes()
    .openapi(list, async (c) => {
      const where = { user_id: caller(c).id };
      const at = c.req.valid("query");
      const rows = await page(c, at, (to) => server.practiceSessions.list({ ...to, where, newestFirst: true }));
      return c.json(rows.map(sessionView), 200);
    })
    .openapi(start, async (c) => {
      const made = await startSession(server)(caller(c), c.req.valid("json"));
      c.header("Location", `/api/v1/pronunciation/sessions/${made.id}`);
      return c.json(sessionView(made), 201);
    })
    .openapi(one, async (c) => {
      const session = await ownRow(server.practiceSessions, caller(c), c.req.valid("param").session_id);
      const where = { session_id: session.id };
      const seen = { ...seenBy(caller(c)), id: { in: session.phrase_ids } };
      const [newest, found] = await Promise.all([
        server.pronunciationAttempts.list({ where, newestFirst: true, skip: 0, limit: SHOWN }),
        server.phrases.list({ where: seen, skip: 0, limit: MOST_PHRASES }),
      ]);
      const inOrder = session.phrase_ids.flatMap((id) => found.find((phrase) => phrase.id === id) ?? []);
      const phrases = await Promise.all(inOrder.map((phrase) => phraseView(server, phrase)));
      return c.json({ ...sessionView(session), phrases, attempts: newest.toReversed().map(attemptView) }, 200);
    })
    .openapi(complete, async (c) => {
      const ended = await completeSession(server)(caller(c), c.req.valid("param").session_id);
      return c.json(sessionView(ended), 200);
    });
