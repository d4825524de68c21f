import { existsSync } from "node:fs";
import { version } from "../package.json";
import { listenForAdmin, newPassword } from "./admin.ts";
import { sweepSessions } from "./application/auth.ts";
import { ensureAvatars } from "./application/avatars.ts";
import { sweepFiles } from "./application/files.ts";
import { sweepAnswers } from "./application/idempotency.ts";
import { jobHandler, reopenJobs, sweepJobs } from "./application/outbox.ts";
import { ensurePhrases } from "./application/phrases.ts";
import { sweepQuotas } from "./application/quotas.ts";
import { sweepSpeech } from "./application/speaking.ts";
import { ensureSuperuser } from "./application/users.ts";
import { compose } from "./compose.ts";
import { type Config, readConfig } from "./config.ts";
import { stateOf } from "./doctor.ts";
import { rootOf } from "./domain/errors.ts";
import { mayWait } from "./domain/jobs.ts";
import { createApp, createWorkerApp, FEATURES } from "./http/app.ts";
import type { Feature } from "./http/env.ts";
import { startingApp } from "./http/starting.ts";
import { movedMark } from "./school.ts";
import { startScreen } from "./start_screen.ts";
import { sameUploads } from "./uploads.ts";

const SWEEP_MS = 10_000;
/** Of the files that no row names. */
const TIDY_MS = 24 * 60 * 60_000;
/** After SIGTERM: how long answers under way may take, and background work, before it is cut short and handed back. */
const GRACE_MS = 7000;
const WORK_MS = 4000;

/** Starts this process in its role; `features` are what it answers where it answers at all. */
export async function serve(features: readonly Feature[] = FEATURES): Promise<void> {
  // Until there is something to finish, an end is an end: the first process of a container has none by itself.
  let stop = async (_: string): Promise<void> => process.exit(0);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  const config = readConfig(process.env);
  const listening = listen(config);
  if (config.DATABASE_URL === undefined && existsSync(movedMark(config)))
    throw new Error(
      `DATA_DIR: the school in ${config.DATA_DIR} was moved to a Postgres server: set DATABASE_URL, or remove ${movedMark(config)} to go on with it as it was`,
    );
  const world = await compose(config);
  if (config.REDIS_URL)
    await sameUploads(
      world.school,
      config.S3_BUCKET ? `S3_BUCKET ${config.S3_BUCKET}` : `UPLOAD_DIR ${config.UPLOAD_DIR}`,
    );
  const firstPassword = await firstSuperuser(config, world);
  const state = await stateOf(config);
  const stopping = new AbortController();
  const server = { ...world, site: siteOf(config, state), stopping: stopping.signal };

  await ensureAvatars(world)();
  await ensurePhrases(world)();
  await sweepAnswers(world)({ alone: config.DATABASE_URL === undefined });
  if (config.REDIS_URL === undefined) await reopenJobs(world)();
  if (config.ROLE !== "api") {
    world.queue.work(jobHandler({ ...world, decoder: world.backgroundDecoder }));
    // Not waited for: a school has many files.
    const tidy = () =>
      Promise.all([sweepFiles(world)(), sweepSpeech(world)()])
        .then(([removed]) => removed > 0 && world.log.info("files without a row removed", { removed }))
        .catch((error) => world.log.error("sweep of files failed", {}, error));
    void tidy();
    setInterval(tidy, TIDY_MS).unref();
  }
  world.relay();
  const sweeping = setInterval(() => {
    const sweeps = [sweepJobs(world)(), sweepAnswers(world)(), sweepSessions(world)(), sweepQuotas(world)()];
    Promise.all(sweeps).catch((error) => {
      // What is away is told by the calls that meet it; the next sweep makes up for this one.
      if (mayWait(error)) world.log.warn("sweep waits for what is away", { message: rootOf(error) });
      else world.log.error("sweep failed", {}, error);
    });
    world.relay();
  }, SWEEP_MS);

  const app = config.ROLE === "worker" ? createWorkerApp(server) : createApp(server, features);
  listening.reload({ fetch: app.fetch });
  const stopAdmin = config.DATABASE_URL === undefined ? await listenForAdmin(config, world) : async () => {};
  console.log(startScreen({ config, state, firstPassword, port: listening.port ?? config.PORT }));

  stop = async (signal: string) => {
    if (stopping.signal.aborted) return;
    world.log.info("stopping", { signal });
    setTimeout(() => process.exit(1), GRACE_MS + 2500).unref();
    clearInterval(sweeping);
    // Event streams never end by themselves.
    stopping.abort();
    // Answers and background work side by side; what is not through by then is cut, and handed back.
    const through = Promise.all([listening.stop(), world.queue.stop(WORK_MS)]);
    await Promise.race([through, Bun.sleep(GRACE_MS)]);
    await listening.stop(true);
    await stopAdmin();
    await world.close();
    process.exit(0);
  };
}

/** Listens before the database is open, so that a start is seen to be alive at once and a taken port costs nothing. */
function listen({ HOST, PORT }: Config) {
  try {
    return Bun.serve({
      hostname: HOST,
      port: PORT,
      fetch: startingApp().fetch,
      // Ours refuse earlier and in words.
      maxRequestBodySize: 1024 * 1024 * 1024,
      idleTimeout: 30,
    });
  } catch (cause) {
    throw new Error(`port ${PORT} cannot be listened on; is another server running? Set PORT to use another`, {
      cause,
    });
  }
}

function siteOf(config: Config, state: Awaited<ReturnType<typeof stateOf>>) {
  return {
    version,
    publicUrl: config.PUBLIC_URL ?? "",
    uploadsPublic: config.UPLOADS_PUBLIC,
    maxUploadMb: config.MAX_UPLOAD_MB,
    openRegistration: config.USERS_OPEN_REGISTRATION,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: config.TRUST_PROXY,
    rateMultiplier: config.RATE_LIMIT_MULTIPLIER,
    state: state.map(({ place: _, ...shown }) => shown),
  };
}

/** Makes the first superuser; gives a password that was made up for them, to be shown once. */
async function firstSuperuser(config: Config, world: Awaited<ReturnType<typeof compose>>) {
  const password = config.FIRST_SUPERUSER_PASSWORD ?? newPassword();
  const made = await ensureSuperuser(world)(config.FIRST_SUPERUSER, password);
  if (made) return config.FIRST_SUPERUSER_PASSWORD ? { kind: "set" as const } : { kind: "made" as const, password };
  const stored = await world.users.findBy({ email: config.FIRST_SUPERUSER.toLowerCase() });
  const given = config.FIRST_SUPERUSER_PASSWORD;
  const differs = given !== undefined && !(await world.passwords.verify(given, stored?.password_hash ?? null));
  return { kind: differs ? ("other" as const) : ("stored" as const) };
}
