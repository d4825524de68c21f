import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./live.ts";
import { childrenOf } from "./processes.ts";

export type PostgresServer = AsyncDisposable & {
  readonly url: string;
  /** Ends it as a machine's failure would: nothing is finished. */
  stop(): void;
  start(): void;
  /** Neither dead nor answering: the server and every process of it. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
};

/** A real Postgres server of this run's own, on a socket of its own and a free port; it refuses to run as root. */
export async function startPostgres(): Promise<PostgresServer> {
  const [found = ""] = [...new Bun.Glob("/usr/lib/postgresql/*/bin").scanSync({ cwd: "/", onlyFiles: false })]
    .sort()
    .reverse();
  const bin = Bun.which("initdb") ? "" : `/${found.replace(/^\//, "")}/`;
  if (bin === "//") throw new Error("postgres is missing: apt-get install -y postgresql");
  const folder = await mkdtemp(join(tmpdir(), "postgres-"));
  await chmod(folder, 0o777);
  const asOwner = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  const run = (...words: string[]) => {
    const done = Bun.spawnSync([...asOwner, ...words], { cwd: folder });
    if (done.exitCode !== 0) throw new Error(`${words[0]}: ${done.stderr}`);
  };
  const port = freePort();
  const data = join(folder, "data");
  const settings = `-p ${port} -k ${folder} -h 127.0.0.1`;
  const start = () => run(`${bin}pg_ctl`, "-D", data, "-w", "-l", join(folder, "log"), "-o", settings, "start");
  const stop = () => run(`${bin}pg_ctl`, "-D", data, "-m", "immediate", "stop");
  const signal = async (name: "STOP" | "CONT") => {
    const [pid = ""] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
    // The first one first, so that it starts no other meanwhile.
    const postmaster = Number(pid);
    process.kill(postmaster, `SIG${name}`);
    for (const child of childrenOf(postmaster)) {
      try {
        process.kill(child, `SIG${name}`);
      } catch (error) {
        // A backend that has just ended needs no signal any more.
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
      }
    }
  };
  run(`${bin}initdb`, "-D", data, "-U", "test", "--auth=trust", "-E", "UTF8", "--no-sync");
  start();
  let isStopped = false;
  return {
    url: `postgresql://test@127.0.0.1:${port}/postgres`,
    start: () => {
      start();
      isStopped = false;
    },
    stop: () => {
      stop();
      isStopped = true;
    },
    freeze: () => signal("STOP"),
    thaw: () => signal("CONT"),
    [Symbol.asyncDispose]: async () => {
      if (!isStopped) {
        await signal("CONT").catch(() => {});
        stop();
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
