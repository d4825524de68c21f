import { z } from "@hono/zod-openapi";
import { createLesson } from "../../application/courses.ts";
import { AppError } from "../../domain/errors.ts";
import type { Lesson } from "../../domain/lessons.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdIn, IdOut, line, prose, Time } from "../schemas.ts";

const TAGS = ["lessons"];

const LessonView = z
  .object({
    id: IdOut,
    course_id: IdOut,
    title: z.string().openapi({ example: "Daily routines" }),
    content: z.string(),
    position: z.number().int().openapi({ example: 1, description: "Place in the course, from 1" }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi("Lesson") satisfies z.ZodType<Lesson>;

/** As lists show them: what is to be read stays with the lesson. */
export const LessonInShort = LessonView.omit({ content: true }).openapi("LessonInShort");

export const inShort = ({ content: _, ...lesson }: Lesson): z.infer<typeof LessonInShort> => lesson;

const list = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/lessons/",
    tags: TAGS,
    summary: "Lessons (paged)",
    request: { query: PageQuery.extend({ course_id: Id.optional(), q: line(100).optional() }) },
    responses: { 200: reply(z.array(LessonInShort), "Lessons without their content, oldest first") },
  },
);

const create = endpoint(
  { access: "teacher" },
  {
    method: "post",
    path: "/lessons/",
    tags: TAGS,
    summary: "Make a lesson in an own course",
    request: {
      body: json(
        z
          .object({
            course_id: IdIn,
            title: line(200).openapi({ example: "Daily routines" }),
            content: prose(100_000).default(""),
            position: z.number().int().min(1).max(10_000).optional(),
          })
          .openapi("NewLesson"),
      ),
    },
    responses: { 201: reply(LessonView, "The new lesson") },
    errors: ["not_found"],
  },
);

const one = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/lessons/{lesson_id}",
    tags: TAGS,
    summary: "One lesson",
    request: { params: z.object({ lesson_id: Id }) },
    responses: { 200: reply(LessonView, "The lesson") },
  },
);

export const lessons: Feature = (server) =>
  routes()
    .openapi(list, async (c) => {
      const { course_id, q, ...at } = c.req.valid("query");
      const search = q === undefined ? undefined : { text: q, in: ["title", "content"] as const };
      const rows = await page(c, at, (to) => server.lessons.list({ ...to, where: { course_id }, search }));
      return c.json(rows.map(inShort), 200);
    })
    .openapi(create, async (c) => c.json(await createLesson(server)(caller(c), c.req.valid("json")), 201))
    .openapi(one, async (c) => {
      const lesson = await server.lessons.find(c.req.valid("param").lesson_id);
      if (!lesson) throw new AppError("not_found");
      return c.json(lesson, 200);
    });
