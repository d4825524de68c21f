import { z } from "@hono/zod-openapi";
import {
  changeMe,
  changePassword,
  changeUser,
  createUser,
  deleteUser,
  readUser,
  resetPassword,
  signUp,
} from "../../application/users.ts";
import { holds, ROLES } from "../../domain/access.ts";
import { AppError } from "../../domain/errors.ts";
import type { User } from "../../domain/users.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdOut, LanguageCode, Level, line, Time } from "../schemas.ts";

const TAGS = ["users"];

export const UserView = z
  .object({
    id: IdOut,
    email: z.string().openapi({ example: "dilnoza@example.com" }),
    full_name: z.string().nullable().openapi({ example: "Dilnoza Karimova" }),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    is_superuser: z.boolean(),
    language: LanguageCode.openapi({ example: "uz" }),
    level: Level.nullable(),
    created_at: Time,
  })
  .openapi("User");

/** A user as anyone may read them: never the password's hash. */
export const userView = ({
  password_hash: _,
  updated_at: __,
  avatar_id: ___,
  ...user
}: User): z.infer<typeof UserView> => ({
  ...user,
  is_superuser: holds(user, "superadmin"),
});

const Email = z.email().max(254).openapi({ example: "dilnoza@example.com" });
const Password = z.string().min(1).max(128).openapi({ format: "password", description: "At least 8 characters" });
const FullName = line(200).nullable().openapi({ example: "Dilnoza Karimova" });

const Draft = z.object({
  email: Email,
  password: Password,
  full_name: FullName.optional(),
  language: LanguageCode.optional(),
  level: Level.nullable().optional(),
});

const Changes = z.object({
  email: Email.optional(),
  full_name: FullName.optional(),
  language: LanguageCode.optional(),
  level: Level.nullable().optional(),
});

const byId = { params: z.object({ user_id: Id }) };

const signup = endpoint(
  { access: "public", perMinute: 10 },
  {
    method: "post",
    path: "/users/signup",
    tags: TAGS,
    summary: "Make an account for oneself",
    request: { body: json(Draft.openapi("Signup")) },
    responses: { 201: reply(UserView, "The new user") },
    errors: ["signup_closed", "email_taken", "weak_password", "busy"],
  },
);

const me = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/users/me",
    tags: TAGS,
    summary: "Own account",
    responses: { 200: reply(UserView, "The caller") },
  },
);

const patchMe = endpoint(
  { access: "user" },
  {
    method: "patch",
    path: "/users/me",
    tags: TAGS,
    summary: "Change own name, e-mail, language or level",
    request: { body: json(Changes.openapi("OwnChanges")) },
    responses: { 200: reply(UserView, "The changed account") },
    errors: ["email_taken"],
  },
);

const putMyPassword = endpoint(
  { access: "user", perMinute: 10 },
  {
    method: "put",
    path: "/users/me/password",
    tags: TAGS,
    summary: "Change own password; every other sign-in ends",
    request: {
      body: json(z.object({ current_password: Password, new_password: Password }).openapi("PasswordChange")),
    },
    responses: { 204: { description: "Changed" } },
    errors: ["wrong_password", "weak_password", "busy"],
  },
);

const deleteMe = endpoint(
  { access: "user" },
  {
    method: "delete",
    path: "/users/me",
    tags: TAGS,
    summary: "Delete own account and personal data, recordings included",
    responses: { 204: { description: "Deleted" } },
    errors: ["last_superadmin"],
  },
);

const testSuperuser = endpoint(
  { access: "superadmin" },
  {
    method: "get",
    path: "/users/test-superuser",
    tags: TAGS,
    summary: "200 for a superuser, 403 otherwise",
    responses: { 200: reply(UserView, "The superuser") },
  },
);

const list = endpoint(
  { access: "admin" },
  {
    method: "get",
    path: "/users/",
    tags: TAGS,
    summary: "Users, oldest first (paged)",
    request: {
      query: PageQuery.extend({
        role: z.enum(ROLES).optional(),
        is_active: z.stringbool().optional().openapi({ type: "boolean" }),
        q: line(100).optional().openapi({ description: "Part of the name or the e-mail" }),
      }),
    },
    responses: { 200: reply(z.array(UserView), "Users") },
  },
);

