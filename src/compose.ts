import { join } from "node:path";
import { fakeSpeechToText } from "./adapters/ai/fake.ts";
import { whisper } from "./adapters/ai/whisper.ts";
import { recogniser } from "./adapters/ai/whisper_ready.ts";
import { audioDecoder } from "./adapters/audio/mod.ts";
import { childJudge } from "./adapters/grading/judge.ts";
import { harperGrammar } from "./adapters/grammar/harper.ts";
import { memoryJobs } from "./adapters/memory/jobs.ts";
import { memoryRates, memorySignals } from "./adapters/memory/system.ts";
import { migrate } from "./adapters/postgres/migrate.ts";
import { postgresPorts } from "./adapters/postgres/mod.ts";
import { jsonLog } from "./adapters/system/log.ts";
import { hmacSignatures, jwtTokens, systemClock } from "./adapters/system/mod.ts";
import { argonPasswords } from "./adapters/system/passwords.ts";
import { relay } from "./application/outbox.ts";
import type { Ports } from "./application/ports/mod.ts";
import type { AudioDecoder, SpeechToText } from "./application/ports/speech.ts";
import type { Config } from "./config.ts";
import type { Server } from "./http/env.ts";
import { openSchool, type School } from "./school.ts";

/** The outside world, without what belongs to HTTP. */
type World = Ports &
  Pick<Server, "relay"> & {
    /** For the background: uploads waiting for their check and work under way do not stand in each other's queue. */
    readonly backgroundDecoder: AudioDecoder;
    /** What a backup is made of. */
    readonly school: School;
    /** Closes what was opened, last of all the database. */
    close(): Promise<void>;
  };

/** The only place where adapters meet ports. */
export async function compose(config: Config): Promise<World> {
  const log = jsonLog(config.LOG_LEVEL);
  const school = await openSchool(config, (error) =>
    log.warn("a database connection was lost", { message: error.message }),
  );
  const { fileStore, connection } = school;
  const { db, close, checkRoom } = connection;
  await connection.patiently(migrate);
  const secret = await school.ensureSecret();
  const tmpDir = join(config.UPLOAD_DIR, ".tmp");
  const opened = {
    decoder: audioDecoder({ tmpDir }),
    backgroundDecoder: audioDecoder({ tmpDir }),
    speechToText: chooseSpeechToText(config),
    grammar: harperGrammar(),
    judge: childJudge(),
  };
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
  };
  return {
    ...ports,
    school,
    backgroundDecoder: opened.backgroundDecoder,
    relay: relay(ports),
    close: async () => {
      await Promise.all(Object.values(opened).map((part) => part?.stop()));
      await close();
    },
  };
}

/** A new recogniser is one file in `adapters/ai` and one line here. */
function chooseSpeechToText(config: Config): SpeechToText | null {
  if (config.DISABLE_WHISPER) return fakeSpeechToText();
  const found = recogniser(config.WHISPER_MODEL);
  return found.ok ? whisper({ model: found.model }) : null;
}
