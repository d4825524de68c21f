import type { z } from "zod";

// What a grammar can hold of a JSON schema. The rest is dropped: the answer is measured by its shape afterwards.

type Schema = z.core.JSONSchema.BaseSchema;
type Translate = (schema: Schema) => Record<string, unknown>;

/** A longer list would be a grammar of thousands of rules. */
const MOST_VALUES = 201;

/** Of one text: llama.cpp refuses a grammar that repeats anything 2000 times. */
const MOST_LETTERS = 1500;

/** About what a token is worth, in letters, in a language of many endings. */
const LETTERS = 2;

/**
 * The same shape in the words that node-llama-cpp's grammar knows; a property that may be left out is asked for too. A small
 * model writes on and on, so texts without a longest length share what `max_tokens` have room for.
 */
export function grammarSchema(schema: Schema, max_tokens: number): Record<string, unknown> {
  const texts = JSON.stringify(schema).match(/\{[^{}]*"type":"string"[^{}]*\}/g) ?? [];
  const endless = texts.filter((text) => !/"(maxLength|enum|const)":/.test(text));
  return translated(schema, Math.max(20, Math.floor((max_tokens * LETTERS) / (endless.length + 1))));
}

function translated(schema: Schema, longest: number): Record<string, unknown> {
  const translate: Translate = (one) => translated(one, longest);
  const mapped = (schemas: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, translate(one as Schema)]));
  const defs = schema.$defs ? { $defs: mapped(schema.$defs) } : {};
  if (schema.$ref) return { $ref: schema.$ref.replace("#/definitions/", "#/$defs/") };
  if (schema.const !== undefined) return { const: schema.const };
  if (schema.enum) return { enum: schema.enum };
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return { ...defs, oneOf: choices.map((choice) => translate(choice as Schema)) };
  switch (schema.type) {
    case "object":
      return { ...defs, type: "object", properties: mapped(schema.properties ?? {}), ...extra(schema, translate) };
    case "array":
      return { ...defs, type: "array", ...items(schema, translate) };
    case "string":
      return text(schema, longest);
    case "integer":
    case "number":
      return bounded(schema) ?? { type: schema.type };
    case "boolean":
    case "null":
      return { type: schema.type };
    default:
      // Nothing is said of it, so anything that is no list and no object may stand there.
      return { type: ["string", "number", "boolean", "null"] };
  }
}

function text({ minLength = 0, maxLength }: Schema, longest: number) {
  const least = Math.min(minLength, MOST_LETTERS);
  const most = Math.min(maxLength ?? Math.max(longest, least), MOST_LETTERS);
  return { type: "string", ...(least > 0 ? { minLength: least } : {}), maxLength: most };
}

function picked(schema: Schema, ...keys: (keyof Schema & string)[]) {
  return Object.fromEntries(keys.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
}

function extra({ additionalProperties: more, minProperties, maxProperties }: Schema, translate: Translate) {
  if (typeof more !== "object") return {};
  return {
    additionalProperties: translate(more as Schema),
    ...(minProperties === undefined ? {} : { minProperties }),
    ...(maxProperties === undefined ? {} : { maxProperties }),
  };
}

function items(schema: Schema, translate: Translate) {
  const { items, prefixItems } = schema;
  return {
    ...(prefixItems ? { prefixItems: prefixItems.map((item) => translate(item as Schema)) } : {}),
    ...(items && typeof items === "object" && !Array.isArray(items) ? { items: translate(items as Schema) } : {}),
    ...picked(schema, "minItems", "maxItems"),
  };
}

/** A grammar knows no least and greatest, so that a score is chosen from a list: as fine as a model can tell. */
function bounded({ type, minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below }: Schema) {
  const [least, greatest] = [minimum ?? above, maximum ?? below];
  if (typeof least !== "number" || typeof greatest !== "number") return undefined;
  const span = greatest - least;
  const step = type === "integer" || span > 10 ? 1 : span > 1 ? 0.5 : 0.05;
  if (span / step + 1 > MOST_VALUES) return undefined;
  const start = type === "integer" ? Math.ceil(least) : least;
  const values: number[] = [];
  // Counted in whole steps: 0.05 added up twenty times is not 1.
  for (let i = 0; start + i * step <= greatest + 1e-9; i++) {
    const one = Math.round((start + i * step) * 1000) / 1000;
    if (one !== above && one !== below) values.push(one);
  }
  return values.length > 0 ? { enum: values } : undefined;
}