const create = endpoint(
  { access: "admin" },
  {
    method: "post",
    path: "/users/",
    tags: TAGS,
    summary: "Make a user with a role",
    description: "Admins are made by a superadmin alone.",
    request: { body: json(Draft.extend({ role: z.enum(ROLES).optional() }).openapi("NewUser")) },
    responses: { 201: reply(UserView, "The new user") },
    errors: ["email_taken", "weak_password", "busy"],
  },
);

const one = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/users/{user_id}",
    tags: TAGS,
    summary: "One user: oneself, or any for an admin",
    request: byId,
    responses: { 200: reply(UserView, "The user") },
  },
);

const patch = endpoint(
  { access: "admin" },
  {
    method: "patch",
    path: "/users/{user_id}",
    tags: TAGS,
    summary: "Change a user's role, activity or details",
    description:
      "A new role and a deactivation end all the user's sign-ins. Only a superadmin makes or changes admins.",
    request: {
      ...byId,
      body: json(
        Changes.extend({ role: z.enum(ROLES).optional(), is_active: z.boolean().optional() }).openapi("UserChanges"),
      ),
    },
    responses: { 200: reply(UserView, "The changed user") },
    errors: ["email_taken", "last_superadmin"],
  },
);

const putPassword = endpoint(
  { access: "admin" },
  {
    method: "put",
    path: "/users/{user_id}/password",
    tags: TAGS,
    summary: "Set a new password for a user who lost theirs",
    request: { ...byId, body: json(z.object({ new_password: Password }).openapi("NewPassword")) },
    responses: { 204: { description: "Set; the user's sign-ins ended" } },
    errors: ["weak_password", "busy"],
  },
);

const remove = endpoint(
  { access: "admin" },
  {
    method: "delete",
    path: "/users/{user_id}",
    tags: TAGS,
    summary: "Delete a user and their personal data",
    request: byId,
    responses: { 204: { description: "Deleted" } },
    errors: ["last_superadmin"],
  },
);

export const users: Feature = (server) => {
  const self = async (id: number) => {
    const user = await server.users.find(id);
    if (!user) throw new AppError("unauthenticated");
    return userView(user);
  };
  return routes()
    .openapi(signup, async (c) => {
      if (!server.site.openRegistration) throw new AppError("signup_closed");
      return c.json(userView(await signUp(server)(c.req.valid("json"))), 201);
    })
    .openapi(me, async (c) => c.json(await self(caller(c).id), 200))
    .openapi(patchMe, async (c) => c.json(userView(await changeMe(server)(caller(c), c.req.valid("json"))), 200))
    .openapi(putMyPassword, async (c) => {
      await changePassword(server)(caller(c), c.req.valid("json"));
      return c.body(null, 204);
    })
    .openapi(deleteMe, async (c) => {
      await deleteUser(server)(caller(c), caller(c).id);
      return c.body(null, 204);
    })
    .openapi(testSuperuser, async (c) => c.json(await self(caller(c).id), 200))
    .openapi(list, async (c) => {
      const { role, is_active, q, ...at } = c.req.valid("query");
      const search = q === undefined ? undefined : { text: q, in: ["email", "full_name"] as const };
      const rows = await page(c, at, (to) => server.users.list({ ...to, where: { role, is_active }, search }));
      return c.json(rows.map(userView), 200);
    })
    .openapi(create, async (c) => c.json(userView(await createUser(server)(caller(c), c.req.valid("json"))), 201))
    .openapi(one, async (c) => {
      const user = await readUser(server)(caller(c), c.req.valid("param").user_id);
      return c.json(userView(user), 200);
    })
    .openapi(patch, async (c) => {
      const user = await changeUser(server)(caller(c), c.req.valid("param").user_id, c.req.valid("json"));
      return c.json(userView(user), 200);
    })
    .openapi(putPassword, async (c) => {
      await resetPassword(server)(caller(c), c.req.valid("param").user_id, c.req.valid("json").new_password);
      return c.body(null, 204);
    })
    .openapi(remove, async (c) => {
      await deleteUser(server)(caller(c), c.req.valid("param").user_id);
      return c.body(null, 204);
    });
};
