import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CACHE } from "./cache.ts";
import { enter, layer } from "./layers.ts";

// Debian's folders as an image's base has them, made by its own tools from this machine's mirror, and kept in the cache
// folder for a week so that only the first run of a machine waits for them.

const WEEK_MS = 7 * 24 * 60 * 60_000;
/** What oven/bun's slim images are made from. */
const RELEASE = "trixie";
/** Where nginx follows names (1.27.3) and docker-compose checks a file without an engine. */
const NEWER = "forky";

const FOLDERS = join(CACHE, "debian");

const ran = (...words: string[]): string => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(words);
  if (exitCode !== 0) throw new Error(`${words[0]}: ${stderr}${stdout}`);
  return stdout.toString();
};

/** How this machine reaches Debian: its mirror, and what its apt is told of the network. */
function network() {
  const targets = ran("apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages").split("\n");
  const mirror = targets.find((uri) => uri && !uri.includes("security"));
  if (!mirror) throw new Error("apt has no list of packages: apt-get update");
  const told = ran("apt-config", "dump", "--no-empty", "--format", '%f "%v";%n', "Acquire");
  const lines = told.split("\n").filter((line) => /^Acquire::(Check-|http|Retries|Force|Proxy)/i.test(line));
  return { mirror, options: `${lines.join("\n")}\n` };
}

/** A folder of the cache, made anew where it is missing or old. */
async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(FOLDERS, name);
  const made = await stat(`${place}.made`).catch(() => null);
  if (made && Date.now() - made.mtimeMs < WEEK_MS && existsSync(place)) return place;
  const draft = `${place}.${process.pid}`;
  await mkdir(FOLDERS, { recursive: true });
  try {
    await make(draft);
    await rm(place, { recursive: true, force: true });
    await rename(draft, place);
    await writeFile(`${place}.made`, "");
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return place;
}

/** The root folder of oven/bun's slim image, with the Bun that runs this. */
export const bunImage = () =>
  cached(`${RELEASE}-bun-${Bun.version}`, async (root) => {
    const { mirror, options } = network();
    await writeFile(`${root}.apt`, options);
    const include = "--include=ca-certificates";
    ran("mmdebstrap", "--mode=root", "--variant=minbase", include, `--aptopt=${root}.apt`, RELEASE, root, mirror);
    await rm(`${root}.apt`);
    for (const file of ["etc/resolv.conf", "etc/hosts"]) await writeFile(join(root, file), "");
    const bun = join(root, "usr/local/bin/bun");
    await copyFile(process.execPath, bun);
    await symlink("/usr/local/bin/bun", join(root, "usr/local/bin/bunx"));
    const fallback = join(root, "usr/local/bun-node-fallback-bin/node");
    await mkdir(dirname(fallback));
    await symlink("/usr/local/bin/bun", fallback);
    ran("chroot", root, "useradd", "--uid", "1000", "--user-group", "--create-home", "bun");
  });

/** What that image sets beside its folders. */
export const BUN_IMAGE_ENV = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bun-node-fallback-bin",
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
  BUN_INSTALL_BIN: "/usr/local/bin",
};

/** nginx and docker-compose, newer than the base's: what to put over it. */
export async function tools(): Promise<readonly [string, string]> {
  const base = await bunImage();
  const over = await cached(`${NEWER}-tools`, async (folder) => {
    const { mirror } = network();
    await using root = await layer([base]);
    const install = `
      echo 'deb ${mirror} ${NEWER} main' > /etc/apt/sources.list.d/newer.list
      apt-get update -q && apt-get install -y -q --no-install-recommends nginx docker-compose`;
    const env = { ...BUN_IMAGE_ENV, DEBIAN_FRONTEND: "noninteractive" };
    const { code, output } = await enter(root, ["/bin/sh", "-ec", install], { env, network: true }).done();
    if (code !== 0) throw new Error(`nginx and docker-compose: ${output}`);
    ran("cp", "-a", root.changed, folder);
  });
  return [over, base];
}
