import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { checkShippedModel } from "./adapters/ai/whisper_ready.ts";
import { accepts, findFfmpeg } from "./adapters/audio/mod.ts";
import { roomIn } from "./adapters/files/room.ts";
import { s3Files } from "./adapters/files/s3.ts";
import { pending } from "./adapters/postgres/migrate.ts";
import { damagedWeights } from "./adapters/pronunciation/weights.ts";
import { bucketOf, type Config } from "./config.ts";
import type { Item } from "./item.ts";
import { openDatabase } from "./school.ts";
import { modelQuestion, pronunciation, recognition, tutor, voices } from "./vendor_items.ts";

/** What is on, off or missing: cheap enough for each start. */
export async function stateOf(config: Config): Promise<Item[]> {
  return [
    ...role(config),
    database(config),
    processes(config),
    files(config),
    recognition(config),
    pronunciation(config),
    formats(),
    grammar,
    tutor(config),
    voices(config),
    registration(config),
  ];
}

const database = ({ DATABASE_URL, DATA_DIR }: Config): Item =>
  DATABASE_URL
    ? { name: "Database", state: "on", note: "Postgres server (DATABASE_URL)" }
    : { name: "Database", state: "on", note: "embedded (DATABASE_URL takes a Postgres server)", place: DATA_DIR };

/** Said only where a process does half of the work. */
const role = ({ ROLE }: Config): Item[] => {
  if (ROLE === "all") return [];
  const note =
    ROLE === "api" ? "api: answers calls, leaves the background to workers" : "worker: background work alone";
  return [{ name: "Role", state: "on", note: `${note} (ROLE)` }];
};

const processes = ({ REDIS_URL, DATABASE_URL }: Config): Item => {
  const name = "Processes";
  if (REDIS_URL && DATABASE_URL) return { name, state: "on", note: "any number, over Redis (REDIS_URL)" };
  return { name, state: "off", note: `this one alone (${DATABASE_URL ? "" : "DATABASE_URL and "}REDIS_URL for more)` };
};

function files(config: Config): Item {
  const { UPLOAD_DIR, MAX_UPLOAD_MB } = config;
  const name = "Uploads";
  return bucketOf(config)
    ? { name, state: "on", note: `S3 bucket, ${MAX_UPLOAD_MB} MB each (S3_BUCKET, MAX_UPLOAD_MB)` }
    : { name, state: "on", note: `${MAX_UPLOAD_MB} MB each (UPLOAD_DIR, MAX_UPLOAD_MB)`, place: UPLOAD_DIR };
}

function formats(): Item {
  const ffmpeg = findFfmpeg();
  if (ffmpeg) return { name: "Audio", state: "on", note: "WAV, MP3, OGG, WebM, M4A, FLAC, by ffmpeg" };
  const rest = "WAV, MP3, OGG, WebM, FLAC, by built-in decoders";
  return accepts(null).m4a
    ? { name: "Audio", state: "on", note: `${rest}; M4A by the optional one` }
    : { name: "Audio", state: "on", note: `${rest}; for M4A: apt-get install -y ffmpeg` };
}

const grammar: Item = { name: "Grammar", state: "on", note: "Harper, English, offline" };

const registration = ({ USERS_OPEN_REGISTRATION: open }: Config): Item => ({
  name: "Sign-up",
  state: open ? "on" : "off",
  note: open ? "open to all (USERS_OPEN_REGISTRATION=0 closes it)" : "closed (USERS_OPEN_REGISTRATION=1 opens it)",
});

export type Finding = { readonly name: string; readonly ok: boolean; readonly note: string };

const LEAST_ROOM = 1024 * 1024 * 1024;

