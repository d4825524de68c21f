import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type LiveServer, startServer } from "./live.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { type RedisServer, startRedis } from "./redis.ts";

type Role = "api" | "worker";

/** One place of the school: the process in it may change, its port does not. */
type Place = {
  readonly role: Role;
  readonly url: string;
  readonly server: LiveServer;
  /** Ends what runs there at once. */
  kill(): Promise<void>;
  /** Starts another in its place. */
  revive(): Promise<void>;
};

export type Cluster = AsyncDisposable & {
  readonly places: readonly Place[];
  readonly apis: readonly Place[];
  readonly workers: readonly Place[];
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly env: Record<string, string>;
};

/** A school of several processes over a Postgres and a Redis of its own, as on one machine or many. */
export async function startCluster(
  roles: readonly Role[],
  settings: Record<string, string> = {},
  script = "src/main.ts",
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "cluster-"));
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const env = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    UPLOAD_DIR: join(folder, "uploads"),
    DISABLE_WHISPER: "1",
    DISABLE_PRONUNCIATION: "1",
    ...settings,
  };
  const open = async (role: Role, i: number): Promise<Place> => {
    // Each has a folder of its own, as each machine has.
    const own = { ...env, ROLE: role, PORT: String(freePort()), DATA_DIR: join(folder, `data-${i}`) };
    let server = await startServer({ env: own, script });
    return {
      role,
      url: server.url,
      get server() {
        return server;
      },
      kill: async () => {
        server.kill("SIGKILL");
        await server.exited;
      },
      revive: async () => {
        server = await startServer({ env: own, script });
      },
    };
  };
  const places = await Promise.all(roles.map(open));
  return {
    places,
    apis: places.filter(({ role }) => role === "api"),
    workers: places.filter(({ role }) => role === "worker"),
    postgres,
    redis,
    env,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(places.map(({ server }) => server.stop()));
      await redis[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
