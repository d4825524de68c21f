import type { Connection } from "./adapters/postgres/connect.ts";
import type { Provided } from "./application/health.ts";
import type { Source } from "./application/metrics.ts";
import type { SpeechToText } from "./application/ports/speech.ts";
import { bucketOf, type Config } from "./config.ts";

/** What each part is made of, by the settings. */
export function providedBy(config: Config, speechToText: SpeechToText | null): Provided {
  const shared = config.REDIS_URL
    ? ({ state: "ok", note: "redis" } as const)
    : ({ state: "local", note: "in_process" } as const);
  const notYet = { state: "off", note: "not_yet" } as const;
  return {
    database: { state: "ok", note: config.DATABASE_URL ? "postgres" : "embedded" },
    queue: shared,
    cache: shared,
    llm: notYet,
    stt: recognitionBy(config, speechToText),
    tts: notYet,
    storage: { state: "ok", note: bucketOf(config) ? "s3" : "disk" },
  };
}

function recognitionBy({ DISABLE_WHISPER }: Config, speechToText: SpeechToText | null): Provided["stt"] {
  if (!speechToText) return { state: "off", note: "missing" };
  if (DISABLE_WHISPER) return { state: "fake", note: "made_up" };
  return { state: "ok", note: "engine", engine: speechToText.engine };
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
