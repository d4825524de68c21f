import type { Family } from "../../src/application/ports/metrics.ts";

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const KINDS = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf|NaN))$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Reads Prometheus' text (version 0.0.4) as strictly as it is written down; throws at the first line that is wrong. */
export function readPrometheus(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current: Family | undefined;
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const wrong = (why: string) => new Error(`${why}: ${line}`);
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      if (!NAME.test(name) || helps.has(name)) throw wrong("a help of no name, or a second one");
      helps.set(name, rest);
    } else if (keyword === "TYPE") {
      if (!KINDS.has(rest) || families.has(name)) throw wrong("no such type, or told twice");
      current = { name, help: helps.get(name) ?? "", kind: rest, samples: [] };
      families.set(name, current);
    } else {
      const [, sample = "", words = "", value = ""] = SAMPLE.exec(line) ?? [];
      if (!sample) throw wrong("no sample");
      if (!current || !belongs(sample, current)) throw wrong("outside its family");
      const labels = readLabels(words);
      if (!labels) throw wrong("labels that cannot be read");
      const key = `${sample} ${JSON.stringify(Object.entries(labels).sort())}`;
      if (seen.has(key)) throw wrong("told twice");
      seen.add(key);
      current.samples.push({ name: sample, labels, value: Number(value.replace("Inf", "Infinity")) });
    }
  }
  for (const family of families.values()) if (family.kind === "histogram") checkBuckets(family);
  return families;
}

const belongs = (sample: string, { name, kind }: Family): boolean =>
  kind === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample) : sample === name;

function readLabels(words: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < words.length) {
    const [, label = "", value = ""] = LABEL.exec(words) ?? [];
    if (!label || label in labels) return null;
    labels[label] = value.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
  }
  return labels;
}

/** Each bucket holds those before it, and the last one all. */
function checkBuckets({ name, samples }: Family): void {
  const without = ({ le: _, ...labels }: Record<string, string>) => JSON.stringify(labels);
  const buckets = Map.groupBy(
    samples.filter((sample) => sample.name === `${name}_bucket`),
    ({ labels }) => without(labels),
  );
  for (const sample of samples.filter((sample) => sample.name === `${name}_count`)) {
    const of = buckets.get(without(sample.labels)) ?? [];
    const bounds = of.map(({ labels }) => Number(labels.le?.replace("Inf", "Infinity")));
    const isRising = of.every(({ value }, i) => i === 0 || value >= (of[i - 1]?.value ?? 0));
    if (bounds.at(-1) !== Infinity || of.at(-1)?.value !== sample.value || !isRising)
      throw new Error(`${name} has buckets that do not add up`);
  }
}
