import { describe, expect, test } from "bun:test";
import { memoryPorts } from "../src/adapters/memory/mod.ts";
import { measuredFiles, measuredHelpers } from "../src/adapters/system/measured.ts";
import { promMetrics } from "../src/adapters/system/metrics.ts";
import { fixedBearer } from "../src/adapters/system/mod.ts";
import type { Family } from "../src/application/ports/metrics.ts";
import { AppError, type ErrorCode } from "../src/domain/errors.ts";
import { createApp } from "../src/http/app.ts";
import { readPrometheus } from "./support/prometheus.ts";
import { readPromql } from "./support/promql.ts";
import { call, LEARNER, METRICS_TOKEN, school, settled, tone } from "./support/school.ts";
import { autoGraded, hears, speak } from "./support/stories.ts";

const metrics = promMetrics();

/** What is rendered after some work, some of which fails, with all that a server with Postgres and Redis has. */
async function rendering(): Promise<Map<string, Family>> {
  let broken: ErrorCode | null = null;
  const hearing = hears("I get up at seven", () => broken && Promise.reject(new AppError(broken)));
  const { decoder, fileStore, grammar, judge, languageModel, textToSpeech, pronunciation } = memoryPorts();
  const helping = { grammar, judge, languageModel, textToSpeech, pronunciation, speechToText: hearing };
  const all = { decoder, backgroundDecoder: decoder, ...helping };
  const { backgroundDecoder, ...helpers } = measuredHelpers(all, metrics);
  await backgroundDecoder.decode(await tone().bytes());
  const ports = await school({ metrics, ...helpers, fileStore: measuredFiles(fileStore, metrics) });
  await autoGraded(ports);
  await speak(ports);
  await settled(ports);
  for (const code of ["recognition_failed", "recognition_unavailable"] as const) {
    broken = code;
    await speak(ports);
    await settled(ports);
  }
  metrics.observe("vendor_call", { vendor: "files", operation: "put", outcome: "full" }, 1);
  const app = createApp({
    ...ports,
    checks: { ...ports.checks, cache: async () => {} },
    sources: [
      () =>
        ["total", "idle", "waiting"].map((state) => ({ gauge: "database_connections", labels: { state }, value: 1 })),
    ],
  });
  await call({ app }, "/api/v1/users/me", LEARNER);
  const answer = await app.request("/api/v1/metrics", { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return readPrometheus(await answer.text());
}

const families = await rendering();
const samples = Map.groupBy(
  [...families.values()].flatMap((family) => family.samples),
  ({ name }) => name,
);

/** What Prometheus adds to every figure, and the one it makes itself. */
const TARGET = ["job", "instance"];
const OWN = ["up"];

/** What an expression asks for that is not there. */
function missing(expression: string, legend = ""): string[] {
  const { metrics, kept } = readPromql(expression);
  const known = new Set(TARGET);
  const wrong: string[] = [];
  for (const { name, matchers } of metrics) {
    if (OWN.includes(name)) {
      wrong.push(...matchers.filter(({ label }) => !TARGET.includes(label)).map(({ label }) => `${name}{${label}}`));
      continue;
    }
    const found = samples.get(name);
    if (!found) wrong.push(name);
    const labels = new Map<string, Set<string>>();
    for (const sample of found ?? [])
      for (const [label, word] of Object.entries(sample.labels)) {
        known.add(label);
        labels.set(label, (labels.get(label) ?? new Set()).add(word));
      }
    for (const { label, operator, value } of matchers) {
      if (TARGET.includes(label)) continue;
      const words = [...(labels.get(label) ?? [])];
      if (words.length === 0) wrong.push(`${name}{${label}}`);
      // A word that never comes would make an alarm that never rings.
      const fits =
        operator === "=" ? words.includes(value) : words.some((word) => new RegExp(`^(?:${value})$`).test(word));
      const isHarmless = operator.startsWith("!") || (label === "status" && /^[45]/.test(value));
      if (words.length > 0 && !fits && !isHarmless) wrong.push(`${name}{${label}${operator}${value}}`);
    }
  }
  const shown = [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = ""]) => label);
  return [...wrong, ...[...kept, ...shown].filter((label) => !known.has(label))];
}

