import type { Connection } from "./adapters/postgres/connect.ts";
import type { Provided } from "./application/health.ts";
import type { Source } from "./application/metrics.ts";
import type { Ports } from "./application/ports/mod.ts";
import { bucketOf, type Config } from "./config.ts";
import type { Item } from "./item.ts";
import { pronunciation, recognition, tutor, voices } from "./vendor_items.ts";

type Vendors = Pick<Ports, "speechToText" | "languageModel" | "textToSpeech" | "pronunciation">;

/** What each part is made of, by the settings. */
export function providedBy(config: Config, vendors: Vendors): Provided {
  const { speechToText, languageModel, textToSpeech } = vendors;
  const shared = config.REDIS_URL
    ? ({ state: "ok", note: "redis" } as const)
    : ({ state: "local", note: "in_process" } as const);
  return {
    database: { state: "ok", note: config.DATABASE_URL ? "postgres" : "embedded" },
    queue: shared,
    cache: shared,
    llm: state(tutor(config), languageModel?.engine, "not_configured"),
    stt: state(recognition(config), speechToText?.engine, "missing"),
    tts: state(voices(config), textToSpeech.voices[0]?.engine, "missing"),
    pronunciation: scoredBy(config, vendors),
    storage: { state: "ok", note: bucketOf(config) ? "s3" : "disk" },
  };
}

/** Words are compared where the sounds are listened to by nobody: it is there, by another engine. */
function scoredBy(config: Config, { pronunciation: scorer }: Vendors): Provided["pronunciation"] {
  const item = pronunciation(config);
  return state(item.state === "missing" && scorer ? { ...item, state: "on" } : item, scorer?.engine, "missing");
}

/** As the start screen tells it; what is not there is off. */
function state(item: Item, engine: string | undefined, without: "missing" | "not_configured"): Provided["llm"] {
  if (item.state === "fake") return { state: "fake", note: "made_up" };
  if (item.state !== "on" || engine === undefined) return { state: "off", note: without };
  return { state: "ok", note: "engine", engine };
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
