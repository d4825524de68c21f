import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fakeSpeechToText } from "./adapters/ai/fake.ts";
import { whisper } from "./adapters/ai/whisper.ts";
import { recogniser } from "./adapters/ai/whisper_ready.ts";
import { audioDecoder } from "./adapters/audio/mod.ts";
import { diskFiles } from "./adapters/files/disk.ts";
import { s3Files } from "./adapters/files/s3.ts";
import { childJudge } from "./adapters/grading/judge.ts";
import { harperGrammar } from "./adapters/grammar/harper.ts";
import { memoryJobs } from "./adapters/memory/jobs.ts";
import { memoryRates, memorySignals } from "./adapters/memory/system.ts";
import { connect } from "./adapters/postgres/connect.ts";
import { migrate } from "./adapters/postgres/migrate.ts";
import { postgresPorts } from "./adapters/postgres/mod.ts";
import { queueBoard } from "./adapters/redis/board.ts";
import { connectRedis } from "./adapters/redis/connect.ts";
import { redisJobs } from "./adapters/redis/jobs.ts";
import { redisRates } from "./adapters/redis/rates.ts";
import { redisSignals } from "./adapters/redis/signals.ts";
import { jsonLog } from "./adapters/system/log.ts";
import { hmacSignatures, jwtTokens, storedSecret, systemClock } from "./adapters/system/mod.ts";
import { argonPasswords } from "./adapters/system/passwords.ts";
import { relay } from "./application/outbox.ts";
import type { Ports } from "./application/ports/mod.ts";
import type { AudioDecoder, SpeechToText } from "./application/ports/speech.ts";
import type { Log } from "./application/ports/system.ts";
import { bucketOf, type Config } from "./config.ts";
import { AppError } from "./domain/errors.ts";
import type { Server } from "./http/env.ts";
import { BOARD } from "./http/routes/queues.ts";

/** The outside world, without what belongs to HTTP. */
type World = Ports &
  Pick<Server, "relay" | "queueBoard"> & {
    /** For the background: uploads waiting for their check and work under way do not stand in each other's queue. */
    readonly backgroundDecoder: AudioDecoder;
    /** Closes what was opened, last of all the database. */
    close(): Promise<void>;
  };

/** Where the embedded database lies. */
const embeddedPlace = ({ DATA_DIR }: Config) => join(DATA_DIR, "pg");

/** The only place where adapters meet ports. */
export async function compose(config: Config): Promise<World> {
  const log = jsonLog(config.LOG_LEVEL);
  // Whatever is made from here on is this user's alone: the embedded database would let anybody write.
  process.umask(0o077);
  await named("DATA_DIR", `${config.DATA_DIR} cannot be written`, () => ownFolder(config.DATA_DIR));
  const { fileStore, tmpDir, setting, refusal } = chooseFileStore(config);
  await named(setting, refusal, fileStore.check);
  const { db, close, checkRoom } = await connect(config.DATABASE_URL ?? embeddedPlace(config), (error) =>
    log.warn("a database connection was lost", { message: error.message }),
  );
  if (config.DATABASE_URL)
    await named("DATABASE_URL", "no database answers there", () => answering(postgresPorts(db).checkDatabase));
  const applied = await migrate(db);
  if (applied.length > 0) log.info("migrations applied", { names: applied.join(" ") });
  const secret = config.SECRET_KEY ?? (await storedSecret(config.DATA_DIR));
  const opened = {
    decoder: audioDecoder({ tmpDir }),
    backgroundDecoder: audioDecoder({ tmpDir }),
    speechToText: chooseSpeechToText(config),
    grammar: harperGrammar(),
    judge: childJudge(),
  };
  const shared = await sharedPorts(config, log);
  const ports: Ports = {
    ...postgresPorts(db, checkRoom),
    ...opened,
    fileStore,
    tokens: jwtTokens(secret),
    passwords: argonPasswords(),
    signatures: hmacSignatures(secret),
    ...shared.ports,
    clock: systemClock,
    log,
  };
  return {
    ...ports,
    backgroundDecoder: opened.backgroundDecoder,
    relay: relay(ports),
    queueBoard: shared.queueBoard,
    close: async () => {
      await shared.close();
      await Promise.all(Object.values(opened).map((part) => part?.stop()));
      await close();
    },
  };
}

type Shared = {
  ports: Pick<Ports, "queue" | "signals" | "rates">;
  queueBoard: Server["queueBoard"];
  close(): Promise<void>;
};

/** What processes share, in Redis; without it, what a process has for itself. */
async function sharedPorts({ REDIS_URL }: Config, log: Log): Promise<Shared> {
  const rates = memoryRates(systemClock);
  if (!REDIS_URL) {
    const ports = { queue: memoryJobs(), signals: memorySignals(), rates };
    return { ports, queueBoard: null, close: async () => {} };
  }
  const connecting = connectRedis(REDIS_URL, {
    onLost: ({ message }) => log.warn("Redis is away", { message }),
    onBack: () => log.info("Redis is back"),
  });
  const redis = await connecting.catch((cause: Error) => {
    throw new Error(`REDIS_URL: Redis refuses us (${cause.message})`, { cause });
  });
  const queue = redisJobs(redis, { onTrouble: (error) => log.warn("queue trouble", { message: error.message }) });
  return {
    ports: { queue, signals: redisSignals(redis), rates: redisRates(redis, rates) },
    queueBoard: queueBoard(queue.board, BOARD),
    close: redis.close,
  };
}

const WAIT_MS = 20_000;

/** Waits a while for what may only be starting, as after the machine's own start. */
async function answering(check: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + WAIT_MS; ; await Bun.sleep(500)) {
    const failure = await check().then(
      () => null,
      (error: Error) => error,
    );
    if (!failure) return;
    // Only what is away may come: a wrong name or password will not.
    if (!(failure instanceof AppError) || Date.now() > until) throw failure.cause ?? failure;
  }
}

/** A start that cannot go on says which setting is to blame. */
async function named(setting: keyof Config, what: string, work: () => Promise<void>): Promise<void> {
  await work().catch((cause: Error) => {
    throw new Error(`${setting}: ${what} (${cause.message})`, { cause });
  });
}

async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
}

/** Where uploads lie, and recordings while they are decoded: on the disk of the uploads, or beside what is always there. */
function chooseFileStore(config: Config) {
  const { UPLOAD_DIR, DATA_DIR } = config;
  const bucket = bucketOf(config);
  return bucket
    ? {
        fileStore: s3Files(bucket),
        tmpDir: join(DATA_DIR, "tmp"),
        setting: "S3_ENDPOINT" as const,
        refusal: `the bucket ${bucket.bucket} there cannot be written`,
      }
    : {
        fileStore: diskFiles(UPLOAD_DIR),
        tmpDir: join(UPLOAD_DIR, ".tmp"),
        setting: "UPLOAD_DIR" as const,
        refusal: `${UPLOAD_DIR} cannot be written`,
      };
}

/** A new recogniser is one file in `adapters/ai` and one line here. */
function chooseSpeechToText(config: Config): SpeechToText | null {
  if (config.DISABLE_WHISPER) return fakeSpeechToText(config.FAKE_RECOGNITION_MS);
  const found = recogniser(config.WHISPER_MODEL);
  return found.ok ? whisper({ model: found.model }) : null;
}