type Panel = { title: string; type: string; targets?: { expr: string; legendFormat: string }[] };
const dashboard = await Bun.file("docs/deploy/grafana.json").json();
const panels: Panel[] = dashboard.panels;
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

type Rule = { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> };
const alarms = Bun.YAML.parse(await Bun.file("docs/deploy/alerts.yaml").text()) as { groups: { rules: Rule[] }[] };
const rules = alarms.groups.flatMap(({ rules }) => rules);

describe("the dashboard", () => {
  test.each(targets)("“$title” shows figures that exist: $expr", ({ expr, legendFormat }) => {
    expect(readPromql(expr).metrics.length).toBeGreaterThan(0);
    expect(missing(expr, legendFormat)).toEqual([]);
  });

  test("is one that Grafana takes, whatever its Prometheus is called", () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.templating.list.map(({ name }: { name: string }) => name)).toEqual(["datasource", "job"]);
    expect(JSON.stringify(dashboard).match(/"uid":"(?!\$\{datasource\}|oquv-platformasi)/)).toBeNull();
    expect(new Set(dashboard.panels.map(({ id }: { id: number }) => id)).size).toBe(panels.length);
  });

  test("shows every figure of ours", () => {
    const asked = [...targets, ...rules].flatMap(({ expr }) => readPromql(expr).metrics.map(({ name }) => name));
    // Those of the overview say what others tell, to whoever may not see those.
    const overview = ["oquv_uptime_seconds", "oquv_requests", "oquv_error_ratio", "oquv_jobs_waiting"];
    const unseen = [...families.keys()]
      .filter((name) => name.startsWith("oquv_") && !overview.includes(name))
      .filter((name) => !asked.some((other) => other.replace(/_(bucket|sum|count)$/, "") === name));
    expect(unseen).toEqual([]);
  });
});

describe("the alarms", () => {
  test.each(rules)("$alert rings by figures that exist", ({ expr }) => expect(missing(expr)).toEqual([]));

  test.each(rules)("$alert says what it is and what to do", ({ labels, annotations }) => {
    expect(["critical", "warning"]).toContain(labels.severity);
    expect(annotations.summary).toMatch(/[.!]$/);
    expect(annotations.description?.length).toBeGreaterThan(40);
  });

  test("no two have one name", () => expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length));

  test("are read by the Prometheus that scrapes both roles with the bearer", async () => {
    const config = Bun.YAML.parse(await Bun.file("docs/deploy/prometheus.yaml").text());
    expect(config).toMatchObject({
      rule_files: ["alerts.yaml"],
      scrape_configs: ["oquv-api", "oquv-worker"].map((job_name) => ({
        job_name,
        metrics_path: "/api/v1/metrics",
        authorization: { type: "Bearer" },
      })),
    });
  });
});

test.each([
  ["a metric", "sum(rate(oquv_nothing_total[5m]))", ["oquv_nothing_total"]],
  ["one among others", "oquv_up / on (part) oquv_down", ["oquv_down"]],
  ["a label", 'oquv_up{place="database"}', ["oquv_up{place}"]],
  ["a value", 'oquv_up{part="databse"}', ["oquv_up{part=databse}"]],
  ["a value among some", 'oquv_job_duration_seconds_count{outcome=~"broke|broken"}', 1],
  ["a label that is kept", "sum by (colour) (oquv_up)", ["colour"]],
  ["a bucket of what has none", "rate(oquv_up_bucket[5m])", ["oquv_up_bucket"]],
])("wrong in an expression and found: %s", (_, expression, wrong) => {
  const found = missing(expression);
  if (typeof wrong === "number") expect(found).toHaveLength(wrong);
  else expect(found).toEqual(wrong);
});

test("wrong in a legend and found", () => expect(missing("oquv_up", "{{colour}}")).toEqual(["colour"]));

