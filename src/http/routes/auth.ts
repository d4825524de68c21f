import { z } from "@hono/zod-openapi";
import { issueTicket, login, logout, refresh } from "../../application/auth.ts";
import { AppError } from "../../domain/errors.ts";
import { emailOf } from "../../domain/users.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { limitKey } from "../rates.ts";
import { line } from "../schemas.ts";
import { UserView, userView } from "./users.ts";

/** Sign-ins a minute: of one account, and of one address, behind which a whole class may sit. */
const PER_ACCOUNT = 10;
const PER_ADDRESS = 120;

const SignedInView = z
  .object({
    access_token: z
      .string()
      .openapi({ example: "eyJhbGciOiJIUzI1NiJ9…", description: "Sent as `Authorization: Bearer …`" }),
    token_type: z.literal("bearer"),
    expires_in: z.number().int().openapi({ example: 1800, description: "Seconds" }),
    refresh_token: z.string().openapi({ example: "WZYPhP_jcUKw…", description: "Works once; gives the next pair" }),
  })
  .openapi("SignedIn");

const accessToken = endpoint(
  { access: "public", perMinute: PER_ADDRESS },
  {
    method: "post",
    path: "/login/access-token",
    tags: ["login"],
    summary: "Sign in by e-mail and password",
    description:
      "Ten failures of an account, or thirty from an address, within 15 minutes end the tries of that window.",
    request: {
      body: {
        required: true,
        content: {
          "application/x-www-form-urlencoded": {
            schema: z
              .object({
                username: line(254).openapi({ example: "admin@example.com" }),
                password: z.string().min(1).max(1024).openapi({ format: "password" }),
                // What OAuth clients send along; it changes nothing.
                grant_type: z.string().max(50).optional(),
                scope: z.string().max(200).optional(),
              })
              .openapi("Credentials"),
          },
        },
      },
    },
    responses: { 200: reply(SignedInView, "Signed in") },
    errors: ["bad_credentials", "account_inactive", "too_many_failures", "busy"],
  },
);

const testToken = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/login/test-token",
    tags: ["login"],
    summary: "The user a token belongs to",
    responses: { 200: reply(UserView, "The user") },
  },
);

const refreshToken = endpoint(
  { access: "public", perMinute: 60 },
  {
    method: "post",
    path: "/login/refresh-token",
    tags: ["login"],
    summary: "A new pair of tokens for a refresh token",
    description: "A refresh token works once. Its second use ends the whole sign-in: somebody else may have it.",
    request: { body: json(z.object({ refresh_token: z.string().min(1).max(200) }).openapi("Refresh")) },
    responses: { 200: reply(SignedInView, "The new pair") },
    errors: ["bad_refresh_token"],
  },
);

const ticket = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/login/stream-ticket",
    tags: ["login"],
    summary: "A ticket that opens one event stream",
    description: "For browsers' EventSource, which cannot send headers: add `?ticket=…` to the stream's address.",
    responses: {
      200: reply(
        z
          .object({
            ticket: z.string().openapi({ example: "q3o0bE…" }),
            expires_in: z.number().int().openapi({ example: 60 }),
          })
          .openapi("Ticket"),
        "Works once, for 60 s",
      ),
    },
  },
);

const leave = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/logout",
    tags: ["login"],
    summary: "End this sign-in: its access and refresh tokens",
    responses: {
      200: reply(z.object({ ok: z.literal(true).openapi({ example: true }) }).openapi("Done"), "Signed out"),
    },
  },
);

export const auth: Feature = (server) => {
  const { clock, rates, site, users } = server;
  const signIn = login(server);
  return routes()
    .openapi(accessToken, async (c) => {
      const { username, password } = c.req.valid("form");
      await limitKey(rates, `login of ${emailOf(username)}`, PER_ACCOUNT * site.rateMultiplier, clock.now());
      c.header("Cache-Control", "no-store");
      return c.json(await signIn({ username, password, address: c.get("address") }), 200);
    })
    .openapi(testToken, async (c) => {
      const user = await users.find(caller(c).id);
      if (!user) throw new AppError("unauthenticated");
      return c.json(userView(user), 200);
    })
    .openapi(refreshToken, async (c) => {
      c.header("Cache-Control", "no-store");
      return c.json(await refresh(server)(c.req.valid("json").refresh_token), 200);
    })
    .openapi(ticket, async (c) => c.json(await issueTicket(server)(caller(c)), 200))
    .openapi(leave, async (c) => {
      await logout(server)(caller(c));
      return c.json({ ok: true } as const, 200);
    });
};
