import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { ask, type Reply } from "../../application/tutor.ts";
import { endpoint, json } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { once } from "../once.ts";
import { Id, LanguageCode, prose } from "../schemas.ts";
import { streamed } from "../token_stream.ts";
import { MODEL_ERRORS } from "./ai_errors.ts";
import { Answerer, Sound, spokenView } from "./tutor_views.ts";

const AnswerView = z
  .object({ text: z.string().openapi({ example: "Salom! Albatta, yordam beraman." }), ...Sound, ...Answerer })
  .openapi("TutorAnswer");

const askRoute = endpoint(
  { access: "user", perMinute: 30, idempotent: true },
  {
    method: "post",
    path: "/ai/ask",
    tags: ["ai"],
    summary: "Ask the tutor, in writing",
    description:
      "Answers in the character of the caller's avatar and at their level. With `Accept: text/event-stream` the answer comes in `token` events as it is made, then one `done` event with the whole answer, or one `error` event with a problem.",
    request: {
      query: z.object({
        speak: z.stringbool().default(false).openapi({ type: "boolean", description: "Read the answer aloud too" }),
        language: LanguageCode.optional().openapi({
          example: "uz",
          description: "Of the answer; the caller's own where it is left out",
        }),
      }),
      body: json(
        z
          .object({
            prompt: prose(4000)
              .min(1)
              .refine((text) => text.trim() !== "")
              .openapi({ example: "Salom, menga yordam bering" }),
            session_id: Id.nullable().optional().openapi({ description: "Goes on with a conversation" }),
          })
          // The documentation's form begins with it, and no conversation of the caller has a number that we could give.
          .openapi("Question", { example: { prompt: "Salom, menga yordam bering" } }),
      ),
    },
    responses: {
      200: {
        content: {
          "application/json": { schema: AnswerView },
          "text/event-stream": { schema: z.string().openapi({ example: 'event: token\ndata: {"text":"Salom"}\n\n' }) },
        },
        description: "The answer",
      },
    },
    errors: [...MODEL_ERRORS, "ai_not_configured", "quota_exceeded", "not_found"],
  },
);

export const tutor: Feature = (server) =>
  routes().openapi(askRoute, async (c) => {
    const { speak, language = null } = c.req.valid("query");
    const { prompt, session_id = null } = c.req.valid("json");
    const view = (made: Reply) => ({
      status: 200,
      headers: {},
      body: { text: made.text, ...spokenView(server, c, made) },
    });
    const question = {
      actor: caller(c),
      requestId: c.get("requestId"),
      sessionId: session_id,
      language,
      prompt,
      speak,
    };
    // The answer may take longer than a connection may be quiet.
    c.env?.timeout?.(c.req.raw, 0);
    const answer = (onPiece: (piece: string) => void = () => {}, send?: Parameters<typeof once>[4]) =>
      once(
        c,
        server,
        { prompt, session_id, language, speak },
        async (receipt) =>
          view(await ask(server)({ ...question, onPiece }, (stores, made) => receipt(stores, view(made)))),
        send,
      );
    const wanted = accepts(c, {
      header: "Accept",
      supports: ["application/json", "text/event-stream"],
      default: "application/json",
    });
    return (wanted === "text/event-stream" ? await streamed(c, server, answer) : await answer()) as never;
  });
