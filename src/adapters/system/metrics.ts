import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Family, Metrics, Reading, Timed } from "../../application/ports/metrics.ts";
import { GAUGES, TIMED } from "./families.ts";

// What Bun does not fill, or fills with what it is not.
const EMPTY = [
  "process_heap_bytes",
  "nodejs_active_resources",
  "nodejs_active_resources_total",
  "nodejs_active_handles",
  "nodejs_active_handles_total",
  "nodejs_active_requests",
  "nodejs_active_requests_total",
  "nodejs_heap_space_size_total_bytes",
  "nodejs_heap_space_size_used_bytes",
  "nodejs_heap_space_size_available_bytes",
  "nodejs_gc_duration_seconds",
];

/** Figures by prom-client, in a registry of their own, with those of the process: processor, memory, lag of the event loop. */
export function promMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of EMPTY) registry.removeSingleMetric(name);
  const histograms = new Map<keyof Timed, Histogram>();
  for (const [what, { labels, buckets, ...named }] of entries(TIMED))
    histograms.set(
      what,
      new Histogram({ ...named, labelNames: [...labels], buckets: [...buckets], registers: [registry] }),
    );
  const all = (gauges: readonly Reading[], alone = false) =>
    Registry.merge([...(alone ? [] : [registry]), snapshot(gauges)]);

  return {
    observe: (what, labels, seconds) => {
      if (Number.isFinite(seconds)) histograms.get(what)?.observe(labels, seconds);
    },
    seen: async (what) => {
      const { values = [] } = (await histograms.get(what)?.get()) ?? {};
      const sums = values.filter(({ metricName }) => metricName?.endsWith("_sum"));
      const counts = values.filter(({ metricName }) => metricName?.endsWith("_count"));
      // Safe because `observe` takes no other labels, and a histogram writes a sum before each count.
      return counts.map(({ labels, value }, i) => ({
        labels: labels as Timed[typeof what],
        count: value,
        seconds: sums[i]?.value ?? 0,
      }));
    },
    // prom-client spells it Nan, which the format does not know.
    text: async (gauges, { alone } = {}) => (await all(gauges, alone).metrics()).replaceAll(/ Nan$/gm, " NaN"),
    families: async (gauges, { alone } = {}) => (await all(gauges, alone).getMetricsAsJSON()).map(familyOf),
  };
}

/** Made anew each time, so that what was left out does not stand there as it was before. */
function snapshot(readings: readonly Reading[]): Registry {
  const registry = new Registry();
  for (const [gauge, of] of Map.groupBy(readings, ({ gauge }) => gauge)) {
    const { name, help, labels } = GAUGES[gauge];
    const shown = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
    for (const { labels, value } of of) shown.set({ ...labels }, value);
  }
  return registry;
}

type Told = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>[number];

function familyOf({ name, help, type, values }: Told): Family {
  const told: Sample[] = values ?? [];
  const samples = told
    .filter(({ value }) => Number.isFinite(value))
    .map(({ metricName = name, labels, value }) => ({
      name: metricName,
      labels: Object.fromEntries(Object.entries(labels).map(([label, word]) => [label, String(word)])),
      value,
    }));
  return { name, help, kind: String(type), samples };
}

/** Those of a histogram have names of their own. */
type Sample = { metricName?: string; labels: object; value: number };

// Safe because the table's type lists its keys.
const entries = <T extends object>(table: T) => Object.entries(table) as [keyof T, T[keyof T]][];
