import { createRoute, type RouteConfig, type z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { holds, type Role } from "../domain/access.ts";
import { AppError, type ErrorCode } from "../domain/errors.ts";
import { bearerOf, type Env } from "./env.ts";
import { problems } from "./errors.ts";

const RATE_PER_MINUTE = 600;

/** Who may call, how often, and what else it takes. Read by the guard, the docs and the policy test. */
export type Policy = {
  readonly access: "public" | Role;
  /** Calls a minute, for each user or, where there is none, each address. */
  readonly perMinute?: number;
  /** Takes `?ticket=` in place of a token, since browsers' EventSource sends no headers. */
  readonly ticket?: true;
  /** Takes METRICS_TOKEN, which is nobody's, in place of a token. */
  readonly scraper?: true;
  /** Honours `Idempotency-Key`. */
  readonly idempotent?: true;
};

const guard =
  ({ access, ticket, scraper }: Policy, rate: { name: string; perMinute: number }): MiddlewareHandler<Env> =>
  async (c, next) => {
    c.set("route", rate.name);
    const given = ticket && !c.get("actor") ? c.req.query("ticket") : undefined;
    if (given) c.set("actor", await c.get("redeem")(given));
    const actor = c.get("actor");
    const isScraper = scraper === true && !actor && c.get("knowsScraper")(bearerOf(c));
    c.set("isScraper", isScraper);
    if (access !== "public" && !isScraper) {
      if (!actor) throw new AppError("unauthenticated");
      if (!holds(actor, access)) throw new AppError("forbidden");
    }
    c.set("rate", rate);
    return c.get("limiter")(c, next);
  };

type Route = Omit<RouteConfig, "path"> & {
  /** One line; lists say that they are paged. */
  readonly summary: string;
  /** What it refuses with, beside what its policy and its input bring. */
  readonly errors?: readonly ErrorCode[];
};

/** What any route may answer because of its policy, its method and its input. */
function commonErrors(
  { access, idempotent }: Policy,
  { method, request, path }: Route & { path: string },
): ErrorCode[] {
  return [
    "rate_limited",
    "internal",
    "not_ready",
    ...(access === "public" ? [] : (["unauthenticated"] as const)),
    ...(access === "public" || access === "user" ? [] : (["forbidden"] as const)),
    ...(request ? (["invalid_input"] as const) : []),
    ...(path.includes("{") ? (["not_found"] as const) : []),
    ...(method === "get" ? [] : (["too_large", "storage_full"] as const)),
    ...(request?.body ? (["malformed_body", "unsupported_media_type"] as const) : []),
    ...(idempotent ? (["idempotency_key_reused", "idempotency_in_progress"] as const) : []),
  ];
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Up to 255 characters of your own. The same key and body give the first answer again for 24 h.",
  schema: { type: "string", maxLength: 255 },
} as const;

/** `createRoute` with the policy turned into a guard, documented refusals and security. Paths in the guide's spelling. */
export function endpoint<P extends string, R extends Route & { path: P }>(policy: Policy, route: R) {
  const { perMinute = RATE_PER_MINUTE } = policy;
  const { errors = [], ...rest } = route;
  const codes = [...new Set([...commonErrors(policy, route), ...errors])];
  const declared = {
    ...rest,
    operationId: `${route.method}_${route.path.replace(/[{}]/g, "").split(/\W+/).filter(Boolean).join("_")}`,
    // The router wants `/courses` to answer `/courses/` too, and digits keep a literal path from being taken for an id.
    path: route.path.replace(/\/$/, "").replace(/\{(\w+_id)\}/g, "{$1{[0-9]+}}"),
    ...(policy.access === "public" ? {} : { security: [{ bearer: [] }] }),
    ...(policy.idempotent ? { parameters: [IDEMPOTENCY_KEY] } : {}),
    "x-policy": { ...policy, perMinute },
    "x-path": route.path,
    "x-errors": codes,
    middleware: guard(policy, { name: `${route.method.toUpperCase()} ${route.path}`, perMinute }),
    responses: { ...route.responses, ...problems(codes) },
  };
  // Safe because only documentation, middleware and spelling change: handlers still see R's inputs and replies.
  return createRoute<P, R>(declared as unknown as R);
}

export const json = <T extends z.ZodType>(schema: T) => ({
  content: { "application/json": { schema } },
  required: true,
});

export const reply = <T extends z.ZodType>(schema: T, description: string) => ({
  content: { "application/json": { schema } },
  description,
});

/** A body of several content types, read by hand: declared as required, each of them would be demanded at once. */
export const either = <J extends z.ZodType, F extends z.ZodType>(
  asJson: J,
  form: F,
  type: "multipart/form-data" | "application/x-www-form-urlencoded",
) => ({ content: { "application/json": { schema: asJson }, [type]: { schema: form } } });

export const EVENT_STREAM = {
  content: { "text/event-stream": { schema: { type: "string" } } },
  description: "Server-sent events with `id` and `retry`; a comment every 5 s; `Last-Event-ID` is honoured",
} as const;
