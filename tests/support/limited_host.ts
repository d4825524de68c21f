import { z } from "@hono/zod-openapi";
import { FEATURES } from "../../src/http/app.ts";
import { endpoint, reply } from "../../src/http/endpoint.ts";
import { type Feature, routes } from "../../src/http/env.ts";
import { serve } from "../../src/serve.ts";

// The real server with one route more, whose limit a test can reach.

const limited = endpoint(
  { access: "user", perMinute: 30 },
  {
    method: "get",
    path: "/limited",
    summary: "Thirty times a minute",
    responses: { 200: reply(z.object({ ok: z.literal(true) }), "Passed") },
  },
);

const feature: Feature = () => routes().openapi(limited, (c) => c.json({ ok: true } as const, 200));

await serve([...FEATURES, feature]);
