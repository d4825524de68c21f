import type { Ports } from "./ports/mod.ts";

/** Each throws when its part does not answer. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>;

/** What every server leans on. */
export const checksOf = ({ checkDatabase, fileStore, queue }: Pick<Ports, "checkDatabase" | "fileStore" | "queue">) =>
  ({ database: checkDatabase, storage: fileStore.check, queue: queue.depth }) satisfies Checks;

/** Whoever asks how things are is not kept waiting by what is not there. */
const PROBE_MS = 2000;
/** Looking writes to the disk, and many may ask. */
const REMEMBERED_MS = 1000;

/** Fails where there is no answer in time. */
export function inTime<T>(work: () => Promise<T>): Promise<T> {
  const late = Bun.sleep(PROBE_MS).then(() => Promise.reject(new Error("no answer")));
  return Promise.race([work(), late]);
}

/** The same look for all who ask of the same thing within a second. */
export function remembered<K extends object, T>(look: (at: K) => Promise<T>): (at: K) => Promise<T> {
  const looked = new WeakMap<K, { since: number; found: Promise<T> }>();
  return (at) => {
    const now = performance.now();
    const last = looked.get(at);
    if (last && now - last.since <= REMEMBERED_MS) return last.found;
    const found = look(at);
    looked.set(at, { since: now, found });
    return found;
  };
}

/** How each part is, looked at side by side. */
export const probe = remembered(look);

async function look(checks: Checks): Promise<Readonly<Record<string, "ok" | "down">>> {
  const states = Object.entries(checks).map(async ([name, check]) => {
    const state = await inTime(async () => check()).then(
      () => "ok" as const,
      () => "down" as const,
    );
    return [name, state] as const;
  });
  return Object.fromEntries(await Promise.all(states));
}

/** Whether calls may be sent here; what is down is named. */
export async function readiness(checks: Checks) {
  const found = await probe(checks);
  const down = Object.keys(found).filter((name) => found[name] === "down");
  return { status: down.length === 0 ? ("ready" as const) : ("not_ready" as const), checks: found, down };
}

/** `cache` is where rate limits and wake-ups are kept. A check of the same name tells whether the part answers. */
export const PARTS = ["database", "queue", "cache", "llm", "stt", "tts", "pronunciation", "storage"] as const;
type Part = (typeof PARTS)[number];

/** `local` works, for this process alone; `fake` stands in; `off` is not there and is not meant to be. */
export const STATES = ["ok", "down", "off", "fake", "local"] as const;

/** What is said of a part beside its state. */
export type Note =
  | "embedded"
  | "postgres"
  | "in_process"
  | "redis"
  | "disk"
  | "s3"
  | "engine"
  | "made_up"
  | "missing"
  | "not_configured"
  | "down";

/** What a part is made of here, and how it stands while it answers. */
type Provision = {
  readonly state: Exclude<(typeof STATES)[number], "down">;
  readonly note: Note;
  /** Shown where the note asks for it. */
  readonly engine?: string;
};
export type Provided = Readonly<Record<Part, Provision>>;

/** How every part stands now. */
export async function statusOf(provided: Provided, checks: Checks) {
  const found = await probe(checks);
  return PARTS.map((part) => {
    const isDown = found[part] === "down";
    const { state, note, engine = "" } = provided[part];
    return { part, engine, state: isDown ? ("down" as const) : state, note: isDown ? ("down" as const) : note };
  });
}
