import { z } from "@hono/zod-openapi";
import { type Heard, segmentsOf, transcribe } from "../../application/listening.ts";
import { languageName } from "../../domain/language_tags.ts";
import { endpoint, reply } from "../endpoint.ts";
import { caller, type Feature, parse, routes } from "../env.ts";
import { once } from "../once.ts";
import { formField, LanguageCode, Upload } from "../schemas.ts";
import { recordingOf } from "../uploads.ts";
import { RECORDING_ERRORS, SPEECH_ERRORS } from "./ai_errors.ts";

const TAGS = ["ai"];

const LanguagesView = z
  .object({
    engine: z.string().nullable().openapi({ example: "whisper ggml-base-q5_1", description: "Null: no recogniser" }),
    languages: z.array(
      z.object({ code: z.string().openapi({ example: "uz" }), name: z.string().openapi({ example: "Uzbek" }) }),
    ),
  })
  .openapi("RecognisedLanguages");

const languages = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/ai/stt/languages",
    tags: TAGS,
    summary: "Languages that speech is recognised in",
    responses: { 200: reply(LanguagesView, "English is recognised best; Uzbek less well") },
  },
);

const TranscriptView = z
  .object({
    text: z.string().openapi({ example: "He was not an ill disposed young man." }),
    language: z.string().openapi({ example: "en" }),
    duration: z.number().openapi({ example: 3.21, description: "Seconds" }),
    segments: z.array(
      z.object({
        start: z.number().openapi({ example: 0.2, description: "Seconds" }),
        end: z.number().openapi({ example: 2.9 }),
        text: z.string().openapi({ example: "He was not an ill disposed young man." }),
      }),
    ),
    engine: z.string().openapi({ example: "whisper ggml-base-q5_1" }),
  })
  .openapi("Transcript");

const Fields = z.object({ language: formField(LanguageCode) });

const stt = endpoint(
  { access: "user", perMinute: 60, idempotent: true },
  {
    method: "post",
    path: "/ai/stt",
    tags: TAGS,
    summary: "Write down a recording",
    description:
      "WAV, MP3, OGG, WebM, M4A or FLAC, up to 10 minutes. Without `language` it is looked for among English and the caller's own. Silence is an empty text, and costs nothing.",
    request: {
      body: {
        content: {
          "multipart/form-data": {
            schema: Fields.extend({ file: Upload }).openapi("RecordingToWriteDown"),
          },
        },
        required: true,
      },
    },
    responses: { 200: reply(TranscriptView, "What was said") },
    errors: [...RECORDING_ERRORS, ...SPEECH_ERRORS, "quota_exceeded"],
  },
);

const transcriptView = ({ text, language, duration_ms, words, engine }: Heard) => ({
  text,
  language,
  duration: duration_ms / 1000,
  segments: segmentsOf(words),
  engine,
});

export const listening: Feature = (server) =>
  routes()
    .openapi(languages, (c) => {
      const { engine, languages: codes } = server.speechToText ?? { engine: null, languages: [] };
      return c.json({ engine, languages: codes.map((code) => ({ code, name: languageName(code) })) }, 200);
    })
    .openapi(stt, async (c) => {
      const { file, fields } = await recordingOf(c, "file");
      const { language = null } = parse(Fields, fields);
      // A long recording takes its time, in which nothing is sent.
      c.env?.timeout?.(c.req.raw, 0);
      const answer = (heard: Heard) => ({ status: 200, headers: {}, body: transcriptView(heard) });
      return (await once(c, server, { file, language }, async (receipt) => {
        const sent = { actor: caller(c), requestId: c.get("requestId"), bytes: await file.bytes() };
        const heard = await transcribe(server)({ ...sent, language }, (stores, made) => receipt(stores, answer(made)));
        return answer(heard);
      })) as never;
    });
