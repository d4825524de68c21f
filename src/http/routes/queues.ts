import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { authenticate, login } from "../../application/auth.ts";
import { holds } from "../../domain/access.ts";
import { AppError } from "../../domain/errors.ts";
import { bearerOf, type Env, type Server } from "../env.ts";
import { say } from "../messages/mod.ts";
import { limitBody } from "../sizes.ts";
import { layout, PAGE_HEADERS } from "./docs.ts";

export const BOARD = "/admin/queues";

const COOKIE = "queues";
const PER_MINUTE = { pages: 600, signIn: 10 } as const;

/** Its own page finds its parts by a base, styles itself as it goes, and asks for fonts of another host, which it does without. */
const BOARD_POLICY = `${PAGE_HEADERS["content-security-policy"].replace("base-uri 'none'", "base-uri 'self'")}; style-src 'self' 'unsafe-inline'; font-src 'self' data:`;

/**
 * The pages of the queue, for superadmins. Whoever calls with a bearer token needs nothing else; a browser, which sends
 * none with a page, signs in here and gets a cookie that is good for these pages alone.
 */
export function queues(server: Server, board: NonNullable<Server["queueBoard"]>) {
  const whoIs = authenticate(server);
  const signIn = login(server);
  const app = new Hono<Env>({ strict: false });

  app.use(limitBody(1));
  app.use(async (c, next) => {
    const token = bearerOf(c) || getCookie(c, COOKIE);
    c.set("actor", token ? await whoIs(token) : null);
    c.set("route", `${c.req.method} ${BOARD}`);
    c.set("rate", { name: BOARD, perMinute: PER_MINUTE.pages });
    return c.get("limiter")(c, next);
  });

  app.post(
    "/sign-in",
    (c, next) => {
      c.set("rate", { name: `${BOARD}/sign-in`, perMinute: PER_MINUTE.signIn });
      return c.get("limiter")(c, next);
    },
    async (c) => {
      const { username, password } = await c.req.parseBody().catch(() => {
        throw new AppError("malformed_body");
      });
      if (typeof username !== "string" || typeof password !== "string") throw new AppError("malformed_body");
      try {
        const { access_token, expires_in } = await signIn({ username, password, address: c.get("address") });
        setCookie(c, COOKIE, access_token, {
          httpOnly: true,
          sameSite: "Strict",
          path: BOARD,
          maxAge: expires_in,
          secure: server.site.publicUrl.startsWith("https:"),
        });
        return c.redirect(BOARD, 303);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return form(c, 401, say(error, "uz"));
      }
    },
  );

  app.all("*", async (c) => {
    const actor = c.get("actor");
    const mayAsk = !c.req.header("authorization") && c.req.method === "GET";
    if (!actor && mayAsk) return form(c, 401);
    if (!actor) throw new AppError("unauthenticated");
    if (!holds(actor, "superadmin")) {
      const refusal = new AppError("forbidden");
      if (mayAsk) return form(c, 403, say(refusal, "uz"));
      throw refusal;
    }
    const answer = await board(c.req.raw);
    const headers = new Headers(answer.headers);
    headers.set("content-security-policy", BOARD_POLICY);
    return new Response(answer.body, { status: answer.status, headers });
  });
  return app;
}

const form = (c: Context<Env>, status: 401 | 403, refused?: string) =>
  c.html(
    layout({
      title: "Navbat — Oʻquv platformasi",
      here: BOARD,
      body: html`<main class="page">
<h1>Navbatdagi ishlar</h1>
<p class="lead">Bu sahifani faqat superadmin koʻra oladi. Email va parolingiz bilan kiring.</p>
${refused ? html`<p class="refused" role="alert">${refused}</p>` : ""}
<form class="sign-in" method="post" action="${BOARD}/sign-in">
<label>Email<input name="username" type="email" autocomplete="username" required></label>
<label>Parol<input name="password" type="password" autocomplete="current-password" required></label>
<button>Kirish</button>
</form>
</main>`,
    }),
    status,
    PAGE_HEADERS,
  );
