import { requestId } from "hono/request-id";
import { AppError } from "../domain/errors.ts";
import { routes } from "./env.ts";
import { problem } from "./errors.ts";

/** What answers while the database is being opened: alive, and not ready yet. */
export function startingApp() {
  const app = routes();
  app.use(requestId());
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/ready", (c) => c.json({ status: "starting", checks: {}, down: [] }, 503, { "retry-after": "1" }));
  app.notFound((c) => problem(c, new AppError("starting", { retry_after: 1 })));
  return app;
}
