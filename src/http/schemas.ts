import { z } from "@hono/zod-openapi";
import { LEVELS } from "../domain/users.ts";

export const Id = z.coerce.number().int().positive().max(2_147_483_647).openapi({ example: 1 });

/** In a JSON body, where a number is a number. */
export const IdIn = z.number().int().positive().max(2_147_483_647).openapi({ example: 1 });

/** In an answer, where nothing is coerced. */
export const IdOut = z.number().int().openapi({ example: 1 });

export const Time = z.string().openapi({ format: "date-time", example: "2026-11-23T08:30:00.000Z" });

export const Level = z.enum(LEVELS).openapi({ example: "B1" });

export const LanguageCode = z
  .string()
  .regex(/^[a-z]{2}$/)
  .openapi({ example: "en", description: "ISO 639-1" });

/** A field of a form: one that was left empty is one that was left out, as browsers send it. */
export const formField = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** An id in a form. Of a number the documentation's form would send an example of its own making; a form's fields are texts anyway. */
export const formId = (description: string) => formField(Id).openapi({ type: "string", example: "", description });

// The document generator does not know z.file() on its own.
export const Upload = z.file().openapi({ type: "string", format: "binary" });

/** A line of text as people type it: no control characters, no blank ends. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !hasControls(text));

/** Longer text, where lines may break. */
export const prose = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !hasControls(text.replace(/[\n\r\t]/g, "")));

// Postgres refuses U+0000 outright, and the others are never typed on purpose.
const hasControls = (text: string) => /\p{Cc}/u.test(text);
