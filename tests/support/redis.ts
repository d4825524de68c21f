import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./live.ts";

export type RedisServer = AsyncDisposable & {
  readonly url: string;
  /** Ends the process at once; what it had written is there at the next start. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Away with all it knows; only while it is stopped. */
  wipe(): Promise<void>;
  /** Neither dead nor answering. */
  freeze(): void;
  thaw(): void;
};

/** A real Redis of this run's own, set as the queue wants it: every write on the disk, nothing thrown out. */
export async function startRedis(): Promise<RedisServer> {
  const bin = Bun.which("redis-server");
  if (!bin) throw new Error("redis is missing: apt-get install -y redis-server");
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const port = freePort();
  const url = `redis://127.0.0.1:${port}/0`;
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];
  let server: Bun.Subprocess | undefined;

  const start = async () => {
    server = Bun.spawn([bin, ...settings, ...durable], { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
    const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
    probe.on("error", () => {});
    await probe.ping();
    probe.disconnect();
  };
  const stop = async () => {
    server?.kill("SIGKILL");
    await server?.exited;
  };
  await start();
  return {
    url,
    start,
    stop,
    wipe: () => rm(join(folder, "appendonlydir"), { recursive: true, force: true }),
    freeze: () => server?.kill("SIGSTOP"),
    thaw: () => server?.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      server?.kill("SIGCONT");
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
