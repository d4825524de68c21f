import { z } from "zod";
import type { LanguageModel, Prompt } from "../../application/ports/language_model.ts";
import { AppError } from "../../domain/errors.ts";

const asked = ({ messages }: Prompt): string => messages.at(-1)?.text.trim().slice(0, 200) ?? "";

function checkSignal({ signal }: Prompt): void {
  if (signal?.aborted) throw new AppError("ai_failed", {}, { cause: signal.reason });
}

/** Stands in for the language model (DISABLE_GEMINI=1, tests): the same question always has the same answer. */
export function fakeLanguageModel(): LanguageModel {
  return {
    engine: "fake",
    context_tokens: 8192,
    stream: async function* (prompt) {
      const answer = `Siz yozdingiz: “${asked(prompt)}”. Bu sinov javobi: uni sunʼiy intellekt yozmagan.`;
      for (const piece of answer.match(/\S+\s*/g) ?? []) {
        checkSignal(prompt);
        yield piece;
      }
    },
    answer: async (prompt, shape) => {
      checkSignal(prompt);
      // Written as every model's answer comes, and read as theirs are.
      const raw = JSON.stringify(sample(z.toJSONSchema(shape), asked(prompt)));
      const read = shape.safeParse(JSON.parse(raw));
      if (!read.success) throw new AppError("ai_failed", {}, { cause: read.error });
      return { value: read.data, raw };
    },
    stop: async () => {},
  };
}

type Schema = z.core.JSONSchema.BaseSchema;

/** The plainest value of a shape: the question in each text, the least numbers, empty lists. */
function sample(schema: Schema, text: string): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf?.[0]) return sample(schema.anyOf[0] as Schema, text);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, part]) => [name, sample(part as Schema, text)]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sample((schema.items ?? {}) as Schema, text));
    case "string":
      return text.slice(0, schema.maxLength ?? 200) || "…";
    case "number":
    case "integer":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return null;
  }
}