describe("what is wrong in Prometheus' text is found", () => {
  const HEAD = "# HELP a b\n# TYPE a gauge\n";
  test.each([
    ["a value that is none", `${HEAD}a Nan\n`],
    ["a line that does not end", `${HEAD}a 1`],
    ["a sample of another family", `${HEAD}b 1\n`],
    ["a label without quotes", `${HEAD}a{x=1} 1\n`],
    ["a label told twice", `${HEAD}a{x="1",x="2"} 1\n`],
    ["a sample told twice", `${HEAD}a{x="1"} 1\na{x="1"} 2\n`],
    ["an unknown type", "# TYPE a meter\na 1\n"],
    ["a family told twice", `${HEAD}a 1\n# TYPE a gauge\n`],
    ["buckets that fall", '# TYPE a histogram\na_bucket{le="1"} 3\na_bucket{le="+Inf"} 2\na_sum 1\na_count 2\n'],
    ["buckets without an end", '# TYPE a histogram\na_bucket{le="1"} 2\na_sum 1\na_count 2\n'],
  ])("%s", (_, text) => expect(() => readPrometheus(text)).toThrow());

  test("and what is right is read", () => {
    const family = readPrometheus(`${HEAD}a{x="1 \\"2\\"",y=""} -1.5e-3\na NaN\n`).get("a");
    expect(family?.samples[0]).toEqual({ name: "a", labels: { x: '1 "2"', y: "" }, value: -0.0015 });
  });
});

describe("a helper that is measured", () => {
  const speech = (work: () => unknown) => {
    const own = promMetrics();
    const { speechToText: _, decoder, ...rest } = memoryPorts();
    const all = { ...rest, decoder, backgroundDecoder: decoder, speechToText: hears("Hello", work) };
    const { speechToText } = measuredHelpers(all, own);
    if (!speechToText) throw new Error("the recogniser was lost");
    return { own, port: speechToText };
  };
  const outcomes = async (own: ReturnType<typeof promMetrics>) =>
    (await own.seen("recognition")).map(({ labels, count }) => ({ ...labels, count }));

  test("does what it did, under its name, and how long the sound was is known", async () => {
    const { own, port } = speech(() => {});
    expect(port.engine).toBe("test");
    expect((await port.transcribe(new Float32Array(32_000))).text).toBe("Hello");
    expect(await outcomes(own)).toEqual([{ engine: "test", outcome: "ok", count: 1 }]);
    expect(await own.seen("recognition_audio")).toMatchObject([{ seconds: 2 }]);
  });

  test.each([
    ["busy", new AppError("busy"), "busy"],
    ["not there", new AppError("recognition_unavailable"), "away"],
    ["broken", new AppError("recognition_failed"), "failed"],
    ["without room", new AppError("storage_full"), "full"],
    ["given what it cannot take", new AppError("audio_too_long"), "refused"],
    ["broken in a way of its own", new TypeError("x"), "failed"],
  ] as const)("fails as it failed, and is told apart: %s", async (_, error, outcome) => {
    const { own, port } = speech(() => Promise.reject(error));
    expect(await port.transcribe(new Float32Array(16)).catch((thrown) => thrown)).toBe(error);
    expect(await outcomes(own)).toEqual([{ engine: "test", outcome, count: 1 }]);
  });

  test("is not blamed for what we cut short", async () => {
    const { own, port } = speech(() => Promise.reject(new AppError("recognition_failed")));
    const transcribing = port.transcribe(new Float32Array(16), { signal: AbortSignal.abort() });
    await transcribing.catch(() => {});
    expect(await outcomes(own)).toEqual([{ engine: "test", outcome: "aborted", count: 1 }]);
  });

  test("every one of them is seen", async () => {
    const seen = new Set(
      (await metrics.seen("vendor_call")).map(({ labels }) => `${labels.vendor} ${labels.operation}`),
    );
    expect([...seen].sort()).toEqual([
      "decoder decode",
      "decoder decode_in_background",
      "files get",
      "files put",
      "grammar check",
      "judge grade",
    ]);
  });
});

test("a fixed bearer is known to the letter, and where none is set none is known", () => {
  const knows = fixedBearer("a bearer of a scraper");
  expect(["a bearer of a scraper", "a bearer of a scrape", "A bearer of a scraper", ""].map(knows)).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(["", "undefined", "anything"].map(fixedBearer(undefined))).toEqual([false, false, false]);
});
