import { z } from "@hono/zod-openapi";
import { analyseAnswer } from "../../application/answer_analysis.ts";
import { type AnswerAnalysis, MOST_CHARACTERS } from "../../domain/answer_analysis.ts";
import { endpoint, json, reply } from "../endpoint.ts";
import { type Feature, routes } from "../env.ts";
import { LanguageCode, Level, prose } from "../schemas.ts";

const Words = z.array(z.string()).readonly();
const Share = z.number().openapi({ example: 0.88, description: "0 to 1" });
const Place = z.number().int().nullable().openapi({ example: 3, description: "UTF-16 code units" });
const Count = z.number().int().openapi({ example: 5 });

const AnswerDifference = z
  .object({
    kind: z.enum(["same", "missing", "added", "replaced"]),
    expected: z.string().nullable().openapi({ example: "goes", description: "The reference's word" }),
    heard: z.string().nullable().openapi({ example: "go", description: "The answer's word" }),
    start: Place.openapi({ description: "Where it begins in the reference" }),
    end: Place,
    heard_start: Place.openapi({ description: "Where it begins in the answer" }),
    heard_end: Place,
  })
  .openapi("AnswerDifference");

const AnswerCorrection = z
  .object({
    start: Count.openapi({ example: 3, description: "Place in `user_response`, in UTF-16 code units" }),
    end: Count,
    original: z.string().openapi({ example: "go" }),
    replacements: Words.openapi({ example: ["goes"], description: "Best first; empty text means: leave it out" }),
    rule: z.string().openapi({ example: "PronounVerbAgreement" }),
    explanation: z.string().openapi({ description: "In Uzbek, for the learner" }),
  })
  .openapi("AnswerCorrection");

const VocabularyView = z
  .object({
    levels: z
      .object({ A1: Count, A2: Count, B1: Count, B2: Count, C1: Count, C2: Count, unknown: Count })
      .openapi({ description: "How many different words are learnt at each CEFR level" }),
    level: Level.nullable().openapi({ description: "A rough estimate; null where fewer than 20 words are known" }),
    advanced_words: Words.openapi({ example: ["considerable"], description: "From B2 on" }),
    words: z
      .array(z.object({ word: z.string().openapi({ example: "school" }), level: Level.nullable(), count: Count }))
      .readonly(),
  })
  .openapi("Vocabulary");

const AnswerAnalysisView = z
  .object({
    language: LanguageCode.openapi({ description: "The language that the answer should be in" }),
    guessed_language: z.enum(["en", "uz", "ru"]).nullable(),
    similarity: z.number().nullable().openapi({ example: 87.5, description: "0 to 100; null without a reference" }),
    word_error_rate: z.number().nullable().openapi({ example: 0.13, description: "0 and up" }),
    completeness: Share.nullable(),
    copied_share: Share.nullable(),
    missing_words: Words.nullable().openapi({ example: ["every"] }),
    extra_words: Words.nullable().openapi({ example: ["very"] }),
    replaced: z
      .array(z.object({ expected: z.string(), heard: z.string() }))
      .readonly()
      .nullable()
      .openapi({ example: [{ expected: "goes", heard: "go" }] }),
    differences: z.array(AnswerDifference).readonly().nullable(),
    grammar: z.enum(["checked", "unavailable", "not_supported"]),
    corrections: z.array(AnswerCorrection).readonly(),
    vocabulary: VocabularyView.nullable(),
    measures: z.object({
      word_count: Count,
      distinct_words: Count,
      sentence_count: Count,
      lexical_variety: Share.nullable(),
    }),
    advice: Words.openapi({
      example: [
        "“go” emas, “goes”: “he, she, it” yoki birlikdagi ot bilan hozirgi oddiy zamonda feʼlga -s qoʻshiladi.",
      ],
      description: "In Uzbek, one to four sentences",
    }),
    engine: z.literal("deterministic"),
    analysis_version: Count.openapi({ example: 1 }),
  })
  .openapi("AnswerAnalysis") satisfies z.ZodType<AnswerAnalysis>;

const analyze = endpoint(
  { access: "public", perMinute: 60 },
  {
    method: "post",
    path: "/ai/analyze-answer",
    tags: ["ai"],
    summary: "What can be counted in an answer: likeness, mistakes, words and advice, without a language model",
    request: {
      body: json(
        z
          .object({
            user_response: prose(MOST_CHARACTERS).min(1).regex(/\S/).openapi({ example: "He go to school every day." }),
            reference_text: prose(MOST_CHARACTERS)
              .nullish()
              .openapi({ example: "He goes to school every day.", description: "What it should be like" }),
            language: LanguageCode.nullish().openapi({ description: "Where it is not said, the texts tell" }),
          })
          .openapi("AnswerToAnalyze"),
      ),
    },
    responses: { 200: reply(AnswerAnalysisView, "The analysis") },
    errors: ["busy"],
  },
);

export const answerAnalysis: Feature = (server) => {
  const analyse = analyseAnswer(server);
  return routes().openapi(analyze, async (c) => {
    const { user_response, reference_text = null, language = null } = c.req.valid("json");
    return c.json(
      await analyse({ user_response, reference_text, language, caller: c.get("actor")?.id ?? c.get("address") }),
      200,
    );
  });
};
