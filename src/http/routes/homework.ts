import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  assignHomework,
  changeHomework,
  createHomework,
  deleteHomework,
  gradeSubmission,
  listHomework,
  readFile,
  readSubmission,
  retrySubmission,
  seeHomework,
} from "../../application/homework.ts";
import { AppError } from "../../domain/errors.ts";
import { asLearnerSees, type Homework, STATUSES, type Submission } from "../../domain/homework.ts";
import { caller, type Env, type Feature, InvalidInput, parse, readBody, routes, type Server } from "../env.ts";
import { sendFile } from "../files.ts";
import { once } from "../once.ts";
import { page } from "../paging.ts";
import { eventStream, lastEventId } from "../stream.ts";
import { handIn, handInSpoken } from "./homework_hand_in.ts";
import * as route from "./homework_routes.ts";
import { historyView, submissionView } from "./homework_views.ts";

/** The version a change was made on: the `If-Match` header's, or the body's. */
function versionOf(c: Context<Env>, given: number | undefined): number | undefined {
  const header = c.req.header("if-match");
  if (header === undefined || header === "*") return given;
  const [, version] = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim()) ?? [];
  if (version === undefined)
    throw new InvalidInput("header", [{ code: "custom", path: ["If-Match"], message: "", input: header }]);
  return Number(version);
}

