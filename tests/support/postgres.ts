import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real Postgres server of this run's own, on a socket of its own and a free port; it refuses to run as root. */
export async function startPostgres(): Promise<AsyncDisposable & { readonly url: string }> {
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
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const data = join(folder, "data");
  run(`${bin}initdb`, "-D", data, "-U", "test", "--auth=trust", "--no-sync", "-E", "UTF8");
  run(
    `${bin}pg_ctl`,
    "-D",
    data,
    "-w",
    "-l",
    join(folder, "log"),
    "-o",
    `-p ${port} -k ${folder} -h 127.0.0.1`,
    "start",
  );
  return {
    url: `postgresql://test@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: async () => {
      run(`${bin}pg_ctl`, "-D", data, "-m", "immediate", "stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
