import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Receipt } from "../../application/idempotency.ts";
import { ownRow } from "../../application/own_rows.ts";
import type { Page } from "../../application/ports/tables.ts";
import { analysePhrase, analyseText } from "../../application/pronunciation.ts";
import { type PronunciationAttempt, SOURCES } from "../../domain/pronunciation.ts";
import { endpoint, reply } from "../endpoint.ts";
import { caller, type Env, type Feature, parse, routes } from "../env.ts";
import { once } from "../once.ts";
import { PageQuery, page } from "../paging.ts";
import { formField, formId, Id, LanguageCode, prose, Upload } from "../schemas.ts";
import { recordingOf } from "../uploads.ts";
import { SCORING_ERRORS } from "./ai_errors.ts";
import { AnalysisView, AttemptView, analysisView, attemptView } from "./pronunciation_views.ts";

const ABOUT =
  "A recording of up to 3 minutes of somebody who reads the text. Silence, clipping, noise, too little speech and another text are refused, and cost nothing.";

const TextFields = z.object({
  reference_text: prose(5000).trim().min(1).openapi({ example: "Hello this is a test" }),
  language: formField(LanguageCode).openapi({ description: "Of the text; found out where it is left out" }),
});

const text = endpoint(
  { access: "user", perMinute: 60, idempotent: true },
  {
    method: "post",
    path: "/ai/pronunciation",
    tags: ["ai"],
    summary: "Assess how a text was read aloud",
    description: ABOUT,
    request: {
      body: {
        content: {
          "multipart/form-data": { schema: TextFields.extend({ file: Upload }).openapi("TextReadAloud") },
        },
        required: true,
      },
    },
    responses: { 200: reply(AnalysisView, "Scores of the whole and of each word") },
    errors: SCORING_ERRORS,
  },
);

const PhraseFields = z.object({
  phrase_id: Id,
  session_id: formId("The session that the attempt joins"),
});

const phrase = endpoint(
  { access: "user", perMinute: 60, idempotent: true },
  {
    method: "post",
    path: "/pronunciation/analyze/",
    tags: ["pronunciation"],
    summary: "Assess how a phrase was read aloud",
    description: ABOUT,
    request: {
      body: {
        content: {
          "multipart/form-data": { schema: PhraseFields.extend({ file: Upload }).openapi("PhraseReadAloud") },
        },
        required: true,
      },
    },
    responses: { 200: reply(AnalysisView, "Scores of the whole and of each word") },
    errors: [...SCORING_ERRORS, "not_found", "session_completed"],
  },
);

const HistoryQuery = PageQuery.extend({
  source: z.enum(SOURCES).optional(),
  phrase_id: Id.optional(),
  session_id: Id.optional(),
});

const history = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/ai/pronunciation/history",
    tags: ["ai"],
    summary: "Own analyses, newest first (paged)",
    request: { query: HistoryQuery },
    responses: { 200: reply(z.array(AttemptView), "With their weakest words; one by itself has all of them") },
  },
);

const practised = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/pronunciation/history/",
    tags: ["pronunciation"],
    summary: "Own analyses, newest first (paged)",
    description: "The same as /ai/pronunciation/history.",
    request: { query: HistoryQuery },
    responses: { 200: reply(z.array(AttemptView), "With their weakest words; one by itself has all of them") },
  },
);

const one = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/ai/pronunciation/history/{attempt_id}",
    tags: ["ai"],
    summary: "One own analysis with all of its words",
    request: { params: z.object({ attempt_id: Id }) },
    responses: { 200: reply(AnalysisView, "As it was first answered, its hints in the caller's language") },
  },
);

export const pronunciation: Feature = (server) => {
  type Sent = Parameters<ReturnType<typeof analyseText>>[0];
  type Work = (
    sent: Pick<Sent, "actor" | "requestId" | "bytes">,
    receipt: Receipt<PronunciationAttempt>,
  ) => Promise<PronunciationAttempt>;

  /** Analyses a recording, once for each `Idempotency-Key`; `asked` is what makes two calls the same beside it. */
  const analysed = (c: Context<Env>, file: File, asked: Readonly<Record<string, unknown>>, work: Work) => {
    const answer = (made: PronunciationAttempt) => ({
      status: 200,
      headers: {},
      body: analysisView(made, c.get("language")),
    });
    // A long reading takes its time, in which nothing is sent.
    c.env?.timeout?.(c.req.raw, 0);
    return once(c, server, { file, ...asked }, async (receipt) => {
      const sent = { actor: caller(c), requestId: c.get("requestId"), bytes: await file.bytes() };
      return answer(await work(sent, (stores, made) => receipt(stores, answer(made))));
    });
  };

  const listed = async (c: Context<Env>, { source, phrase_id, session_id, ...at }: z.output<typeof HistoryQuery>) => {
    const where = { user_id: caller(c).id, source, phrase_id, session_id };
    const read = (to: Page) => server.pronunciationAttempts.list({ ...to, where, newestFirst: true });
    return (await page(c, at, read)).map(attemptView);
  };

  return routes()
    .openapi(text, async (c) => {
      const { file, fields } = await recordingOf(c, "file");
      const { reference_text, language = null } = parse(TextFields, fields);
      return (await analysed(c, file, { reference_text, language }, (sent, receipt) =>
        analyseText(server)({ ...sent, text: reference_text, language }, receipt),
      )) as never;
    })
    .openapi(phrase, async (c) => {
      const { file, fields } = await recordingOf(c, "file");
      const { phrase_id, session_id = null } = parse(PhraseFields, fields);
      return (await analysed(c, file, { phrase_id, session_id }, (sent, receipt) =>
        analysePhrase(server)({ ...sent, phraseId: phrase_id, sessionId: session_id }, receipt),
      )) as never;
    })
    .openapi(history, async (c) => c.json(await listed(c, c.req.valid("query")), 200))
    .openapi(practised, async (c) => c.json(await listed(c, c.req.valid("query")), 200))
    .openapi(one, async (c) => {
      const found = await ownRow(server.pronunciationAttempts, caller(c), c.req.valid("param").attempt_id);
      return c.json(analysisView(found, c.get("language")), 200);
    });
};
