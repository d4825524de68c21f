import { dirname, join } from "node:path";

/** What each layer may import. Anything not listed is refused. */
const MAY_IMPORT: Record<string, RegExp> = {
  "src/domain/": /^src\/domain\//,
  // The shape of what a model answers is declared as a schema.
  "src/application/": /^(src\/(application|domain)\/|npm:zod$)/,
  "src/adapters/": /^(src\/(adapters|application\/ports|domain)\/|npm:|node:|bun)/,
  "src/http/":
    /^(src\/(http|application|domain)\/|npm:(hono|@hono\/zod-openapi|hono-rate-limiter|zod|content-disposition|swagger-ui-dist)$|node:path$)/,
  "src/": /./,
};

/** Packages with one home: swapping the vendor means editing that path and nothing else. */
const HOME: Record<string, RegExp> = {
  ...home("ai", "smart-whisper", "@google/genai", "gtts", "node-llama-cpp"),
  ...home("ai", "@echogarden/espeak-ng-emscripten", "wasm-media-encoders"),
  ...home("grammar", "harper.js"),
  ...home("pronunciation", "onnxruntime-node", "llama-tokenizer-js", "cmu-pronouncing-dictionary"),
  ...home("audio", "file-type", "mediabunny", "opus-decoder", "mpg123-decoder"),
  ...home("postgres", "kysely", "pg", "@electric-sql/pglite"),
  ...home("redis", "bullmq", "ioredis", "@bull-board/api", "@bull-board/hono"),
  ...home("archive", "tar-stream"),
  ...home("system", "jose", "pino", "prom-client"),
  // Each knows a server that may be away.
  cockatiel: /^src\/adapters\/(ai|postgres|redis)\//,
  // It decides over HTTP, and brings the store that counts in Redis.
  "hono-rate-limiter": /^src\/(http|adapters\/redis)\//,
  picocolors: /^src\/[a-z_]+\.ts$/,
};

function home(folder: string, ...packages: string[]) {
  return Object.fromEntries(packages.map((name) => [name, new RegExp(`^src/adapters/${folder}/`)]));
}

export type Import = { from: string; to: string };

const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function target(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return join(dirname(file), specifier);
  return /^(node:|bun(:|$))/.test(specifier) ? specifier : `npm:${packageOf(specifier)}`;
}

// Every specifier is a plain string after `from` or `import(`: Biome keeps it that way.
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g;

export function readImports(files: ReadonlyMap<string, string>): Import[] {
  return [...files].flatMap(([from, text]) =>
    [...text.matchAll(SPECIFIER)].map(([, specifier = ""]) => ({ from, to: target(from, specifier) })),
  );
}

const show = ({ from, to }: Import) => `${from} -> ${to}`;

/** What breaks the rules of the house, each in a line. */
export function violations(imports: readonly Import[]): string[] {
  const layerOf = (file: string) => Object.keys(MAY_IMPORT).find((prefix) => file.startsWith(prefix)) ?? "src/";
  const outside = imports.filter(({ from, to }) => !MAY_IMPORT[layerOf(from)]?.test(to));
  const strays = imports.filter(({ from, to }) => to.startsWith("npm:") && HOME[to.slice(4)]?.test(from) === false);
  return [...outside.map(show), ...strays.map(show), ...circle(imports)];
}

function circle(imports: readonly Import[]): string[] {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const walk = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of next.get(file) ?? []) {
      const found = walk(to, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  return [...next.keys()].flatMap((file) => walk(file, []));
}
