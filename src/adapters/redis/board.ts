import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { HonoAdapter } from "@bull-board/hono";
import type { Queue } from "bullmq";
import { Hono } from "hono";
import { serveStatic } from "hono/bun";
import { within } from "./jobs.ts";

const PAGE_MS = 3000;

/**
 * The pages of the queue at `base`, to look at: what happens to a job is decided in the database, not here. `not_ready`
 * where Redis does not answer.
 */
export function queueBoard(queue: Queue, base: string): (request: Request) => Promise<Response> {
  const server = new HonoAdapter(serveStatic);
  server.setBasePath(base);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true })],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "Oʻquv platformasi" } },
  });
  const app = new Hono().route(base, server.registerPlugin());
  // The queue itself waits for as long as Redis is away.
  return (request) => within(PAGE_MS, Promise.resolve(app.fetch(request)));
}
