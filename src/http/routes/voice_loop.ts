import { z } from "@hono/zod-openapi";
import { voiceLoop as answerAloud, type VoiceReply } from "../../application/voice_loop.ts";
import { endpoint, reply } from "../endpoint.ts";
import { caller, type Feature, parse, routes } from "../env.ts";
import { once } from "../once.ts";
import { formField, formId, LanguageCode, prose, Upload } from "../schemas.ts";
import { recordingOf } from "../uploads.ts";
import { MODEL_ERRORS, RECORDING_ERRORS } from "./ai_errors.ts";
import { AssessmentView, assessmentView } from "./pronunciation_views.ts";
import { Answerer, Sound, spokenView } from "./tutor_views.ts";

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
    reading: AssessmentView.extend({
      missing: z
        .array(z.string())
        .openapi({ example: ["goes"], description: "Words of the text that the recogniser did not hear" }),
    })
      .nullable()
      .openapi({
        description:
          "How `reference_text` was read aloud; null without one. Where nobody can judge its sounds, its words are compared: `method` is `transcript`, `confidence` low",
      }),
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
  session_id: formId("Goes on with a conversation"),
});

const voiceRoute = endpoint(
  { access: "user", perMinute: 20, idempotent: true },
  {
    method: "post",
    path: "/ai/voice-loop",
    tags: ["ai"],
    summary: "Speak with the tutor: transcript, answer, corrections and voice",
    description:
      "A recording of up to 3 minutes. Takes one recognition, one answer and up to 600 characters of speech, with a text to read whose sounds are judged one analysis of pronunciation, or nothing at all. Where only the voice fails, all the rest comes with `audio_url: null` and a warning.",
    request: {
      body: {
        content: {
          "multipart/form-data": { schema: VoiceFields.extend({ file: Upload }).openapi("SpokenTurn") },
        },
        required: true,
      },
    },
    responses: { 200: reply(VoiceView, "What was said, and what the tutor says to it") },
    errors: [...RECORDING_ERRORS, ...MODEL_ERRORS, "audio_silent", "ai_not_configured", "quota_exceeded", "not_found"],
  },
);

export const voiceLoop: Feature = (server) =>
  routes().openapi(voiceRoute, async (c) => {
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
        reading: reading && { ...assessmentView(reading.assessment, c.get("language")), missing: [...reading.missing] },
        ...spokenView(server, c, made),
      },
    });
    c.env?.timeout?.(c.req.raw, 0);
    return (await once(c, server, { file, language, reference_text, session_id }, async (receipt) => {
      const sent = { actor: caller(c), requestId: c.get("requestId"), bytes: await file.bytes() };
      const turn = { ...sent, sessionId: session_id, language, referenceText: reference_text };
      return view(await answerAloud(server)(turn, (stores, made) => receipt(stores, view(made))));
    })) as never;
  });
