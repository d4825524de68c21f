import { z } from "@hono/zod-openapi";
import { type ReadAloud, readAloud, readAloudOnce } from "../../application/reading_aloud.ts";
import { AppError } from "../../domain/errors.ts";
import { languageName } from "../../domain/language_tags.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { caller, type Feature, routes } from "../env.ts";
import { once } from "../once.ts";
import { line, prose } from "../schemas.ts";
import { SPEECH_ERRORS } from "./ai_errors.ts";

const TAGS = ["ai"];

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
        name: z.string().openapi({ example: "Uzbek" }),
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
    errors: [
      ...SPEECH_ERRORS,
      "quota_exceeded",
      "voice_unavailable",
      "nothing_to_say",
      "speech_failed",
      "busy",
      "file_missing",
    ],
  },
);

export const readingAloud: Feature = (server) => {
  /** Sound that was kept, whole. */
  const kept = async (key: string) => {
    const content = await server.fileStore.get(key);
    if (!content) throw new AppError("file_missing");
    return sound({ engine: "", isNew: false, sound: content });
  };
  return routes()
    .openapi(voices, (c) => {
      const { voices } = server.textToSpeech;
      const codes = [...new Set(voices.map(({ language }) => language))];
      const first = (code: string) => voices.find(({ language }) => language === code)?.engine ?? "";
      const languages = codes.map((code) => ({ code, name: languageName(code), engine: first(code) }));
      return c.json({ languages, voices: voices.map((voice) => ({ ...voice })) }, 200);
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
      return (await once(
        c,
        server,
        { ...body },
        async (receipt) => answer(await readAloudOnce(server)(asked, (stores, key) => receipt(stores, answer(key)))),
        // What was stored is what `answer` made.
        (_, { body }) => kept((body as { key: string }).key),
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
  let isBegun = false;
  return new ReadableStream({
    pull: async (controller) => {
      isBegun = true;
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      // A generator that never began would not notice its end, and its bill would be renewed for ever.
      if (!isBegun) await iterator.next();
      await iterator.return?.();
    },
  });
}
