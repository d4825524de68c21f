import { z } from "@hono/zod-openapi";
import { grantQuotas, usageOf } from "../../application/quotas.ts";
import { holds } from "../../domain/access.ts";
import { METER_NAMES, METERS, type Standing } from "../../domain/quotas.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, InvalidInput, routes } from "../env.ts";
import { Id, Time } from "../schemas.ts";

const Counter = z
  .object({
    limit: z.number().int().openapi({ example: 50, description: "What there is in a period" }),
    used: z.number().int().openapi({ example: 8, description: "Of it, what is under way included" }),
    remaining: z.number().int().openapi({ example: 42 }),
    reset_at: Time.openapi({ description: "When the counter begins anew: the first of a month in Tashkent" }),
    source: z.enum(["plan", "grant"]).openapi({ description: "`grant`: set by an admin until then" }),
  })
  .openapi("QuotaCounter");

const left = (example: number) => z.number().int().openapi({ example });

const UsageView = z
  .object({
    plan: z.literal("free"),
    unlimited: z.boolean().openapi({ description: "True for admins, whose calls are not counted" }),
    gpt4o_requests_left: left(42),
    stt_requests_left: left(29),
    tts_chars_left: left(9_640),
    pronunciation_analysis_left: left(30),
    quotas: z.object({
      gpt4o_requests_left: Counter,
      stt_requests_left: Counter,
      tts_chars_left: Counter,
      pronunciation_analysis_left: Counter,
    }),
  })
  .openapi("Usage");

const MOST = 1_000_000_000;
const wanted = z.number().int().min(0).max(MOST).optional();

const QuotasBody = z
  .object({
    gpt4o_requests_left: wanted.openapi({ example: 200 }),
    stt_requests_left: wanted.openapi({ example: 100 }),
    tts_chars_left: wanted.openapi({ example: 50_000 }),
    pronunciation_analysis_left: wanted.openapi({ example: 100 }),
  })
  .openapi("NewQuotas");

const usage = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/ai/usage",
    tags: ["ai"],
    summary: "What is left of each quota, and when it renews",
    responses: { 200: reply(UsageView, "The caller's four quotas") },
  },
);

const set = endpoint(
  { access: "admin" },
  {
    method: "put",
    path: "/admin/users/{user_id}/quotas",
    tags: ["admin"],
    summary: "Set what a user has left of each quota",
    description: "Holds until the counters begin anew. What is left out stays as it is.",
    request: { params: z.object({ user_id: Id }), body: json(QuotasBody) },
    responses: { 200: reply(UsageView, "The user's quotas as they are now") },
  },
);

function view(standings: readonly Standing[], unlimited: boolean): z.infer<typeof UsageView> {
  const of = (meter: Standing["meter"]) => {
    const found = standings.find((one) => one.meter === meter);
    if (!found) throw new Error(`no counter of ${meter}`);
    const { limit, remaining, reset_at, source } = found;
    return { limit, used: Math.max(0, limit - remaining), remaining, reset_at, source };
  };
  const quotas = {
    gpt4o_requests_left: of("llm"),
    stt_requests_left: of("stt"),
    tts_chars_left: of("tts"),
    pronunciation_analysis_left: of("pronunciation"),
  };
  return {
    plan: "free",
    unlimited,
    gpt4o_requests_left: quotas.gpt4o_requests_left.remaining,
    stt_requests_left: quotas.stt_requests_left.remaining,
    tts_chars_left: quotas.tts_chars_left.remaining,
    pronunciation_analysis_left: quotas.pronunciation_analysis_left.remaining,
    quotas,
  };
}

export const quotas: Feature = (server) =>
  routes()
    .openapi(usage, async (c) => {
      const actor = caller(c);
      return c.json(view(await usageOf(server)(actor.id), holds(actor, "admin")), 200);
    })
    .openapi(set, async (c) => {
      const body = c.req.valid("json");
      const { user_id } = c.req.valid("param");
      if (Object.values(body).every((value) => value === undefined))
        throw new InvalidInput("json", [{ code: "custom", path: [METER_NAMES.llm], message: "", input: undefined }]);
      const amounts = Object.fromEntries(METERS.map((meter) => [meter, body[METER_NAMES[meter]]]));
      const standings = await grantQuotas(server)(caller(c), user_id, amounts);
      const user = await server.users.find(user_id);
      return c.json(view(standings, user !== null && holds(user, "admin")), 200);
    });
