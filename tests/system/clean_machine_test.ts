import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { barePath } from "../support/bare_path.ts";
import { freePort } from "../support/live.ts";
import { figure, size } from "../support/prove.ts";

// The two commands of the README on a clean clone with an empty home folder, as a newcomer runs them: with Node and
// nothing else, and with the compiler that speech recognition needs. The suites themselves are run there in full size.

const BASE = ["node", "npm", "npx", "sh", "env", "nice", "uname", "ps"];
// A compiler calls many others: the system's own folders, as they are.
const SYSTEM = ":/usr/bin:/bin";

let folder = "";
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "clean machine ")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function machine(name: string, programs: string[], beside = "") {
  const [clone, home] = [join(folder, name), join(folder, `${name}-home`)];
  const cloned = Bun.spawnSync(["git", "clone", "--quiet", "--no-hardlinks", ".", clone]);
  expect(cloned.exitCode, cloned.stderr.toString()).toBe(0);
  const path = (await barePath(...programs)) + beside;
  // Certificates of this machine's network stay; what says where packages or caches lie does not.
  const kept = Object.entries(process.env).filter(([key]) => /CERT|_CA_|PROXY/i.test(key));
  const env = {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: path,
    PORT: String(freePort()),
    NO_UPDATE_NOTIFIER: "1",
  };
  return { clone, env };
}

type Machine = Awaited<ReturnType<typeof machine>>;

/** `npx … run start` until it is ready; what it printed, and how long it took until `/health` answered. */
async function start({ clone, env }: Machine): Promise<{ output: string; ms: number }> {
  const begun = performance.now();
  const npx = Bun.spawn(["npx", "-y", "bun@1.4.5", "run", "start"], {
    cwd: clone,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const gather = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) output += new TextDecoder().decode(chunk);
  };
  const gathered = Promise.all([gather(npx.stdout), gather(npx.stderr)]);
  let ms = 0;
  for (const until = Date.now() + 240_000; !ms && Date.now() < until && npx.exitCode === null; ) {
    const answer = await fetch(`http://127.0.0.1:${env.PORT}/health`).catch(() => null);
    if (answer?.ok) ms = performance.now() - begun;
    else await Bun.sleep(20);
  }
  for (let i = 0; i < 300 && !output.includes("Sign-up"); i++) await Bun.sleep(100);
  // Npm does not pass signals on: the server is the process that listens.
  const { stdout } = Bun.spawnSync(["ps", "-eo", "pid,args"]);
  for (const [, pid] of stdout.toString().matchAll(/^ *(\d+) .*scripts\/start\.ts$/gm))
    if ((await realpath(`/proc/${pid}/cwd`).catch(() => "")) === clone) process.kill(Number(pid), "SIGTERM");
  await Promise.race([npx.exited, Bun.sleep(15_000)]);
  await Promise.race([gathered, Bun.sleep(1000)]);
  expect(ms, output).toBeGreaterThan(0);
  return { output, ms };
}

async function passesItsTests({ clone, env }: Machine): Promise<string> {
  const run = Bun.spawn(["npx", "-y", "bun@1.4.5", "run", "test"], { cwd: clone, env, stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  expect(code, `${out}${err}`.slice(-4000)).toBe(0);
  const counts = /^ *(\d+) pass\n *0 fail/m.exec(err) ?? [];
  return counts[1] ?? "0";
}

test("on a machine with Node alone it starts, says what is missing, and starts again at once", async () => {
  const bare = await machine("bare", BASE);
  const first = await start(bare);
  expect(first.output).toContain("Oʻquv platformasi");
  expect(first.output).toMatch(/admin@example\.com {2}password \S{12}/);
  expect(first.output).toMatch(/✗ Recognition +.*(python3|compiler|g\+\+)/);
  const again = await start(bare);
  expect(again.output).not.toContain("installing packages");
  figure("start on a clean clone with Node alone, to /health", `${(first.ms / 1000).toFixed(1)} s`, "it comes up");
  figure("second start, from the command to /health", `${Math.round(again.ms)} ms`, "under 2000 ms");
  if (size(0, 1))
    figure("the test command without a compiler", `${await passesItsTests(bare)} passed, 0 failed`, "it passes");
}, 600_000);

// Half a minute of building: in the small size the clean clone that all of this runs in shows it.
if (size(0, 1))
  test("with a compiler both commands pass, and speech is recognised", async () => {
    const whole = await machine("whole", BASE, SYSTEM);
    const first = await start(whole);
    expect(first.output).toMatch(/● Recognition +whisper/);
    figure(
      "start on a clean clone with a compiler, build included",
      `${(first.ms / 1000).toFixed(1)} s`,
      "it comes up",
    );
    figure("the test command with a compiler", `${await passesItsTests(whole)} passed, 0 failed`, "it passes");
  }, 600_000);
