import { z } from "@hono/zod-openapi";
import { changeCourse, createCourse, deleteCourse, enrol, ownCourse } from "../../application/courses.ts";
import type { Course } from "../../domain/courses.ts";
import { AppError } from "../../domain/errors.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdIn, IdOut, LanguageCode, Level, line, prose, Time } from "../schemas.ts";
import { inShort, LessonInShort } from "./lessons.ts";

const TAGS = ["courses"];

const CourseView = z
  .object({
    id: IdOut,
    title: z.string().openapi({ example: "English for beginners" }),
    description: z.string(),
    level: Level,
    language: LanguageCode,
    teacher_id: IdOut.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi("Course") satisfies z.ZodType<Course>;

const Draft = z.object({
  title: line(200).openapi({ example: "English for beginners" }),
  description: prose(10_000).default(""),
  level: Level.default("A1"),
  language: LanguageCode.default("en"),
});

const byId = { params: z.object({ course_id: Id }) };

const list = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/courses/",
    tags: TAGS,
    summary: "Courses (paged)",
    request: {
      query: PageQuery.extend({
        level: Level.optional(),
        language: LanguageCode.optional(),
        q: line(100).optional().openapi({ description: "Part of the title or description" }),
      }),
    },
    responses: { 200: reply(z.array(CourseView), "Courses, oldest first") },
  },
);

const create = endpoint(
  { access: "teacher" },
  {
    method: "post",
    path: "/courses/",
    tags: TAGS,
    summary: "Make a course, which its maker teaches",
    request: { body: json(Draft.openapi("NewCourse")) },
    responses: { 201: reply(CourseView, "The new course") },
  },
);

const one = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/courses/{course_id}",
    tags: TAGS,
    summary: "One course with its lessons",
    request: byId,
    responses: {
      200: reply(CourseView.extend({ lessons: z.array(LessonInShort) }).openapi("CourseWithLessons"), "The course"),
    },
  },
);

const change = endpoint(
  { access: "teacher" },
  {
    method: "put",
    path: "/courses/{course_id}",
    tags: TAGS,
    summary: "Change an own course",
    description: "An admin changes any, and may hand it to another teacher by `teacher_id`.",
    request: { ...byId, body: json(Draft.extend({ teacher_id: IdIn.optional() }).openapi("CourseChange")) },
    responses: { 200: reply(CourseView, "The changed course") },
    errors: ["unknown_users"],
  },
);

const remove = endpoint(
  { access: "teacher" },
  {
    method: "delete",
    path: "/courses/{course_id}",
    tags: TAGS,
    summary: "Delete an own course that nobody is enrolled in",
    request: byId,
    responses: { 204: { description: "Deleted, with its lessons and homework" } },
    errors: ["course_has_students", "homework_has_submissions"],
  },
);

const EnrolmentView = z.object({ id: IdOut, course_id: IdOut, user_id: IdOut, created_at: Time }).openapi("Enrolment");

const join = endpoint(
  { access: "user" },
  {
    method: "post",
    path: "/courses/{course_id}/enroll",
    tags: TAGS,
    summary: "Enrol; a second time changes nothing",
    request: byId,
    responses: {
      200: reply(EnrolmentView, "Was enrolled already"),
      201: reply(EnrolmentView, "Enrolled"),
    },
  },
);

const StudentView = z
  .object({
    id: IdOut.openapi({ description: "The enrolment's" }),
    user_id: IdOut,
    full_name: z.string().nullable(),
    email: z.string(),
    level: Level.nullable(),
    enrolled_at: Time,
  })
  .openapi("Student");

const students = endpoint(
  { access: "teacher" },
  {
    method: "get",
    path: "/courses/{course_id}/students",
    tags: TAGS,
    summary: "Students of an own course (paged)",
    request: { ...byId, query: PageQuery },
    responses: { 200: reply(z.array(StudentView), "Students, in the order they enrolled") },
  },
);

export const courses: Feature = (server) =>
  routes()
    .openapi(list, async (c) => {
      const { level, language, q, ...at } = c.req.valid("query");
      const search = q === undefined ? undefined : { text: q, in: ["title", "description"] as const };
      return c.json(await page(c, at, (to) => server.courses.list({ ...to, where: { level, language }, search })), 200);
    })
    .openapi(create, async (c) => c.json(await createCourse(server)(caller(c), c.req.valid("json")), 201))
    .openapi(one, async (c) => {
      const { course_id } = c.req.valid("param");
      const course = await server.courses.find(course_id);
      if (!course) throw new AppError("not_found");
      const lessons = await server.lessons.list({ where: { course_id }, skip: 0, limit: 1000 });
      return c.json({ ...course, lessons: lessons.toSorted((a, b) => a.position - b.position).map(inShort) }, 200);
    })
    .openapi(change, async (c) => {
      const course = await changeCourse(server)(caller(c), c.req.valid("param").course_id, c.req.valid("json"));
      return c.json(course, 200);
    })
    .openapi(remove, async (c) => {
      await deleteCourse(server)(caller(c), c.req.valid("param").course_id);
      return c.body(null, 204);
    })
    .openapi(join, async (c) => {
      const { enrolment, made } = await enrol(server)(caller(c), c.req.valid("param").course_id);
      return c.json(enrolment, made ? 201 : 200);
    })
    .openapi(students, async (c) => {
      const { course_id } = c.req.valid("param");
      await ownCourse(server, caller(c), course_id);
      const rows = await page(c, c.req.valid("query"), (to) => server.enrolments.list({ ...to, where: { course_id } }));
      const users = await server.users.list({
        where: { id: { in: rows.map(({ user_id }) => user_id) } },
        skip: 0,
        limit: rows.length,
      });
      const byId = new Map(users.map((user) => [user.id, user]));
      return c.json(
        rows.flatMap(({ id, user_id, created_at }) => {
          const user = byId.get(user_id);
          if (!user) return [];
          const { full_name, email, level } = user;
          return [{ id, user_id, full_name, email, level, enrolled_at: created_at }];
        }),
        200,
      );
    });
