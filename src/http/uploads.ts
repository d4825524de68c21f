import type { Context } from "hono";
import { AppError } from "../domain/errors.ts";
import { type Env, InvalidInput, readBody } from "./env.ts";

/** The recording of a form under that name, or the only file there is, and the form's texts. */
export async function recordingOf(
  c: Context<Env>,
  field: string,
): Promise<{ file: File; fields: Record<string, string> }> {
  const body = await readBody(c);
  if (body.kind === "json" && body.value !== undefined) throw new AppError("unsupported_media_type");
  const parts = body.kind === "form" ? Object.entries(body.value) : [];
  const files = parts.flatMap(([name, value]) =>
    [value].flat().flatMap((part) => (part instanceof File ? [{ name, file: part }] : [])),
  );
  const named = files.find(({ name }) => name === field) ?? files[0];
  const issue = { path: [field], message: "", input: undefined };
  if (!named) throw new InvalidInput("form", [{ ...issue, code: "invalid_type", expected: "file" }]);
  if (files.length > 1) throw new InvalidInput("form", [{ ...issue, code: "too_big", maximum: 1, origin: "array" }]);
  const texts = parts.flatMap(([name, value]) => {
    const last = [value].flat().at(-1);
    // An empty field of a form is one that was left out.
    return typeof last === "string" && last.trim() !== "" ? [[name, last] as const] : [];
  });
  return { file: named.file, fields: Object.fromEntries(texts) };
}
