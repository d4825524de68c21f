import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { PARTS, STATES, statusOf } from "../../application/health.ts";
import { type Overview, overview, overviewGauges, readGauges } from "../../application/metrics.ts";
import type { Family } from "../../application/ports/metrics.ts";
import { holds } from "../../domain/access.ts";
import { endpoint, reply } from "../endpoint.ts";
import { type Feature, routes } from "../env.ts";
import { sayNote } from "../messages/mod.ts";

const TAGS = ["metrics"];
/** Prometheus' text, in the version that every scraper reads. */
const TEXT = "text/plain; version=0.0.4; charset=utf-8";

const FamilyView = z
  .object({
    name: z.string().openapi({ example: "oquv_queue_jobs" }),
    help: z.string().openapi({ example: "Jobs in the queue by state." }),
    kind: z.string().openapi({ example: "gauge", description: "counter, gauge or histogram" }),
    samples: z.array(
      z.object({
        name: z.string().openapi({ example: "oquv_queue_jobs" }),
        labels: z.record(z.string(), z.string()).openapi({ example: { state: "waiting" } }),
        value: z.number().openapi({ example: 3 }),
      }),
    ),
  })
  .openapi("MetricFamily") satisfies z.ZodType<Family>;

const MetricsView = z
  .object({
    version: z.string().openapi({ example: "1.0.0" }),
    uptime_seconds: z.number().openapi({ example: 86_400 }),
    requests: z.number().openapi({ example: 120_000, description: "Answers of this process since its start" }),
    error_ratio: z.number().openapi({ example: 0.0004, description: "Share of them that were 5xx, 0 to 1" }),
    jobs_waiting: z.number().nullable().openapi({ example: 3, description: "Null while the queue is away" }),
    families: z.array(FamilyView).optional().openapi({ description: "All figures, for admins and scrapers" }),
  })
  .openapi("Metrics") satisfies z.ZodType<Overview>;

const figures = endpoint(
  { access: "user", perMinute: 60, scraper: true },
  {
    method: "get",
    path: "/metrics",
    tags: TAGS,
    summary: "Figures of this process: Prometheus' text, or JSON by Accept",
    description: `All of them for admins and for the bearer METRICS_TOKEN, which is good for this address alone; for
anybody else who is signed in, how the service is doing as a whole. Nothing in them is about a person.`,
    responses: {
      200: {
        description: "Figures since the start of the process",
        content: {
          "text/plain": {
            schema: z
              .string()
              .openapi({ example: '# TYPE oquv_queue_jobs gauge\noquv_queue_jobs{state="waiting"} 3\n' }),
          },
          "application/json": { schema: MetricsView },
        },
      },
    },
  },
);

const health = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/metrics/health",
    tags: TAGS,
    summary: "Whether the process is alive",
    responses: { 200: reply(z.object({ status: z.literal("ok").openapi({ example: "ok" }) }), "It is") },
  },
);

const PartView = z
  .object({
    state: z.enum(STATES).openapi({
      example: "ok",
      description: "`local` works for this process alone; `fake` stands in; `off` is not there; `down` does not answer",
    }),
    note: z.string().openapi({ example: "Postgres server", description: "For people, by `Accept-Language`" }),
  })
  .openapi("PartStatus");

const StatusView = z
  .object({
    status: z.enum(["ok", "degraded"]).openapi({ example: "ok", description: "`degraded` where a part is down" }),
    parts: z.record(z.enum(PARTS), PartView).openapi({
      description: "`cache` is where rate limits and wake-ups are kept; `queue` is that of background work",
    }),
  })
  .openapi("Status");

const status = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/metrics/status",
    tags: TAGS,
    summary: "How each part of the service is",
    responses: { 200: reply(StatusView, "Each part with its state") },
  },
);

export const metrics: Feature = (server) =>
  routes()
    .openapi(figures, async (c) => {
      const actor = c.get("actor");
      const isWhole = c.get("isScraper") || (actor !== null && holds(actor, "admin"));
      const [seen, gauges] = await Promise.all([overview(server), isWhole ? readGauges(server) : []]);
      const figures = { version: server.site.version, ...seen };
      c.header("Cache-Control", "no-store");
      c.header("Vary", "Accept");
      const wanted = accepts(c, {
        header: "Accept",
        supports: ["text/plain", "application/json"],
        default: "text/plain",
      });
      if (wanted === "application/json")
        return c.json(isWhole ? { ...figures, families: await server.metrics.families(gauges) } : figures, 200);
      const text = await server.metrics.text([...overviewGauges(figures), ...gauges], { alone: !isWhole });
      return c.text(text, 200, { "content-type": TEXT });
    })
    .openapi(health, (c) => c.json({ status: "ok" as const }, 200))
    .openapi(status, async (c) => {
      const found = await statusOf(server.provided, server.checks);
      const shown = found.map(({ part, state, note, engine }) => {
        return [part, { state, note: sayNote(note, { engine }, c.get("language")) }] as const;
      });
      // Safe because every part is found.
      const parts = Object.fromEntries(shown) as Record<(typeof PARTS)[number], (typeof shown)[number][1]>;
      const isDown = found.some(({ state }) => state === "down");
      return c.json({ status: isDown ? ("degraded" as const) : ("ok" as const), parts }, 200);
    });
