import { Hono } from "hono";
import { accepts } from "hono/accepts";
import { readiness } from "../../application/health.ts";
import { isPhraseSound, phraseSounds } from "../../application/phrase_sound.ts";
import { AppError } from "../../domain/errors.ts";
import { typeOfKey } from "../../domain/media_types.ts";
import type { Env, Server } from "../env.ts";
import { sendFile } from "../files.ts";
import { mayPlay } from "../media.ts";
import { docs, frontPage } from "./docs.ts";

/** Seconds: the longest recording, which a browser reads in parts while it plays. */
const LONGEST_S = 600;
/** Seconds that a store's own address lives. A browser may remember it for so long that a whole recording is left. */
const ADDRESS_S = 2 * LONGEST_S;

/** Whether this process lives, and whether calls may be sent to it. Not rate limited. */
export function probes(server: Server) {
  const app = new Hono<Env>({ strict: false });
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/version", (c) => c.json({ version: server.site.version }));
  app.get("/ready", async (c) => {
    const report = await readiness(server.checks);
    return c.json(report, report.status === "ready" ? 200 : 503);
  });
  return app;
}

/** What stands beside the API: first page, documentation, media. None of it is rate limited. */
export function site(server: Server, openApi: () => object) {
  const app = new Hono<Env>({ strict: false });
  const phraseSound = phraseSounds(server);
  let document: string | undefined;

  app.get("/api/v1/openapi.json", (c) => {
    document ??= JSON.stringify(openApi());
    return c.body(document, 200, { "content-type": "application/json" });
  });
  app.get("/uploads/:key{.+}", async (c) => {
    const asked = c.req.param("key");
    if (!mayPlay(server, asked, c.req.query(), server.clock.now())) throw new AppError("bad_signature");
    const key = isPhraseSound(asked) ? await phraseSound(asked, c.get("requestId")) : asked;
    const mime = typeOfKey(key);
    if (!mime?.startsWith("audio/") || !/^(homework\/audio|speech)\/[\w-]+\.\w+$/.test(key))
      throw new AppError("not_found");
    const { fileStore, clock } = server;
    // The store's address is for GET alone.
    const address = c.req.method === "HEAD" ? null : fileStore.address(key, { seconds: ADDRESS_S, mime });
    if (address !== null) {
      if (!(await fileStore.has(key))) throw new AppError("not_found");
      c.header("Cache-Control", `private, max-age=${ADDRESS_S - LONGEST_S}`);
      return c.redirect(address, 302);
    }
    const content = await fileStore.get(key);
    if (!content) throw new AppError("not_found");
    return sendFile(c, content, { mime, now: clock.now() });
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
