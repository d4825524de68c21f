import type { MiddlewareHandler } from "hono";
import type { Log } from "../application/ports/system.ts";
import type { Env } from "./env.ts";

/** One line a request: never its query, which may hold a ticket or a signature, nor its body. */
export const logging =
  (log: Log): MiddlewareHandler<Env> =>
  async (c, next) => {
    const start = performance.now();
    await next();
    log.info("request", {
      request_id: c.get("requestId"),
      method: c.req.method,
      route: c.get("route") ?? "-",
      status: c.res.status,
      ms: Math.round((performance.now() - start) * 10) / 10,
      user_id: c.get("actor")?.id,
    });
  };
