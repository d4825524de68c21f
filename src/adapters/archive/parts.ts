import { z } from "zod";

// What a backup is made of, in this order: manifest, secret, rows, files, end.

/** Raised when what is in an archive changes so that an older server could not read it. */
export const FORMAT = 1;

const count = z.int().min(0);

const Manifest = z.object({
  format: z.int(),
  /** Of the server that made it. */
  version: z.string(),
  created_at: z.iso.datetime(),
  /** What its database had had, the oldest first. */
  migrations: z.array(z.string()).min(1).readonly(),
  tables: z
    .array(
      z.object({
        name: z.string(),
        columns: z.array(z.string()).readonly(),
        rows: count,
        counters: z
          .array(z.object({ column: z.string(), last: z.string().regex(/^\d+$/), called: z.boolean() }))
          .readonly(),
      }),
    )
    .readonly(),
});
export type Manifest = z.infer<typeof Manifest>;

const End = z.object({
  files: count,
  /** All files together. */
  bytes: count,
  /** Keys of files that were removed while it was made. */
  missing: z.array(z.string()).readonly(),
  /** Keys of files that were not what their rows say when it was made. */
  damaged: z.array(z.string()).readonly(),
});
export type End = z.infer<typeof End>;

export type Part =
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "secret"; readonly secret: string }
  /** Lines of JSON. */
  | { readonly kind: "rows"; readonly table: string; readonly lines: readonly string[] }
  | { readonly kind: "file"; readonly key: string; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly end: End };

type Entry = { readonly name: string; readonly bytes: Uint8Array };

/** How a part lies in the archive; `number` tells those of one table from each other. */
export function entryOf(part: Part, number: number): Entry {
  const text = (name: string, content: string) => ({ name, bytes: new TextEncoder().encode(content) });
  switch (part.kind) {
    case "manifest":
      return text("manifest.json", JSON.stringify(part.manifest, null, 2));
    case "secret":
      return text("secret", part.secret);
    case "rows":
      return text(`tables/${part.table}/${String(number).padStart(6, "0")}.ndjson`, `${part.lines.join("\n")}\n`);
    case "file":
      return { name: `files/${part.key}`, bytes: part.bytes };
    case "end":
      return text("end.json", JSON.stringify(part.end, null, 2));
  }
}

const MB = 1024 * 1024;
const KINDS = [
  { pattern: /^(manifest\.json|secret|end\.json)$/, most: 64 * MB },
  { pattern: /^tables\/[^/]+\/\d+\.ndjson$/, most: 64 * MB },
  // MAX_UPLOAD_MB is at most 200.
  { pattern: /^files\/./, most: 256 * MB },
];

/** Throws where an entry is none of ours, or larger (in bytes) than ours can be: it is then not read into memory. */
export function checkEntry(name: string, size: number): void {
  const kind = KINDS.find(({ pattern }) => pattern.test(name));
  if (!kind) throw new Error(`${JSON.stringify(name.slice(0, 100))} does not belong into a backup`);
  if (size > kind.most) throw new Error(`${name} would be of ${Math.round(size / MB)} MB`);
}

/** What an entry says; throws where that is nothing. */
export function partOf({ name, bytes }: Entry): Part {
  const text = () => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (name === "manifest.json") return { kind: "manifest", manifest: parse(name, Manifest, text()) };
  if (name === "secret") return { kind: "secret", secret: text() };
  if (name === "end.json") return { kind: "end", end: parse(name, End, text()) };
  const table = /^tables\/([^/]+)\//.exec(name)?.[1];
  if (table !== undefined) return { kind: "rows", table, lines: text().split("\n").filter(Boolean) };
  return { kind: "file", key: name.slice("files/".length), bytes };
}

function parse<T>(name: string, schema: z.ZodType<T>, text: string): T {
  const { success, data } = schema.safeParse(JSON.parse(text));
  if (!success) throw new Error(`${name} is not what it should be`);
  return data;
}