/** The slower look of `bun run admin doctor`: what is wrong, each with what mends it. */
export async function examine(config: Config): Promise<Finding[]> {
  const state = await stateOf(config);
  const findings: Finding[] = state.map(({ name, state, note }) => ({ name, ok: state !== "missing", note }));
  const bucket = bucketOf(config);
  if (config.DATABASE_URL !== undefined) findings.push(await examineDatabase(config));
  else findings.push(await examineFolder(config.DATA_DIR));
  if (config.REDIS_URL !== undefined) findings.push(await examineRedis(config.REDIS_URL));
  findings.push(await (bucket ? examineBucket(bucket) : examineFolder(config.UPLOAD_DIR)));
  const model = await checkShippedModel();
  findings.push({
    name: "Shipped model",
    ok: model?.ok ?? false,
    note: model?.ok
      ? "checksum verified"
      : "models/ggml-base-q5_1.bin is damaged: git checkout -- models/ggml-base-q5_1.bin",
  });
  const [damaged] = await damagedWeights();
  findings.push({
    name: "Scorer's model",
    ok: damaged === undefined,
    note: damaged
      ? `models/pronunciation/${damaged} is damaged: git checkout -- models/pronunciation`
      : "checksums verified",
  });
  findings.push(...(await examineTutor(config)), await examinePort(config));
  return findings;
}

/** Only a server's: the embedded one is brought to its version at each start. */
async function examineDatabase(config: Config): Promise<Finding> {
  const name = "Migrations";
  try {
    const { db, close } = await openDatabase(config);
    const names = await pending(db).finally(close);
    const due = `pending: ${names.join(", ")} (the next start applies them, or bun run admin migrate)`;
    return { name, ok: true, note: names.length > 0 ? due : "the database answers; nothing pending" };
  } catch (error) {
    return { name, ok: false, note: error instanceof Error ? error.message : String(error) };
  }
}

async function examineRedis(url: string): Promise<Finding> {
  const name = "Redis";
  let lost = "";
  try {
    const { connectRedis } = await import("./adapters/redis/connect.ts");
    const redis = await connectRedis(url, {
      onLost: ({ message }) => {
        lost ||= message;
      },
      onBack: () => {},
    });
    const keepsAll = await redis
      .check()
      .then(redis.keepsAll)
      .finally(() => redis.close());
    return keepsAll
      ? { name, ok: true, note: "it answers, and throws nothing out" }
      : { name, ok: false, note: "throws jobs out when it is full: redis-cli config set maxmemory-policy noeviction" };
  } catch (error) {
    const why = lost || (error instanceof Error ? error.message : String(error));
    return { name, ok: false, note: `${why}: look at REDIS_URL, and at the Redis server` };
  }
}

/** Asks the vendor whether it knows the key and the model: free, and only where one is chosen that can be asked. */
async function examineTutor(config: Config): Promise<Finding[]> {
  const asked = modelQuestion(config);
  if (!asked) return [];
  const name = "Tutor's vendor";
  const { url, headers, knows, mend } = asked;
  try {
    const answer = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(4000) });
    const isKnown = answer.ok && knows(await answer.json());
    if (isKnown) return [{ name, ok: true, note: "it answers, and has the model" }];
    return [
      { name, ok: false, note: answer.ok ? `it has no such model: ${mend}` : `it answers ${answer.status}: ${mend}` },
    ];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ name, ok: false, note: `${new URL(url).host} does not answer (${why}): ${mend}` }];
  }
}

async function examineFolder(folder: string): Promise<Finding> {
  const name = `Folder ${folder}`;
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const room = await roomIn(folder);
    const gigabytes = (room / 1024 ** 3).toFixed(1);
    return { name, ok: room > LEAST_ROOM, note: `${gigabytes} GB free${room > LEAST_ROOM ? "" : ": make room"}` };
  } catch {
    return { name, ok: false, note: `cannot be written: chown or chmod it, or set another folder` };
  }
}

async function examineBucket(bucket: NonNullable<ReturnType<typeof bucketOf>>): Promise<Finding> {
  return s3Files(bucket)
    .check()
    .then(
      () => ({ ok: true, note: "a file can be written and removed" }),
      (error: Error) => ({ ok: false, note: `${error.message}: look at S3_ENDPOINT, S3_BUCKET and the keys` }),
    )
    .then((found) => ({ name: `Bucket ${bucket.bucket}`, ...found }));
}

async function examinePort({ HOST, PORT }: Config): Promise<Finding> {
  const name = `Port ${PORT}`;
  const ours = await fetch(`http://127.0.0.1:${PORT}/version`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
  if (ours?.ok) return { name, ok: true, note: "the server is running" };
  try {
    await Bun.serve({ hostname: HOST, port: PORT, fetch: () => new Response() }).stop(true);
    return { name, ok: true, note: "free" };
  } catch {
    return { name, ok: false, note: "another program listens on it: set PORT" };
  }
}
