import { Hono } from "hono";
import { accepts } from "hono/accepts";
import { readiness } from "../../application/health.ts";
import { AppError } from "../../domain/errors.ts";
import type { Env, Server } from "../env.ts";
import { sendFile } from "../files.ts";
import { mayPlay } from "../media.ts";
import { docs, frontPage } from "./docs.ts";

const MIME: Record<string, string> = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  webm: "audio/webm",
  m4a: "audio/mp4",
  flac: "audio/flac",
};

/** What stands beside the API: first page, health, documentation, media. None of it is rate limited. */
export function site(server: Server, openApi: () => object) {
  const app = new Hono<Env>({ strict: false });
  let document: string | undefined;

  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/version", (c) => c.json({ version: server.site.version }));
  app.get("/ready", async (c) => {
    const report = await readiness(server.checks);
    return c.json(report, report.status === "ready" ? 200 : 503);
  });
  app.get("/api/v1/openapi.json", (c) => {
    document ??= JSON.stringify(openApi());
    return c.body(document, 200, { "content-type": "application/json" });
  });
  app.get("/uploads/:key{.+}", async (c) => {
    const key = c.req.param("key");
    if (!mayPlay(server, key, c.req.query(), server.clock.now())) throw new AppError("bad_signature");
    const mime = MIME[key.split(".").at(-1) ?? ""];
    const content = mime && /^homework\/audio\/[\w-]+\.\w+$/.test(key) ? await server.fileStore.get(key) : null;
    if (!mime || !content) throw new AppError("not_found");
    return sendFile(c, content, { mime, now: server.clock.now() });
  });
  app.get("/", (c) => {
    const about = {
      name: "Oʻquv platformasi",
      version: server.site.version,
      docs: "/docs",
      openapi: "/api/v1/openapi.json",
      health: "/health",
      ready: "/ready",
      state: server.site.state,
    };
    const wanted = accepts(c, {
      header: "Accept",
      supports: ["application/json", "text/html"],
      default: "application/json",
    });
    c.header("Vary", "Accept");
    if (wanted !== "text/html") return c.json(about);
    const { page, headers } = frontPage(server.site);
    return c.html(page, 200, headers);
  });
  app.route("/", docs());
  return app;
}
