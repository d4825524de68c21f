import { z } from "@hono/zod-openapi";
import { phraseSoundKey } from "../../application/phrase_sound.ts";
import { addPhrase, changePhrase, deletePhrase, seenBy, seenPhrase } from "../../application/phrases.ts";
import type { Phrase } from "../../domain/phrases.ts";
import { isSpeakable } from "../../domain/reading.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes, type Server } from "../env.ts";
import { mediaUrl } from "../media.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdOut, LanguageCode, Level, line, Time } from "../schemas.ts";

const TAGS = ["pronunciation"];

export const PhraseView = z
  .object({
    id: IdOut,
    text: z.string().openapi({ example: "Thank you for the three books." }),
    translation: z.string().nullable().openapi({ example: "Uchta kitob uchun rahmat." }),
    level: Level.openapi({ example: "A1" }),
    language: LanguageCode,
    phonetic_hint: z.string().nullable().openapi({ example: "thank, three: til uchi tishlar orasida, ovozsiz /θ/." }),
    shared: z.boolean().openapi({ description: "True for the school's, false for the caller's own" }),
    audio_url: z.string().nullable().openapi({
      example: "/uploads/phrases/1-3f….mp3?expires=1764000000&signature=…",
      description: "Plays for a day, and is made when it is first played; null where no voice speaks the language",
    }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi("Phrase");

export async function phraseView(
  server: Server,
  { user_id, author_id: _, ...phrase }: Phrase,
): Promise<z.infer<typeof PhraseView>> {
  const key = await phraseSoundKey(server, phrase);
  const audio_url = key && mediaUrl(server, key, server.clock.now());
  return { ...phrase, shared: user_id === null, audio_url };
}

const PhraseBody = z
  .object({
    text: line(300).refine(isSpeakable).openapi({ example: "Thank you for the three books." }),
    translation: line(300).nullable().default(null).openapi({ example: "Uchta kitob uchun rahmat." }),
    level: Level.default("A1"),
    language: LanguageCode.default("en"),
    phonetic_hint: line(300).nullable().default(null).openapi({ example: "thank, three: til uchi tishlar orasida." }),
  })
  .openapi("NewPhrase");

const byId = { params: z.object({ phrase_id: Id }) };

const list = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/pronunciation/phrases/",
    tags: TAGS,
    summary: "Phrases to practise, the school's and own ones (paged)",
    request: {
      query: PageQuery.extend({
        level: Level.optional(),
        language: LanguageCode.optional(),
        q: line(100).optional().openapi({ description: "Part of the text or the translation" }),
      }),
    },
    responses: { 200: reply(z.array(PhraseView), "Oldest first") },
  },
);

const create = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/pronunciation/phrases/",
    tags: TAGS,
    summary: "Add a phrase: a learner's is their own, a teacher's the school's",
    request: { body: json(PhraseBody) },
    responses: { 201: reply(PhraseView, "The new phrase") },
  },
);

const one = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/pronunciation/phrases/{phrase_id}",
    tags: TAGS,
    summary: "One phrase",
    request: byId,
    responses: { 200: reply(PhraseView, "The phrase") },
  },
);

const change = endpoint(
  { access: "user" },
  {
    method: "put",
    path: "/pronunciation/phrases/{phrase_id}",
    tags: TAGS,
    summary: "Change a phrase that one wrote; an admin any",
    request: { ...byId, body: json(PhraseBody) },
    responses: { 200: reply(PhraseView, "The changed phrase") },
    errors: ["forbidden"],
  },
);

const remove = endpoint(
  { access: "user" },
  {
    method: "delete",
    path: "/pronunciation/phrases/{phrase_id}",
    tags: TAGS,
    summary: "Delete a phrase that one wrote; an admin any",
    request: byId,
    responses: { 204: { description: "Deleted; what was read of it stays in its readers' histories" } },
    errors: ["forbidden"],
  },
);

export const phrases: Feature = (server) =>
  routes()
    .openapi(list, async (c) => {
      const { level, language, q, ...at } = c.req.valid("query");
      const where = { ...seenBy(caller(c)), level, language };
      const search = q === undefined ? undefined : { text: q, in: ["text", "translation"] as const };
      const rows = await page(c, at, (to) => server.phrases.list({ ...to, where, search }));
      return c.json(await Promise.all(rows.map((phrase) => phraseView(server, phrase))), 200);
    })
    .openapi(create, async (c) => {
      const made = await addPhrase(server)(caller(c), c.req.valid("json"));
      c.header("Location", `/api/v1/pronunciation/phrases/${made.id}`);
      return c.json(await phraseView(server, made), 201);
    })
    .openapi(one, async (c) => {
      const found = await seenPhrase(server, caller(c), c.req.valid("param").phrase_id);
      return c.json(await phraseView(server, found), 200);
    })
    .openapi(change, async (c) => {
      const { phrase_id } = c.req.valid("param");
      const changed = await changePhrase(server)(caller(c), phrase_id, c.req.valid("json"));
      return c.json(await phraseView(server, changed), 200);
    })
    .openapi(remove, async (c) => {
      await deletePhrase(server)(caller(c), c.req.valid("param").phrase_id);
      return c.body(null, 204);
    });
