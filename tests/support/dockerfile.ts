// Reads the part of a Dockerfile's language that this project uses. What it does not know it refuses, so that nothing in
// the Dockerfile goes unproved.

export type Step =
  | { kind: "run"; command: string }
  | { kind: "copy"; from: string | null; sources: string[]; to: string }
  | { kind: "workdir"; path: string }
  | { kind: "env"; values: Record<string, string> }
  /** Null without a default. */
  | { kind: "arg"; name: string; value: string | null }
  | { kind: "user"; user: string };

export type Stage = {
  readonly base: string;
  readonly name: string | null;
  readonly steps: Step[];
  /** What the image says of itself. */
  command: string[];
  entrypoint: string[] | null;
  health: { command: string[]; options: Record<string, string> } | null;
  ports: number[];
  volumes: string[];
  stopSignal: string | null;
};

const words = (text: string) => text.split(/\s+/).filter(Boolean);

function list(text: string): string[] {
  const parsed: unknown = JSON.parse(text);
  if (Array.isArray(parsed) && parsed.every((word) => typeof word === "string")) return parsed;
  throw new Error(`should be a list in JSON: ${text}`);
}

/** `NAME=value NAME="a value"`; the older form without `=` is refused. */
function pairs(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const rest = text.replace(/([\w.-]+)=(?:"([^"\\]*)"|([^\s"'\\]+))(?:\s+|$)/g, (_, name, quoted, plain) => {
    found[name] = quoted ?? plain;
    return "";
  });
  if (rest !== "" || Object.keys(found).length === 0) throw new Error(`should be NAME=value: ${text}`);
  return found;
}

/** The options before the words, only those that are known. */
function options(text: string, known: readonly string[]): { given: Record<string, string>; rest: string } {
  const given: Record<string, string> = {};
  let rest = text;
  for (let option = /^--([\w-]+)=(\S+)\s+/.exec(rest); option; option = /^--([\w-]+)=(\S+)\s+/.exec(rest)) {
    const [whole, name = "", value = ""] = option;
    if (!known.includes(name)) throw new Error(`unknown option --${name}`);
    given[name] = value;
    rest = rest.slice(whole.length);
  }
  if (rest.startsWith("--")) throw new Error(`unknown option: ${rest}`);
  return { given, rest };
}

/** Values are taken as they stand: variables in them are refused. */
function literal(text: string): string {
  if (text.includes("$")) throw new Error(`variables are not known here: ${text}`);
  return text;
}

const INSTRUCTIONS: Record<string, (stage: Stage, text: string) => void> = {
  RUN: ({ steps }, text) => {
    if (/^(--|\[|<<)/.test(text)) throw new Error(`RUN takes a shell's words: ${text}`);
    steps.push({ kind: "run", command: text });
  },
  COPY: ({ steps }, text) => {
    const { given, rest } = options(literal(text), ["from"]);
    const sources = words(rest);
    const to = sources.pop();
    if (to === undefined || sources.length === 0) throw new Error(`COPY takes what and where: ${text}`);
    if (!to.endsWith("/") && to !== ".") throw new Error(`COPY's folder should end in /: ${to}`);
    steps.push({ kind: "copy", from: given.from ?? null, sources, to });
  },
  WORKDIR: ({ steps }, text) => void steps.push({ kind: "workdir", path: literal(text) }),
  ENV: ({ steps }, text) => void steps.push({ kind: "env", values: pairs(literal(text)) }),
  ARG: ({ steps }, text) => {
    const [name = "", value = null] = literal(text).split("=", 2);
    steps.push({ kind: "arg", name, value });
  },
  USER: ({ steps }, text) => void steps.push({ kind: "user", user: literal(text) }),
  LABEL: (_, text) => void pairs(text),
  VOLUME: (stage, text) => void stage.volumes.push(...list(text)),
  EXPOSE: (stage, text) => void stage.ports.push(...words(literal(text)).map(Number)),
  STOPSIGNAL: (stage, text) => {
    stage.stopSignal = text;
  },
  ENTRYPOINT: (stage, text) => {
    stage.entrypoint = list(text);
    stage.command = [];
  },
  CMD: (stage, text) => {
    stage.command = list(text);
  },
  HEALTHCHECK: (stage, text) => {
    const { given, rest } = options(text, ["interval", "timeout", "start-period", "retries"]);
    if (!rest.startsWith("CMD ")) throw new Error(`HEALTHCHECK takes CMD: ${rest}`);
    stage.health = { command: list(rest.slice(4)), options: given };
  },
};

/** The stages, in order. An instruction that is not known is an error that names it. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  const code = text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n");
  for (const line of code.replace(/\\[ \t]*\n/g, " ").split("\n")) {
    const [, instruction = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    if (!instruction) continue;
    if (instruction === "FROM") {
      const [, base, name = null] = /^(\S+)(?: AS (\S+))?$/.exec(literal(rest)) ?? [];
      if (!base) throw new Error(`FROM takes an image: ${rest}`);
      stages.push({
        base,
        name,
        steps: [],
        command: [],
        entrypoint: null,
        health: null,
        ports: [],
        volumes: [],
        stopSignal: null,
      });
      continue;
    }
    const stage = stages.at(-1);
    const read = INSTRUCTIONS[instruction];
    if (!read) throw new Error(`unknown instruction ${instruction}`);
    if (!stage) throw new Error(`${instruction} before FROM`);
    read(stage, rest);
  }
  return stages;
}
