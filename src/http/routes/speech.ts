import { z } from "@hono/zod-openapi";
import { type Heard, segmentsOf, transcribe } from "../../application/listening.ts";
import { type ReadAloud, readAloud, readAloudOnce } from "../../application/reading_aloud.ts";
import { baseLanguage } from "../../application/speaking.ts";
import { languageName } from "../../application/tutor.ts";
import { AppError } from "../../domain/errors.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, parse, routes } from "../env.ts";
import { once } from "../once.ts";
import { formField, LanguageCode, line, prose, Upload } from "../schemas.ts";
import { recordingOf } from "../uploads.ts";

const TAGS = ["ai"];

/** What a vendor's failure becomes. */
export const VENDOR_ERRORS = ["ai_failed", "ai_blocked", "ai_overloaded", "ai_unavailable", "ai_timeout"] as const;

/** What a recording may be refused with, and its recogniser. */
export const RECORDING_ERRORS = [
  "unsupported_audio",
  "audio_empty",
  "audio_unreadable",
  "audio_too_short",
  "audio_too_long",
  "decoding_failed",
  "recognition_failed",
  "recognition_unavailable",
  "busy",
] as const;

/** Longer than the longest recording takes to be recognised. */
const LEASE_MS = 10 * 60_000;

const VoicesView = z
  .object({
    languages: z.array(
      z.object({
        code: z.string().openapi({ example: "uz" }),
        name: z.string().openapi({ example: "Uzbek" }),
        engine: z.string().openapi({ example: "espeak-ng", description: "Who is asked first" }),
      }),
    ),
    voices: z.array(
      z.object({
        id: z.string().openapi({ example: "espeak-uz" }),
        language: z.string().openapi({ example: "uz" }),
        name: z.string().openapi({ example: "Oʻzbekcha" }),
        engine: z.string().openapi({ example: "espeak-ng" }),
      }),
    ),
  })
  .openapi("Voices");

const voices = endpoint(
  { access: "public" },
  {
    method: "get",
    path: "/ai/tts/voices",
    tags: TAGS,
    summary: "Languages and voices that texts are read in",
    responses: { 200: reply(VoicesView, "In the order in which they are asked") },
  },
);

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

/** As people write them: `en`, `en-US`, `uz_UZ`. */
const LanguageTag = z
  .string()
  .regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$/)
  .openapi({ example: "uz" });

const TtsBody = z
  .object({
    text: prose(5000).min(1).openapi({ example: "Assalomu alaykum!" }),
    language: LanguageTag.default("uz"),
    voice: line(60).optional().openapi({ example: "espeak-uz", description: "One of /ai/tts/voices" }),
  })
  .openapi("TextToSpeak");

const MP3 = {
  content: { "audio/mpeg": { schema: { type: "string", format: "binary" } } },
  description: "MP3, sent as it is made. `X-Speech-Engine` says who speaks, `X-Speech-Cached` whether it was kept",
} as const;

const tts = endpoint(
  { access: "user", perMinute: 60, idempotent: true },
  {
    method: "post",
    path: "/ai/tts",
    tags: TAGS,
    summary: "Read a text aloud, as MP3",
    description:
      "Costs its characters; what was read before in the same voice costs nothing. With an `Idempotency-Key` the sound comes when it is whole.",
    request: { body: json(TtsBody) },
    responses: { 200: MP3 },
    errors: [...VENDOR_ERRORS, "quota_exceeded", "voice_unavailable", "nothing_to_say", "speech_failed", "busy"],
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
            schema: z.object({ file: Upload, language: formField(LanguageCode) }).openapi("RecordingToWriteDown"),
          },
        },
        required: true,
      },
    },
    responses: { 200: reply(TranscriptView, "What was said") },
    errors: [...RECORDING_ERRORS, ...VENDOR_ERRORS, "quota_exceeded"],
  },
);

const transcriptView = ({ text, language, duration_ms, words, engine }: Heard) => ({
  text,
  language,
  duration: duration_ms / 1000,
  segments: segmentsOf(words),
  engine,
});

export const speech: Feature = (server) => {
  /** Sound that was kept, whole. */
  const kept = async (key: string) => {
    const content = await server.fileStore.get(key);
    if (!content) throw new AppError("file_missing");
    return sound({ engine: "", isNew: false, sound: content });
  };
  return routes()
    .openapi(voices, (c) => {
      const { voices } = server.textToSpeech;
      const codes = [...new Set(voices.map(({ language }) => baseLanguage(language)))];
      const first = (code: string) => voices.find(({ language }) => baseLanguage(language) === code)?.engine ?? "";
      const languages = codes.map((code) => ({ code, name: languageName(code), engine: first(code) }));
      return c.json({ languages, voices: voices.map((voice) => ({ ...voice })) }, 200);
    })
    .openapi(languages, (c) => {
      const { engine, languages: codes } = server.speechToText ?? { engine: null, languages: [] };
      return c.json({ engine, languages: codes.map((code) => ({ code, name: languageName(code) })) }, 200);
    })
    .openapi(tts, async (c) => {
      const body = c.req.valid("json");
      const asked = { ...body, actor: caller(c), requestId: c.get("requestId") };
      if (c.req.header("idempotency-key") === undefined) {
        // Sentence by sentence: between two of them nothing is sent.
        c.env?.timeout?.(c.req.raw, 0);
        return sound(await readAloud(server)(asked)) as never;
      }
      const answer = (key: string) => ({ status: 200, headers: {}, body: { key } });
      const first = (work: Parameters<typeof once>[3]) =>
        once(c, server, { ...body }, work, { send: (_, { body }) => kept((body as { key: string }).key) });
      return (await first(async (receipt) =>
        answer(await readAloudOnce(server)(asked, (stores, key) => receipt(stores, answer(key)))),
      )) as never;
    })
    .openapi(stt, async (c) => {
      const { file, fields } = await recordingOf(c, "file");
      const { language } = parse(z.object({ language: LanguageCode.optional() }), fields);
      // A long recording takes its time, in which nothing is sent.
      c.env?.timeout?.(c.req.raw, 0);
      const answer = (heard: Heard) => ({ status: 200, headers: {}, body: transcriptView(heard) });
      return (await once(
        c,
        server,
        { file, language },
        async (receipt) => {
          const sent = { actor: caller(c), requestId: c.get("requestId"), bytes: await file.bytes() };
          const heard = await transcribe(server)({ ...sent, language: language ?? null }, (stores, made) =>
            receipt(stores, answer(made)),
          );
          return answer(heard);
        },
        { leaseMs: LEASE_MS },
      )) as never;
    });
};

/** Sound with headers that say where it is from. */
function sound({ engine, isNew, sound }: ReadAloud): Response {
  const headers = new Headers({
    "content-type": "audio/mpeg",
    "cache-control": "private, no-store",
    "x-speech-cached": isNew ? "0" : "1",
    // A proxy would hold the first sentence back until the last.
    "x-accel-buffering": "no",
  });
  if (engine) headers.set("x-speech-engine", engine);
  return new Response(sound instanceof Blob ? sound : streamOf(sound), { headers });
}

/** Cut off where it breaks, so that half of a text is not taken for the whole. */
function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}
