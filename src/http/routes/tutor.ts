import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { streamSSE } from "hono/streaming";
import { ask, type Reply } from "../../application/tutor.ts";
import { type VoiceReply, voiceLoop } from "../../application/voice_loop.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Env, type Feature, parse, routes, type Server } from "../env.ts";
import { problemOf } from "../errors.ts";
import { mediaUrl } from "../media.ts";
import { sayWarning } from "../messages/mod.ts";
import { once } from "../once.ts";
import { formField, Id, IdOut, LanguageCode, prose, Upload } from "../schemas.ts";
import { recordingOf } from "../uploads.ts";
import { RECORDING_ERRORS, VENDOR_ERRORS } from "./speech.ts";

const TAGS = ["ai"];

/** Longer than the longest turn takes. */
const LEASE_MS = 5 * 60_000;

const Sound = {
  audio_url: z.string().nullable().openapi({
    example: "/uploads/speech/3f….mp3?expires=1764000000&signature=…",
    description: "Plays for a day; null where there is no sound",
  }),
  warning: z
    .object({
      code: z.string().openapi({ example: "speech_failed" }),
      detail: z.string().openapi({ example: "Matnni ovozga aylantirib boʻlmadi." }),
    })
    .nullable()
    .openapi({ description: "Why the sound is missing or cut short; null where all is well" }),
};

const Answerer = {
  avatar_type: z.string().openapi({ example: "teacher" }),
  avatar_name: z.string().openapi({ example: "Malika" }),
  session_id: IdOut.openapi({ description: "Send it again to go on with the conversation" }),
  language: z.string().openapi({ example: "uz", description: "Of the answer and its voice" }),
  engine: z.string().openapi({ example: "gemini gemini-2.5-flash", description: "Who answered" }),
};

const AnswerView = z
  .object({ text: z.string().openapi({ example: "Salom! Albatta, yordam beraman." }), ...Sound, ...Answerer })
  .openapi("TutorAnswer");

const askRoute = endpoint(
  { access: "user", perMinute: 30, idempotent: true },
  {
    method: "post",
    path: "/ai/ask",
    tags: TAGS,
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
    errors: [...VENDOR_ERRORS, "ai_not_configured", "quota_exceeded", "not_found"],
  },
);

const VoiceView = z
  .object({
    transcript: z.string().openapi({ example: "He go to school every day" }),
    spoken_language: z.string().openapi({ example: "en" }),
    ai_text: z.string().openapi({ example: "Juda yaxshi! U maktabga nima bilan boradi?" }),
    corrections: z.array(
      z.object({
        original: z.string().openapi({ example: "He go" }),
        corrected: z.string().openapi({ example: "He goes" }),
        explanation: z.string().openapi({ example: "He, she, it bilan feʼlga -s qoʻshiladi." }),
        source: z.enum(["rules", "model"]).openapi({ description: "Who found it" }),
      }),
    ),
    advice: z.string().openapi({ example: "Present Simple bilan kun tartibingizni aytib bering." }),
    reading: z
      .object({
        reference_text: z.string().openapi({ example: "He goes to school every day" }),
        accuracy_score: z.number().openapi({ example: 88, description: "Percent of the text's words that were heard" }),
        missing: z.array(z.string()).openapi({ example: ["goes"] }),
        confidence: z.literal("low").openapi({ description: "Compared by words, not by sounds" }),
      })
      .nullable()
      .openapi({ description: "Against `reference_text`; null without one" }),
    ...Sound,
    ...Answerer,
  })
  .openapi("VoiceAnswer");

const VoiceFields = z.object({
  language: formField(LanguageCode).openapi({ example: "uz", description: "Of the answer" }),
  reference_text: formField(prose(1000)).openapi({
    example: "He was not an ill disposed young man.",
    description: "The text that is read aloud, if one is",
  }),
  // Of a number the documentation's form would send an example of its own making; a form's fields are texts anyway.
  session_id: formField(Id).openapi({ type: "string", example: "", description: "Goes on with a conversation" }),
});

const voiceRoute = endpoint(
  { access: "user", perMinute: 20, idempotent: true },
  {
    method: "post",
    path: "/ai/voice-loop",
    tags: TAGS,
    summary: "Speak with the tutor: transcript, answer, corrections and voice",
    description:
      "A recording of up to 3 minutes. Takes one recognition, one answer and up to 600 characters of speech, or nothing at all. Where only the voice fails, all the rest comes with `audio_url: null` and a warning.",
    request: {
      body: {
        content: {
          "multipart/form-data": { schema: VoiceFields.extend({ file: Upload }).openapi("SpokenTurn") },
        },
        required: true,
      },
    },
    responses: { 200: reply(VoiceView, "What was said, and what the tutor says to it") },
    errors: [...RECORDING_ERRORS, ...VENDOR_ERRORS, "audio_silent", "ai_not_configured", "quota_exceeded", "not_found"],
  },
);

