import type { Connection } from "./adapters/postgres/connect.ts";
import type { Provided } from "./application/health.ts";
import type { Source } from "./application/metrics.ts";
import type { Ports } from "./application/ports/mod.ts";
import { bucketOf, type Config } from "./config.ts";

type Vendors = Pick<Ports, "speechToText" | "languageModel" | "textToSpeech">;

/** What each part is made of, by the settings. */
export function providedBy(config: Config, { speechToText, languageModel, textToSpeech }: Vendors): Provided {
  const shared = config.REDIS_URL
    ? ({ state: "ok", note: "redis" } as const)
    : ({ state: "local", note: "in_process" } as const);
  return {
    database: { state: "ok", note: config.DATABASE_URL ? "postgres" : "embedded" },
    queue: shared,
    cache: shared,
    llm: vendor(languageModel, "not_configured"),
    stt: vendor(speechToText, "missing"),
    tts: vendor(textToSpeech.voices[0] ?? null, "missing"),
    storage: { state: "ok", note: bucketOf(config) ? "s3" : "disk" },
  };
}

function vendor(port: { engine: string } | null, without: "missing" | "not_configured"): Provided["llm"] {
  if (!port) return { state: "off", note: without };
  if (port.engine === "fake") return { state: "fake", note: "made_up" };
  return { state: "ok", note: "engine", engine: port.engine };
}

/** The figures of the database's pool; none where there is no pool. */
export function poolSource(poolState: Connection["poolState"]): Source {
  return () =>
    Object.entries(poolState?.() ?? {}).map(([state, value]) => ({
      gauge: "database_connections",
      labels: { state },
      value,
    }));
}
