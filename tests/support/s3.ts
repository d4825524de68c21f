import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { madeOnce } from "./cache.ts";
import { freePort } from "./live.ts";

const VERSION = "v1.8.0";
const READY_MS = 20_000;

/** A real S3 server; building it takes a minute or two. */
export const versitygw = () =>
  madeOnce(`versitygw-${VERSION}`, async (folder) => {
    const go = Bun.which("go");
    if (!go) throw new Error("go is missing: it builds the S3 server of these tests; see https://go.dev/doc/install");
    const build = Bun.spawn([go, "install", `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
      env: { ...process.env, GOBIN: folder },
      stdout: "ignore",
      stderr: "pipe",
    });
    const complaints = await new Response(build.stderr).text();
    if ((await build.exited) !== 0) throw new Error(`versitygw cannot be built: ${complaints.slice(-500)}`);
    await rename(join(folder, "versitygw"), join(folder, `versitygw-${VERSION}`));
  });

export type Store = AsyncDisposable & {
  readonly bucket: { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  /** The settings with which a server keeps its uploads there. */
  readonly env: Record<string, string>;
  /** Where the bucket lies on this machine. */
  readonly folder: string;
  /** A further, empty bucket. */
  another(): Promise<Store["bucket"]>;
  /** Ends it at once; what was stored stays. */
  kill(): Promise<void>;
  /** Freezes it, as a store behind a dead network is: connections are taken, and nothing answers. */
  freeze(): void;
  /** Brings it back, on the same port, from either. */
  start(): Promise<void>;
};

/** A store of this run's own with one bucket, below `root` where that is given. */
export async function startStore({ root }: { root?: string } = {}): Promise<Store> {
  const program = await versitygw();
  const own = root ?? (await mkdtemp(join(tmpdir(), "s3-")));
  const folder = join(own, "school");
  await mkdir(folder, { recursive: true });
  const endpoint = `http://127.0.0.1:${freePort()}`;
  const bucket = {
    endpoint,
    bucket: "school",
    accessKeyId: "an-access-key",
    secretAccessKey: `secret-${crypto.randomUUID()}`,
  };
  let running: Bun.Subprocess | undefined;

  const kill = async () => {
    running?.kill("SIGKILL");
    await running?.exited;
    running = undefined;
  };
  const start = async () => {
    if (running) return running.kill("SIGCONT");
    const { accessKeyId, secretAccessKey } = bucket;
    const where = ["--port", endpoint.replace("http://", ""), "--keep-alive", "--quiet"];
    const started = Bun.spawn([program, ...where, "posix", own], {
      env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
      stdout: "ignore",
      stderr: "ignore",
    });
    running = started;
    for (const until = Date.now() + READY_MS; Date.now() < until; await Bun.sleep(50)) {
      if (started.exitCode !== null) throw new Error(`versitygw ended with ${started.exitCode}`);
      if (await fetch(endpoint, { signal: AbortSignal.timeout(1000) }).catch(() => null)) return;
    }
    throw new Error(`versitygw did not answer within ${READY_MS / 1000} s`);
  };
  await start();
  return {
    bucket,
    env: {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: bucket.bucket,
      S3_ACCESS_KEY_ID: bucket.accessKeyId,
      S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    },
    folder,
    another: async () => {
      const name = `bucket-${crypto.randomUUID()}`;
      await mkdir(join(own, name));
      return { ...bucket, bucket: name };
    },
    kill,
    freeze: () => running?.kill("SIGSTOP"),
    start,
    [Symbol.asyncDispose]: async () => {
      await kill();
      if (root === undefined) await rm(own, { recursive: true, force: true });
    },
  };
}
