import { z } from "zod";
import { failure } from "./vendor_failure.ts";

type Schema = Record<string, unknown>;

/** What Gemini documents for `responseJsonSchema`; OpenAI's strict mode and llama.cpp's grammars take all of it too. */
const KEYWORDS = new Set(
  "$defs $ref type format title description enum items prefixItems minItems maxItems minimum maximum anyOf oneOf required".split(
    " ",
  ),
);

/**
 * The JSON schema of a shape, in what vendors understand of JSON Schema. The rest, e.g. the length of a text, is left out: an
 * unknown keyword makes some refuse the call, and the answer is checked against the shape itself anyway.
 */
export function schemaOf(shape: z.ZodType): Schema {
  // Before any transform: that is what a model writes.
  return understood(z.toJSONSchema(shape, { io: "input", unrepresentable: "any" }));
}

function understood(schema: Schema): Schema {
  const kept: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "properties" || keyword === "$defs") kept[keyword] = each(value as Schema);
    else if (keyword === "const") kept.enum = [value];
    // The ends of what a number in JavaScript can hold exactly bound nothing.
    else if (KEYWORDS.has(keyword) && Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER) kept[keyword] = part(value);
  }
  if (kept.type === "object") kept.additionalProperties = false;
  return kept;
}

const each = (schemas: Schema): Schema =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, part(schema)]));

function part(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(part);
  return typeof value === "object" && value !== null ? understood(value as Schema) : value;
}

/** Whether every property of every object must be there, which OpenAI's strict mode demands. */
export function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { properties, required } = schema as Schema;
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return (
    names.every((name) => Array.isArray(required) && required.includes(name)) && Object.values(schema).every(isStrict)
  );
}

/** Reads an answer that should have the shape. Models like to wrap JSON in a fence, whatever they were told. */
export function readShaped<T>(raw: string, shape: z.ZodType<T>): { value: T; raw: string } {
  const bare = raw.trim().replace(/^```(?:json)?\s*([\s\S]*?)\s*```$/i, "$1");
  if (bare === "") throw failure("unfit", "the answer is empty");
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch {
    throw failure("unfit", "the answer is not JSON");
  }
  const read = shape.safeParse(value);
  if (read.success) return { value: read.data, raw };
  // Where and how, never what: the value holds a learner's words.
  const wrong = read.error.issues.slice(0, 3).map(({ path, code }) => `${path.join(".") || "all of it"}: ${code}`);
  throw failure("unfit", `the answer has another shape: ${wrong.join(", ")}`);
}