type Spoken = Pick<Reply, "audio_key" | "warning" | "avatar" | "session_id" | "language" | "engine">;

/** What every answer says of its sound and its speaker. */
function spokenView(
  server: Server,
  c: Context<Env>,
  { audio_key, warning, avatar, session_id, language, engine }: Spoken,
) {
  return {
    audio_url: audio_key === null ? null : mediaUrl(server, audio_key, server.clock.now()),
    warning: warning === null ? null : { code: warning, detail: sayWarning(warning, c.get("language")) },
    avatar_type: avatar.type,
    avatar_name: avatar.name,
    session_id,
    language,
    engine,
  };
}

export const tutor: Feature = (server) =>
  routes()
    .openapi(askRoute, async (c) => {
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
          { leaseMs: LEASE_MS, ...send },
        );
      const wanted = accepts(c, {
        header: "Accept",
        supports: ["application/json", "text/event-stream"],
        default: "application/json",
      });
      return (wanted === "text/event-stream" ? await streamed(c, server, answer) : await answer()) as never;
    })
    .openapi(voiceRoute, async (c) => {
      const { file, fields } = await recordingOf(c, "file");
      const { language = null, reference_text = null, session_id = null } = parse(VoiceFields, fields);
      const view = ({ transcript, spoken_language, ai_text, corrections, advice, reading, ...made }: VoiceReply) => ({
        status: 200,
        headers: {},
        body: {
          transcript,
          spoken_language,
          ai_text,
          corrections,
          advice,
          reading,
          ...spokenView(server, c, made),
        },
      });
      c.env?.timeout?.(c.req.raw, 0);
      return (await once(
        c,
        server,
        { file, language, reference_text, session_id },
        async (receipt) => {
          const sent = { actor: caller(c), requestId: c.get("requestId"), bytes: await file.bytes() };
          const turn = { ...sent, sessionId: session_id, language, referenceText: reference_text };
          return view(await voiceLoop(server)(turn, (stores, made) => receipt(stores, view(made))));
        },
        { leaseMs: LEASE_MS },
      )) as never;
    });

type Answering = (
  onPiece: (piece: string) => void,
  options: { send: (c: Context<Env>, answer: { body: unknown }) => Response },
) => Promise<Response>;

const PING_MS = 5000;

/** The answer piece by piece. What fails before the first piece is refused as ever; later it is one more event. */
async function streamed(c: Context<Env>, { log }: Pick<Server, "log">, answer: Answering): Promise<Response> {
  const line = pieceLine();
  let whole: unknown;
  const keepWhole = (c: Context<Env>, { body }: { body: unknown }) => {
    whole = body;
    return c.body(null);
  };
  const working = answer(line.push, { send: keepWhole }).finally(line.close);
  const failure = working.then(
    () => null,
    (error: Error) => error,
  );
  const first = await line.next();
  // Nothing came: a refusal, or an answer that was given before and is told at once.
  if (first === null) await working;
  c.header("X-Accel-Buffering", "no");
  return streamSSE(c, async (stream) => {
    // Whoever leaves finds the answer in the conversation.
    for (let text = first; text !== null && !stream.aborted; text = await line.next(PING_MS)) {
      if (text === "") await stream.write(": ping\n\n");
      else await stream.writeSSE({ event: "token", data: JSON.stringify({ text }) });
    }
    const failed = await failure;
    if (!failed) return stream.writeSSE({ event: "done", data: JSON.stringify(whole) });
    log.warn("an answer broke off", { request_id: c.get("requestId"), message: failed.message });
    return stream.writeSSE({ event: "error", data: JSON.stringify(problemOf(c, failed)) });
  });
}

/** Pieces on their way from who makes them to who sends them. */
function pieceLine() {
  let waiting = "";
  let closed = false;
  let wake = () => {};
  return {
    push: (piece: string) => {
      waiting += piece;
      wake();
    },
    close: () => {
      closed = true;
      wake();
    },
    /** All that came since, empty where nothing did for so long; null after the last. */
    next: async (ms?: number): Promise<string | null> => {
      if (waiting === "" && !closed) {
        const moved = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race(ms === undefined ? [moved] : [moved, Bun.sleep(ms)]);
      }
      const text = waiting;
      waiting = "";
      return text === "" && closed ? null : text;
    },
  };
}
