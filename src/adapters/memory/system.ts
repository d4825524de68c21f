import { TTLCache } from "@isaacs/ttlcache";
import type { Family, Metrics, Reading, Seen, Timed } from "../../application/ports/metrics.ts";
import type {
  Clock,
  Log,
  LogFields,
  Passwords,
  RateCounts,
  Signals,
  Signatures,
  Tokens,
} from "../../application/ports/system.ts";
import { GAUGES, TIMED } from "../system/families.ts";

/** Stands still until the test moves it. */
export function memoryClock(start = "2026-01-01T00:00:00Z"): Clock & { pass(ms: number): void } {
  let now = new Date(start);
  return {
    now: () => now,
    pass: (ms) => {
      now = new Date(now.getTime() + ms);
    },
  };
}

/** Legible tokens: `7.3` is user 7 in session 3. */
export const memoryTokens: Tokens = {
  lifetime: 1800,
  sign: async ({ user_id, session_id }) => `${user_id}.${session_id}`,
  verify: async (token) => {
    const [, user_id, session_id] = /^(\d+)\.(\d+)$/.exec(token) ?? [];
    return user_id && session_id ? { user_id: Number(user_id), session_id: Number(session_id) } : null;
  },
};

/** Legible hashes: fast, for tests. */
export const memoryPasswords: Passwords = {
  hash: async (password) => `plain ${password}`,
  verify: async (password, hash) => hash === `plain ${password}`,
};

export const memorySignatures: Signatures = {
  sign: (text) => `signed-${Bun.hash(text)}`,
  verify: (text, signature) => signature === `signed-${Bun.hash(text)}`,
};

/** Counts in this process; a key is forgotten when its window ends, so they never pile up. */
export function memoryRates(clock: Clock): RateCounts {
  type Count = { window: number; hits: number };
  const counts = new TTLCache<string, Count>({ max: 200_000 });
  const current = (key: string, windowMs: number): Count => {
    const window = Math.floor(clock.now().getTime() / windowMs);
    const before = counts.get(key);
    return before?.window === window ? before : { window, hits: 0 };
  };
  const told = ({ window, hits }: Count, windowMs: number) => ({
    totalHits: hits,
    resetTime: new Date((window + 1) * windowMs),
  });
  return {
    hit: async (key, windowMs) => {
      const count = current(key, windowMs);
      count.hits += 1;
      counts.set(key, count, { ttl: windowMs });
      return told(count, windowMs);
    },
    seen: async (key, windowMs) => told(current(key, windowMs), windowMs),
    forget: async (key) => void counts.delete(key),
  };
}

/** Wakes whoever waits in this process. */
export function memorySignals(): Signals {
  const listeners = new Map<string, Set<() => void>>();
  return {
    wake: (topic) => {
      for (const listener of listeners.get(topic) ?? []) listener();
    },
    on: (topic, listener) => {
      const waiting = listeners.get(topic) ?? new Set();
      listeners.set(topic, waiting.add(listener));
      return () => {
        waiting.delete(listener);
        if (waiting.size === 0) listeners.delete(topic);
      };
    },
  };
}

/** Keeps the lines, so that a test can look for what must not be in them. */
export function memoryLog(): Log & { lines: { level: string; event: string; fields: LogFields }[] } {
  const lines: { level: string; event: string; fields: LogFields }[] = [];
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields });
  return { lines, info: write("info"), warn: write("warn"), error: write("error") };
}

/** Counts and sums alone, without the process's own figures. */
export function memoryMetrics(): Metrics {
  type Tally = { readonly labels: Timed[keyof Timed]; count: number; seconds: number };
  const tallies = new Map<keyof Timed, Map<string, Tally>>();
  const of = (what: keyof Timed) => [...(tallies.get(what)?.values() ?? [])];
  const families = (gauges: readonly Reading[], alone = false): Family[] => [
    ...(alone ? [] : [...tallies.keys()].map(timedFamily)),
    ...[...Map.groupBy(gauges, ({ gauge }) => gauge)].map(([gauge, readings]) => {
      const { name, help } = GAUGES[gauge];
      return {
        name,
        help,
        kind: "gauge",
        samples: readings.map(({ labels, value }) => ({ name, labels: { ...labels }, value })),
      };
    }),
  ];
  const timedFamily = (what: keyof Timed): Family => {
    const { name, help } = TIMED[what];
    const samples = of(what).flatMap(({ labels, count, seconds }) => [
      { name: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
      { name: `${name}_sum`, labels, value: seconds },
      { name: `${name}_count`, labels, value: count },
    ]);
    return { name, help, kind: "histogram", samples };
  };
  return {
    observe: (what, labels, seconds) => {
      if (!Number.isFinite(seconds)) return;
      const known = tallies.get(what) ?? new Map<string, Tally>();
      const key = JSON.stringify(labels);
      const { count, seconds: sum } = known.get(key) ?? { count: 0, seconds: 0 };
      tallies.set(what, known.set(key, { labels, count: count + 1, seconds: sum + seconds }));
    },
    // Safe because `observe` files each under what it is.
    seen: async <T extends keyof Timed>(what: T) => of(what) as unknown as Seen<T>[],
    families: async (gauges, { alone } = {}) => families(gauges, alone),
    text: async (gauges, { alone } = {}) => families(gauges, alone).map(familyText).join("\n"),
  };
}

function familyText({ name, help, kind, samples }: Family): string {
  const lines = samples.map(({ name, labels, value }) => {
    const words = Object.entries(labels).map(([label, word]) => `${label}=${JSON.stringify(word)}`);
    return `${name}${words.length > 0 ? `{${words.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines, ""].join("\n");
}
