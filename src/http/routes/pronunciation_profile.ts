import { z } from "@hono/zod-openapi";
import { profileFor, type Summary, summaryOf } from "../../application/pronunciation_profile.ts";
import { soundHint } from "../../domain/sound_hints.ts";
import { ipaOf } from "../../domain/sounds.ts";
import { endpoint, reply } from "../endpoint.ts";
import { caller, type Feature, routes, type Server } from "../env.ts";
import { type Language, sayReason } from "../messages/mod.ts";
import { IdOut, Level, Time } from "../schemas.ts";
import { PhraseView, phraseView } from "./phrases.ts";
import { SessionView, sessionView } from "./practice.ts";
import { Phone } from "./pronunciation_views.ts";

const count = (example: number) => z.number().int().openapi({ example });
const average = (example: number) => z.number().nullable().openapi({ example, description: "Null before the first" });

const SummaryView = z
  .object({
    attempt_count: count(42),
    based_on: count(42).openapi({ description: "Of them, those that all the rest is made of: the newest 200 at most" }),
    averages: z.object({
      accuracy: average(78.4),
      fluency: average(81),
      completeness: average(98.2),
      overall: average(76.3),
    }),
    trend: z
      .object({
        direction: z.enum(["up", "down", "steady"]).openapi({ description: "Steady: less than 3 points" }),
        change: z.number().openapi({ example: 4.2, description: "Of the overall score: recent − before" }),
        recent: z.number().openapi({ example: 78.9 }),
        before: z.number().openapi({ example: 74.7 }),
        attempts: count(10).openapi({ description: "Analyses on each side" }),
      })
      .nullable()
      .openapi({ description: "The last ten against the ten before; null with fewer than three on each side" }),
    hardest_words: z.array(
      z.object({
        word: z.string().openapi({ example: "think" }),
        times: count(3).openapi({ description: "How often it came out weak" }),
        average_score: z.number().openapi({ example: 48.5 }),
        last_at: Time,
      }),
    ),
    hardest_sounds: z.array(
      z.object({
        sound: Phone,
        ipa: z.string().openapi({ example: "θ" }),
        said: count(12),
        weak: count(5).openapi({ description: "How often it was what made a word weak" }),
        average_score: z.number().openapi({ example: 44.1 }),
        heard: Phone.nullable().openapi({ example: "S", description: "What was likely in its place most often" }),
        words: z.array(z.string()).openapi({ example: ["think", "three"], description: "The learner's own" }),
        hint: z.string().nullable().openapi({
          example:
            "/θ/ tovushi: tilingiz uchini tishlaringiz orasiga qoʻyib, ovoz qoʻshmay puflang. Solishtiring: think – sink.",
        }),
      }),
    ),
    practise_next: z
      .array(
        z.object({
          phrase: PhraseView,
          reason: z.object({
            kind: z.enum(["sound", "word", "new"]),
            sound: Phone.optional(),
            word: z.string().optional().openapi({ example: "thank" }),
            times: z.number().int().optional().openapi({ example: 5 }),
            text: z.string().openapi({ example: "Bu iborani hali oʻqib koʻrmagansiz." }),
          }),
        }),
      )
      .openapi({ description: "Five at most, of the caller's level and its neighbours" }),
  })
  .openapi("PronunciationSummary");

const ProfileView = SummaryView.extend({
  session_count: count(6),
  completed_sessions: count(5).openapi({ description: "Of the newest 200" }),
  xp: count(260).openapi({ description: "Of the newest 200 sessions" }),
  streak_days: count(4).openapi({
    description: "Days in a row with an analysis, in Tashkent, as far as the newest 200 reach",
  }),
  by_level: z.array(
    z.object({ level: Level, attempts: count(12), average_overall: z.number().openapi({ example: 76.3 }) }),
  ),
  phrases: z
    .array(
      z.object({
        phrase_id: IdOut,
        text: z.string().openapi({ example: "Thank you for the three books." }),
        level: Level,
        best_score: z.number().openapi({ example: 88.1 }),
        attempts: count(3),
      }),
    )
    .openapi({ description: "The 50 that were read last" }),
  recent_sessions: z.array(SessionView),
}).openapi("PronunciationProfile");

const summary = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/ai/pronunciation/summary",
    tags: ["ai"],
    summary: "Own averages, trend, hardest words and sounds, and what to practise next",
    responses: { 200: reply(SummaryView, "Nulls and empty lists before the first analysis") },
  },
);

const profile = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/pronunciation/profile/",
    tags: ["pronunciation"],
    summary: "The summary, and how practice goes by level, phrase and session",
    responses: { 200: reply(ProfileView, "Nulls and empty lists before the first analysis") },
  },
);

async function summaryView(server: Server, made: Summary, language: Language): Promise<z.infer<typeof SummaryView>> {
  const { hardest_sounds, practise_next, attempt_count, based_on, averages, trend, hardest_words } = made;
  return {
    attempt_count,
    based_on,
    averages,
    trend,
    hardest_words,
    hardest_sounds: hardest_sounds.map(({ words, ...one }) => ({
      ...one,
      ipa: ipaOf(one.sound),
      words: [...words],
      hint: soundHint(one.sound, one.heard, language),
    })),
    practise_next: await Promise.all(
      practise_next.map(async ({ phrase, reason }) => ({
        phrase: await phraseView(server, phrase),
        reason: { ...reason, text: sayReason(reason, language) },
      })),
    ),
  };
}

export const pronunciationProfile: Feature = (server) =>
  routes()
    .openapi(summary, async (c) =>
      c.json(await summaryView(server, await summaryOf(server)(caller(c)), c.get("language")), 200),
    )
    .openapi(profile, async (c) => {
      const made = await profileFor(server)(caller(c));
      const { session_count, completed_sessions, xp, streak_days, by_level, phrases } = made;
      const totals = { session_count, completed_sessions, xp, streak_days, by_level, phrases };
      const recent_sessions = made.recent_sessions.map(sessionView);
      return c.json({ ...(await summaryView(server, made, c.get("language"))), ...totals, recent_sessions }, 200);
    });
