import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tools } from "./debian.ts";
import { enter, layer } from "./layers.ts";
import { freePort } from "./live.ts";

type Call = {
  readonly path: string;
  readonly status: number;
  /** Those that were tried, in order. */
  readonly upstream: string;
};

export type RunningProxy = AsyncDisposable & {
  readonly url: string;
  /** The access log as it is now, as text and read. */
  log(): Promise<{ text: string; calls: Call[] }>;
  /** What it had to complain of. */
  errors(): string;
};

type Options = { /** The port on which each of the name's addresses serves. */ port: number; nameServer: number };

/** nginx with this project's own file, as compose.yaml starts it; only ports and the name server's address differ. */
export async function startProxy({ port, nameServer }: Options): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), "proxy-"));
  const listening = freePort();
  const given = await Bun.file(join(import.meta.dir, "../../docs/deploy/nginx.conf")).text();
  const changed = [
    ["listen 8080;", `listen 127.0.0.1:${listening};`],
    ["server api:8004 ", `server api:${port} `],
    ["resolver 127.0.0.11 ", `resolver 127.0.0.1:${nameServer} `],
  ].reduce((text, [from = "", to = ""]) => {
    if (!text.includes(from)) throw new Error(`nginx.conf has no ${from}`);
    return text.replace(from, to);
  }, given);
  const [conf, log] = [join(folder, "nginx.conf"), join(folder, "log")];
  await writeFile(conf, changed);
  await writeFile(log, "");
  await chmod(log, 0o666);
  const root = await layer(await tools());
  const nginx = enter(root, ["nginx", "-g", "daemon off;"], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    user: "101:101",
    readOnly: true,
    tmpfs: ["/tmp"],
    volumes: { "/etc/nginx/nginx.conf": conf },
    outputFile: log,
  });
  const url = `http://127.0.0.1:${listening}`;
  const stop = async () => {
    nginx.kill();
    await nginx.done();
    await root[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  for (let left = 200; !(await fetch(url).catch(() => null)); left--) {
    if (left === 0) {
      await stop();
      throw new Error(`nginx does not answer: ${nginx.output()}`);
    }
    await Bun.sleep(50);
  }
  return {
    url,
    log: async () => {
      // The last line may be being written.
      const text = (await Bun.file(log).text()).replace(/[^\n]*$/, "");
      return {
        text,
        calls: (text.match(/^.+$/gm) ?? []).map((line) => JSON.parse(line)),
      };
    },
    errors: nginx.output,
    [Symbol.asyncDispose]: stop,
  };
}
