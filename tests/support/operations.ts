import type { Policy } from "../../src/http/endpoint.ts";
import { call, school } from "./school.ts";

type Json = Record<string, unknown>;

export type Operation = {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Record<string, { readonly content?: Record<string, Json> }>;
  readonly "x-policy"?: Policy & { readonly perMinute: number };
  readonly "x-errors"?: readonly string[];
};

/** The document as it is served. */
export const { body: document } = await call(await school(), "/api/v1/openapi.json");

const paths = document.paths as Record<string, Record<string, Operation>>;

/** Every operation of the document. */
export const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

/** The path with 1 for every id. */
export const plain = (path: string) => path.replace(/\{\w+\}/g, "1");

/** A schema with each reference, to any depth, in its place; one that holds itself is cut. */
export function resolved(schema: unknown, above: readonly string[] = []): unknown {
  if (Array.isArray(schema)) return schema.map((part) => resolved(part, above));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref } = schema as { $ref?: string };
  if ($ref === undefined)
    return Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, resolved(part, above)]));
  if (above.includes($ref)) return {};
  const found = $ref
    .split("/")
    .slice(1)
    .reduce((node: unknown, name) => (node as Json)[name], document as unknown);
  return resolved(found, [...above, $ref]);
}
