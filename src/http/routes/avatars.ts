import { z } from "@hono/zod-openapi";
import { addAvatar, avatarOf, chooseAvatar } from "../../application/avatars.ts";
import type { Avatar } from "../../domain/avatars.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { IdOut, line, prose, Time } from "../schemas.ts";

const TAGS = ["avatars"];

const AvatarView = z
  .object({
    id: IdOut,
    type: z.string().openapi({ example: "teacher" }),
    name: z.string().openapi({ example: "Malika" }),
    picture: z.string().nullable().openapi({ example: "https://school.example/malika.png" }),
    persona: z.string().openapi({ example: "a patient English teacher from Tashkent" }),
    description: z.string().openapi({ example: "Sabrli oʻqituvchi" }),
    created_at: Time,
  })
  .openapi("Avatar") satisfies z.ZodType<Avatar>;

const ListedView = AvatarView.extend({
  chosen: z.boolean().openapi({ description: "True for the one that answers the caller" }),
}).openapi("ListedAvatar");

const Type = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,39}$/)
  .openapi({ example: "teacher", description: "Small letters, digits and _" });

const list = endpoint(
  { access: "user" },
  {
    method: "get",
    path: "/avatars/",
    tags: TAGS,
    summary: "Characters that answer learners (paged)",
    request: { query: PageQuery },
    responses: { 200: reply(z.array(ListedView), "Oldest first") },
  },
);

const create = endpoint(
  { access: "admin" },
  {
    method: "post",
    path: "/avatars/",
    tags: TAGS,
    summary: "Add an avatar",
    request: {
      body: json(
        z
          .object({
            type: Type,
            name: line(80).openapi({ example: "Malika" }),
            picture: z
              .url({ protocol: /^https?$/ })
              .max(500)
              .nullable()
              .default(null),
            persona: prose(1000).trim().min(1).openapi({ example: "a patient English teacher from Tashkent" }),
            description: prose(500).trim().default("").openapi({ example: "Sabrli oʻqituvchi" }),
          })
          .openapi("NewAvatar"),
      ),
    },
    responses: { 201: reply(AvatarView, "The new avatar") },
    errors: ["avatar_taken"],
  },
);

const choose = endpoint(
  { access: "user" },
  {
    method: "put",
    path: "/avatars/me",
    tags: TAGS,
    summary: "Choose the avatar that answers",
    request: { body: json(z.object({ avatar_type: Type }).openapi("ChosenAvatar")) },
    responses: { 200: reply(AvatarView, "Who answers from now on") },
    errors: ["not_found"],
  },
);

export const avatars: Feature = (server) =>
  routes()
    .openapi(list, async (c) => {
      const answering = await avatarOf(server, caller(c).avatar_id);
      const rows = await page(c, c.req.valid("query"), (to) => server.avatars.list(to));
      return c.json(
        rows.map((avatar) => ({ ...avatar, chosen: avatar.id === answering.id })),
        200,
      );
    })
    .openapi(create, async (c) => c.json(await addAvatar(server)(caller(c), c.req.valid("json")), 201))
    .openapi(choose, async (c) => c.json(await chooseAvatar(server, caller(c), c.req.valid("json").avatar_type), 200));
