import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fakeSpeechToText } from "./adapters/ai/fake.ts";
import { whisper } from "./adapters/ai/whisper.ts";
import { recogniser } from "./adapters/ai/whisper_ready.ts";
import { audioDecoder } from "./adapters/audio/mod.ts";
import { diskFiles } from "./adapters/files/disk.ts";
import { childJudge } from "./adapters/grading/judge.ts";
import { harperGrammar } from "./adapters/grammar/harper.ts";
import { memoryJobs } from "./adapters/memory/jobs.ts";
import { memoryRates, memorySignals } from "./adapters/memory/system.ts";
import { connect } from "./adapters/postgres/connect.ts";
import { migrate } from "./adapters/postgres/migrate.ts";
import { postgresPorts } from "./adapters/postgres/mod.ts";
import { jsonLog } from "./adapters/system/log.ts";
import { measuredFiles, measuredHelpers } from "./adapters/system/measured.ts";
import { promMetrics } from "./adapters/system/metrics.ts";
import { fixedBearer, hmacSignatures, jwtTokens, storedSecret, systemClock } from "./adapters/system/mod.ts";
import { argonPasswords } from "./adapters/system/passwords.ts";
import { checksOf } from "./application/health.ts";
import { relay } from "./application/outbox.ts";
import type { Ports } from "./application/ports/mod.ts";
import type { AudioDecoder, SpeechToText } from "./application/ports/speech.ts";
import type { Config } from "./config.ts";
import type { Server } from "./http/env.ts";
import { poolSource, providedBy } from "./provided.ts";

/** The outside world, without what belongs to HTTP. */
type World = Ports &
  Pick<Server, "relay" | "checks" | "provided" | "sources" | "knowsScraper"> & {
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
  const metrics = promMetrics();
  const fileStore = measuredFiles(diskFiles(config.UPLOAD_DIR), metrics);
  await named("UPLOAD_DIR", `${config.UPLOAD_DIR} cannot be written`, fileStore.check);
  const { db, close, checkRoom, poolState } = await connect(config.DATABASE_URL ?? embeddedPlace(config), (error) =>
    log.warn("a database connection was lost", { message: error.message }),
  );
  if (config.DATABASE_URL) await named("DATABASE_URL", "no database answers there", postgresPorts(db).checkDatabase);
  await migrate(db);
  const secret = config.SECRET_KEY ?? (await storedSecret(config.DATA_DIR));
  const tmpDir = join(config.UPLOAD_DIR, ".tmp");
  const helpers = {
    decoder: audioDecoder({ tmpDir }),
    backgroundDecoder: audioDecoder({ tmpDir }),
    speechToText: chooseSpeechToText(config),
    grammar: harperGrammar(),
    judge: childJudge(),
  };
  const opened = measuredHelpers(helpers, metrics);
  const ports: Ports = {
    ...postgresPorts(db, checkRoom),
    ...opened,
    fileStore,
    queue: memoryJobs(),
    signals: memorySignals(),
    tokens: jwtTokens(secret),
    passwords: argonPasswords(),
    signatures: hmacSignatures(secret),
    rates: memoryRates(systemClock),
    clock: systemClock,
    log,
    metrics,
  };
  return {
    ...ports,
    checks: checksOf(ports),
    provided: providedBy(config, opened.speechToText),
    sources: [poolSource(poolState)],
    knowsScraper: fixedBearer(config.METRICS_TOKEN),
    backgroundDecoder: opened.backgroundDecoder,
    relay: relay(ports),
    close: async () => {
      await Promise.all(Object.values(opened).map((part) => part?.stop()));
      await close();
    },
  };
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

/** A new recogniser is one file in `adapters/ai` and one line here. */
function chooseSpeechToText(config: Config): SpeechToText | null {
  if (config.DISABLE_WHISPER) return fakeSpeechToText();
  const found = recogniser(config.WHISPER_MODEL);
  return found.ok ? whisper({ model: found.model }) : null;
}
