import { audioDecoder } from "./adapters/audio/mod.ts";
import { childJudge } from "./adapters/grading/judge.ts";
import { harperGrammar } from "./adapters/grammar/harper.ts";
import { memoryJobs } from "./adapters/memory/jobs.ts";
import { memoryRates, memorySignals } from "./adapters/memory/system.ts";
import { migrate } from "./adapters/postgres/migrate.ts";
import { postgresPorts } from "./adapters/postgres/mod.ts";
import { ensureSecretOf } from "./adapters/postgres/secret.ts";
import { jsonLog } from "./adapters/system/log.ts";
import { measuredFiles, measuredHelpers } from "./adapters/system/measured.ts";
import { promMetrics } from "./adapters/system/metrics.ts";
import { fixedBearer, hmacSignatures, jwtTokens, systemClock } from "./adapters/system/mod.ts";
import { argonPasswords } from "./adapters/system/passwords.ts";
import { listedWordLevels } from "./adapters/words/levels.ts";
import { type Checks, checksOf } from "./application/health.ts";
import { relay } from "./application/outbox.ts";
import type { Ports } from "./application/ports/mod.ts";
import type { AudioDecoder } from "./application/ports/speech.ts";
import type { Log } from "./application/ports/system.ts";
import type { Config } from "./config.ts";
import { rootOf } from "./domain/errors.ts";
import type { Server } from "./http/env.ts";
import { BOARD } from "./http/routes/queues.ts";
import { poolSource, providedBy } from "./provided.ts";
import { openSchool, type School } from "./school.ts";
import { chooseLanguageModel, choosePronunciation, chooseSpeechToText, chooseTextToSpeech } from "./vendors.ts";

/** The outside world, without what belongs to HTTP. */
type World = Ports &
  Pick<Server, "relay" | "queueBoard" | "checks" | "provided" | "sources" | "knowsScraper"> & {
    /** For the background: uploads waiting for their check and work under way do not stand in each other's queue. */
    readonly backgroundDecoder: AudioDecoder;
    /** What a backup is made of. */
    readonly school: School;
    /** Closes what was opened, last of all the database. */
    close(): Promise<void>;
  };

/** Where adapters meet ports; rows, files and the secret, which backups need without a server, meet in `openSchool`. */
export async function compose(config: Config): Promise<World> {
  const log = jsonLog(config.LOG_LEVEL);
  const school = await openSchool(config, (error) =>
    log.warn("a database connection was lost", { message: error.message }),
  );
  const metrics = promMetrics();
  const { tmpDir, connection } = school;
  const { db, close, checkRoom, poolState } = connection;
  const fileStore = measuredFiles(school.fileStore, metrics);
  const applied = await connection.patiently(migrate).catch((cause: Error) => {
    // The database's own words do not say which setting they are about.
    throw "code" in cause
      ? new Error(`DATABASE_URL: migrations cannot be applied: ${cause.message}`, { cause })
      : cause;
  });
  if (applied.length > 0) log.info("migrations applied", { names: applied.join(" ") });
  const secret = await school.ensureSecret();
  const speechToText = chooseSpeechToText(config);
  const helpers = {
    decoder: audioDecoder({ tmpDir }),
    backgroundDecoder: audioDecoder({ tmpDir }),
    speechToText,
    languageModel: chooseLanguageModel(config),
    textToSpeech: chooseTextToSpeech(config),
    pronunciation: choosePronunciation(config, speechToText, (engine, error) =>
      log.warn("pronunciation is judged by words alone", { engine, message: rootOf(error) }),
    ),
    grammar: harperGrammar(),
    judge: childJudge(),
  };
  const opened = measuredHelpers(helpers, metrics);
  const shared = await sharedPorts(config, log, () => ensureSecretOf(db, "school", async () => crypto.randomUUID()));
  const ports: Ports = {
    ...postgresPorts(db, checkRoom),
    ...opened,
    // What is made up may answer, not judge.
    grader: opened.languageModel?.engine === "fake" ? null : opened.languageModel,
    fileStore,
    wordLevels: listedWordLevels(),
    tokens: jwtTokens(secret),
    passwords: argonPasswords(),
    signatures: hmacSignatures(secret),
    ...shared.ports,
    clock: systemClock,
    log,
    metrics,
  };
  return {
    ...ports,
    school,
    checks: { ...checksOf(ports), ...shared.checks },
    provided: providedBy(config, opened),
    sources: [poolSource(poolState)],
    knowsScraper: fixedBearer(config.METRICS_TOKEN),
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
  /** What it takes to be ready, beside what every server has. */
  checks: Checks;
  close(): Promise<void>;
};

/** What processes share, in Redis; without it, what a process has for itself. */
async function sharedPorts({ REDIS_URL }: Config, log: Log, schoolName: () => Promise<string>): Promise<Shared> {
  const rates = memoryRates(systemClock);
  if (!REDIS_URL) {
    const ports = { queue: memoryJobs(), signals: memorySignals(), rates };
    return { ports, queueBoard: null, checks: {}, close: async () => {} };
  }
  // Loaded where it is wanted alone: it is a quarter of a second of each start.
  const { overRedis } = await import("./adapters/redis/mod.ts");
  const here = { log, rates, school: await schoolName(), board: BOARD };
  const redis = await overRedis(REDIS_URL, here).catch((cause: Error) => {
    throw new Error(`REDIS_URL: Redis refuses us (${cause.message})`, { cause });
  });
  return { ...redis, checks: { cache: redis.check } };
}
