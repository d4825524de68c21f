import type { MiddlewareHandler } from "hono";
import type { Ports } from "../application/ports/mod.ts";
import type { Env } from "./env.ts";

/** One line a request, and one more in the figures: never its query, which may hold a ticket or a signature, nor its body. */
export const logging =
  ({ log, metrics }: Pick<Ports, "log" | "metrics">): MiddlewareHandler<Env> =>
  async (c, next) => {
    const start = performance.now();
    await next();
    const ms = performance.now() - start;
    const route = c.get("route") ?? "-";
    const { method } = c.req;
    metrics.observe("http_request", { ...labelsOf(method, route), status: String(c.res.status) }, ms / 1000);
    log.info("request", {
      request_id: c.get("requestId"),
      method,
      route,
      status: c.res.status,
      ms: Math.round(ms * 10) / 10,
      user_id: c.get("actor")?.id,
    });
  };

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Nothing that a caller can make up, since each new word would be kept for ever: neither its path nor a method of its own. */
const labelsOf = (method: string, route: string) => ({
  method: METHODS.has(method) ? method : "other",
  // As declared, without the method that stands before it there.
  route: route.slice(route.indexOf(" ") + 1),
});