export const homework: Feature = (server) => {
  const { clock, submissions } = server;
  const view = (submission: Submission, c: Context<Env>) => submissionView(server, submission, c.get("language"));

  /** Homework with the caller's own newest attempt at each. */
  const withOwnState = async (userId: number, rows: Homework[]) => {
    const latest = await submissions.latest(
      userId,
      rows.map(({ id }) => id),
    );
    const byHomework = new Map(latest.map((submission) => [submission.homework_id, submission]));
    return rows.map((row) => {
      const own = byHomework.get(row.id);
      if (!own) return { ...row, own: null };
      const { id, attempt, status, score } = asLearnerSees(row, own);
      return { ...row, own: { submission_id: id, attempt, status, score } };
    });
  };

  /** The caller's submissions as a learner sees them. */
  const own = async (c: Context<Env>, at: Parameters<typeof page>[1]) => {
    const where = { user_id: caller(c).id };
    const rows = await page(c, at, (to) => submissions.list({ ...to, where, newestFirst: true }));
    const ids = [...new Set(rows.map(({ homework_id }) => homework_id))];
    const homeworks = await server.homeworks.list({ where: { id: { in: ids } }, skip: 0, limit: ids.length });
    const byId = new Map(homeworks.map((row) => [row.id, row]));
    return rows.map((row) => {
      const homework = byId.get(row.homework_id);
      return { homework, submission: homework ? asLearnerSees(homework, row) : row };
    });
  };

  const grade = async (c: Context<Env>, submissionId: number, body: z.output<typeof route.GradeBody>) => {
    const { version, ...mark } = body;
    const actor = caller(c);
    const graded = await gradeSubmission(server)(actor, submissionId, { ...mark, version: versionOf(c, version) });
    c.header("ETag", `"${graded.version}"`);
    return c.json(view(graded, c), 200);
  };

  return routes()
    .openapi(route.list, async (c) => {
      const actor = caller(c);
      const rows = await page(c, c.req.valid("query"), (to) => listHomework(server)(actor, to));
      return c.json(await withOwnState(actor.id, rows), 200);
    })
    .openapi(route.ofLesson, async (c) => {
      const actor = caller(c);
      const lessonId = c.req.valid("param").lesson_id;
      const rows = await page(c, c.req.valid("query"), (to) => listHomework(server)(actor, { ...to, lessonId }));
      return c.json(await withOwnState(actor.id, rows), 200);
    })
    .openapi(route.mine, async (c) => {
      const rows = await own(c, c.req.valid("query"));
      return c.json(
        rows.map(({ submission }) => view(submission, c)),
        200,
      );
    })
    .openapi(route.mineShort, async (c) => {
      const rows = await own(c, c.req.valid("query"));
      return c.json(
        rows.map(({ homework, submission: { id, homework_id, attempt, status, score, created_at } }) => ({
          id,
          submission_id: id,
          homework_id,
          title: homework?.title ?? "",
          attempt,
          status,
          score,
          max_score: homework?.max_score ?? 0,
          created_at,
        })),
        200,
      );
    })
    .openapi(route.create, async (c) => {
      const draft = c.req.valid("json");
      const make = createHomework(server);
      // Typed as one of the documented answers: `once` gives what the first call gave.
      return (await once(c, server, { draft }, async (receipt) => {
        const answer = (made: Homework) => ({
          status: 201,
          headers: { location: `/api/v1/homework/${made.id}`, etag: `"${made.version}"` },
          body: { ...made, own: null },
        });
        return answer(await make(caller(c), draft, (stores, made) => receipt(stores, answer(made))));
      })) as never;
    })
    .openapi(route.one, async (c) => {
      const actor = caller(c);
      const found = await seeHomework(server, actor, c.req.valid("param").homework_id);
      const [whole] = await withOwnState(actor.id, [found]);
      if (!whole) throw new AppError("not_found");
      c.header("ETag", `"${found.version}"`);
      return c.json(whole, 200);
    })
    .openapi(route.change, async (c) => {
      const { version, ...draft } = c.req.valid("json");
      const { homework_id } = c.req.valid("param");
      const changed = await changeHomework(server)(caller(c), homework_id, draft, versionOf(c, version));
      c.header("ETag", `"${changed.version}"`);
      return c.json({ ...changed, own: null }, 200);
    })
    .openapi(route.remove, async (c) => {
      await deleteHomework(server)(caller(c), c.req.valid("param").homework_id);
      return c.body(null, 204);
    })
    .openapi(route.assign, async (c) => {
      const { homework_id } = c.req.valid("param");
      return c.json(await assignHomework(server)(caller(c), homework_id, c.req.valid("json").user_ids), 200);
    })
    .openapi(route.submit, async (c) => (await handIn(server, c, c.req.valid("param").homework_id)) as never)
    .openapi(route.submitOral, async (c) => (await handInSpoken(server, c, c.req.valid("param").homework_id)) as never)
    .openapi(route.submissions, async (c) => {
      const { status, ...at } = c.req.valid("query");
      const { homework_id } = c.req.valid("param");
      const actor = caller(c);
      await route.checkTeaches(server, actor, homework_id);
      const where = { homework_id, status };
      const rows = await page(c, at, (to) => submissions.list({ ...to, where, newestFirst: true }));
      return c.json(
        rows.map((row) => view(row, c)),
        200,
      );
    })
    .openapi(route.oneSubmission, async (c) => {
      const { submission } = await readSubmission(server)(caller(c), c.req.valid("param").submission_id);
      c.header("ETag", `"${submission.version}"`);
      return c.json(view(submission, c), 200);
    })
    .openapi(route.history, async (c) => {
      const actor = caller(c);
      const { submission_id } = c.req.valid("param");
      const { submission, homework } = await readSubmission(server)(actor, submission_id);
      const rows = await page(c, c.req.valid("query"), (to) => server.grades.list({ ...to, where: { submission_id } }));
      return c.json(historyView(actor, homework, submission, rows), 200);
    })
    .openapi(route.events, async (c) => {
      const actor = caller(c);
      const { submission_id } = c.req.valid("param");
      await readSubmission(server)(actor, submission_id);
      return eventStream(c, server, lastEventId(c) ?? 0, {
        topic: `submission ${submission_id}`,
        allowed: async () => (await server.sessions.holder(actor.session_id)) !== null,
        read: (after) => readEvents(server, submission_id, after),
        over: async () => {
          const now = await submissions.find(submission_id);
          return now === null || now.status === "graded" || now.status === "failed";
        },
      });
    })
    .openapi(route.retry, async (c) => {
      const { submission_id } = c.req.valid("param");
      const again = await retrySubmission(server)(caller(c), submission_id, c.get("requestId"));
      return c.json(view(again, c), 202);
    })
    .openapi(route.grade, async (c) => grade(c, c.req.valid("param").submission_id, c.req.valid("json")))
    .openapi(route.gradeCompat, async (c) => {
      const { value } = await readBody(c);
      return grade(c, c.req.valid("param").submission_id, parse(route.CompatBody, value));
    })
    .openapi(route.download, async (c) => {
      const { file, content } = await readFile(server)(caller(c), c.req.valid("param").file_id);
      return sendFile(c, content, { mime: file.mime, name: file.name, etag: file.sha256, now: clock.now() }) as never;
    });
};

async function readEvents({ submissionEvents }: Server, submission_id: number, after: number) {
  const rows = await submissionEvents.list({ where: { submission_id }, after, skip: 0, limit: 100 });
  return rows.map(({ id, status, version, created_at }) => ({
    id,
    event: status,
    data: { submission_id, status, version, created_at },
  }));
}

// Every state is one of the words that the stream sends.
STATUSES satisfies readonly string[];
