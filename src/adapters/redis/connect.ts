import { Redis } from "ioredis";

// Nothing here waits for a Redis that is away: what can be done without it is done without it.

const COMMAND_MS = 1000;
const CONNECT_MS = 3000;
/** Between two tries to come back. */
const soon = (tries: number): number => Math.min(tries * 100, 1000);

export type RedisConnection = {
  /** Fails at once while Redis is away, and after a second when it does not answer. */
  readonly commands: Redis;
  /** Only listens; what it subscribed to is subscribed again after a break. */
  readonly listening: Redis;
  /** For the queue, which waits for as long as it takes. */
  readonly patient: () => Redis;
  /** Sets what this school keeps in Redis apart from what others keep there. */
  readonly space: string;
  check(): Promise<void>;
  /** Whether it refuses writes when it is full, and throws nothing out: a job must not be what makes room. */
  keepsAll(): Promise<boolean>;
  close(): Promise<void>;
};

/** A master that may only be read by now: behind its name is another one. */
const reconnectOnError = ({ message }: Error): boolean => message.startsWith("READONLY");

/** Wrong credentials will not mend themselves; a server that is only away may come back. */
const isRefused = (error: Error): boolean =>
  /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid DB|ERR DB index)/.test(error.message);

type Patience = { maxRetriesPerRequest: number | null; enableOfflineQueue?: boolean; commandTimeout?: number };

type Told = {
  /** Once for each break. */
  readonly onLost: (error: Error) => void;
  readonly onBack: () => void;
};

/** Connects to Redis by its URL. Throws where Redis refuses us; where it does not answer, it goes on trying. */
export async function connectRedis(url: string, { onLost, onBack }: Told, school = ""): Promise<RedisConnection> {
  const opened: Redis[] = [];
  let isAway = false;
  let refusal: Error | undefined;
  const open = (options: Patience): Redis => {
    const redis = new Redis(url, { connectTimeout: CONNECT_MS, retryStrategy: soon, reconnectOnError, ...options });
    opened.push(redis);
    // Without a listener each failed try would be thrown at the process.
    redis.on("error", (error: Error) => {
      if (isRefused(error)) refusal = error;
      if (!isAway) onLost(error);
      isAway = true;
    });
    redis.on("ready", () => {
      if (isAway) onBack();
      isAway = false;
    });
    return redis;
  };
  const commands = open({ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_MS });
  const listening = open({ maxRetriesPerRequest: null });
  const close = async () => {
    for (const redis of opened) redis.disconnect();
  };
  // Ready or not: long enough for one that is there.
  await Promise.race([ready(commands), Bun.sleep(CONNECT_MS)]);
  if (refusal) {
    await close();
    throw refusal;
  }
  // Channels are of the whole Redis, whatever database was chosen.
  const space = ["oquv", commands.options.db ?? 0, school].filter((part) => part !== "").join(":");
  return {
    commands,
    listening,
    patient: () => open({ maxRetriesPerRequest: null }),
    space,
    // By writing: one that may only be read, or is full, is of no use.
    check: async () => void (await commands.set(`${space}:check`, "1", "PX", 1000)),
    keepsAll: async () => !/^maxmemory_policy:(?!noeviction)/m.test(await commands.info("memory")),
    close,
  };
}

const ready = (redis: Redis): Promise<void> =>
  new Promise((resolve) => {
    if (redis.status === "ready") return resolve();
    redis.once("ready", () => resolve());
    redis.once("error", () => resolve());
  });
