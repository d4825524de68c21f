import { z } from "@hono/zod-openapi";
import { retrySubmission } from "../../application/homework.ts";
import { AppError } from "../../domain/errors.ts";
import { JOB_STATES, type Job } from "../../domain/jobs.ts";
import { endpoint, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { PageQuery, page } from "../paging.ts";
import { Id, IdOut, line, Time } from "../schemas.ts";

const TAGS = ["admin"];

const JobView = z
  .object({
    id: IdOut,
    key: z.string().openapi({ example: "submission-55-grade-1" }),
    kind: z.literal("grade_submission"),
    subject_id: IdOut.openapi({ description: "The submission" }),
    state: z.enum(JOB_STATES),
    attempts: z.number().int().openapi({ description: "How often it was begun" }),
    error: z.string().nullable().openapi({ description: "Why it failed: an error code" }),
    request_id: z.string().nullable().openapi({ description: "The call that asked for it" }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi("Job") satisfies z.ZodType<Job>;

const jobs = endpoint(
  { access: "admin" },
  {
    method: "get",
    path: "/admin/jobs",
    tags: TAGS,
    summary: "Background jobs, newest first (paged)",
    request: { query: PageQuery.extend({ state: z.enum(JOB_STATES).optional() }) },
    responses: { 200: reply(z.array(JobView), "Jobs") },
  },
);

const retry = endpoint(
  { access: "admin" },
  {
    method: "post",
    path: "/admin/jobs/{job_id}/retry",
    tags: TAGS,
    summary: "Run a failed job again, as a new one",
    request: { params: z.object({ job_id: Id }) },
    responses: { 202: reply(JobView, "The new job") },
    errors: ["not_failed"],
  },
);

const AuditView = z
  .object({
    id: IdOut,
    actor_id: IdOut.nullable(),
    action: z.string().openapi({ example: "submission.grade" }),
    subject: z.string().openapi({ example: "submission:55" }),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    created_at: Time,
  })
  .openapi("AuditEntry");

const auditLog = endpoint(
  { access: "admin" },
  {
    method: "get",
    path: "/admin/audit-log",
    tags: TAGS,
    summary: "Who changed what, newest first (paged)",
    request: {
      query: PageQuery.extend({
        action: line(50).optional(),
        subject: line(50).optional(),
        actor_id: Id.optional(),
      }),
    },
    responses: { 200: reply(z.array(AuditView), "Entries") },
  },
);

export const admin: Feature = (server) =>
  routes()
    .openapi(jobs, async (c) => {
      const { state, ...at } = c.req.valid("query");
      const rows = await page(c, at, (to) => server.jobs.list({ ...to, where: { state }, newestFirst: true }));
      return c.json(rows, 200);
    })
    .openapi(retry, async (c) => {
      const job = await server.jobs.find(c.req.valid("param").job_id);
      if (!job) throw new AppError("not_found");
      if (job.state !== "failed") throw new AppError("not_failed", { status: job.state });
      await retrySubmission(server)(caller(c), job.subject_id, c.get("requestId"));
      const again = await server.jobs.findBy({ kind: job.kind, subject_id: job.subject_id });
      return c.json(again ?? job, 202);
    })
    .openapi(auditLog, async (c) => {
      const { action, subject, actor_id, ...at } = c.req.valid("query");
      const where = { action, subject, actor_id };
      return c.json(await page(c, at, (to) => server.audit.list({ ...to, where, newestFirst: true })), 200);
    });
