import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { api, type LiveServer, SUPERUSER, startServer } from "../support/live.ts";
import { startRedis } from "../support/redis.ts";
import { script as runScript } from "../support/scripts.ts";

// What a person at the machine does: with the server running, which owns the data, and without it.

const folder = await mkdtemp(join(tmpdir(), "admin-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const env = { DATA_DIR: join(folder, "data"), UPLOAD_DIR: join(folder, "uploads"), DISABLE_WHISPER: "1" };

const script = (name: string, words: string[], settings: Record<string, string> = {}) =>
  runScript(name, words, { ...env, ...settings });
const admin = (...words: string[]) => script("admin", words);

const passwordIn = (text: string) => /password (?:of \S+ is )?(\S+?)(?:;|$)/.exec(text)?.[1] ?? "";

for (const [place, serving] of [
  ["while the server runs", true],
  ["while it does not", false],
] as const)
  test(`users, passwords and tokens are made ${place}`, async () => {
    const email = `${place.replaceAll(" ", "-")}@example.com`;
    const running: LiveServer | null = serving ? await startServer({ env }) : null;
    const made = await admin("user", email, "teacher");
    const reset = await admin("password", email);
    const token = await admin("token", email);
    const unknown = await admin("password", "nobody@example.com");
    const server = running ?? (await startServer({ env }));
    await using _ = server;
    // Read before they are matched: the matcher leaves its patterns in what it was given.
    const passwords = { made: passwordIn(made.out), reset: passwordIn(reset.out) };

    expect(made).toMatchObject({ code: 0, out: expect.stringContaining(`${email} is teacher`) });
    await expect(api(server.url).login(email, passwords.made)).rejects.toThrow("401");
    const signedIn = await api(server.url).login(email, passwords.reset);
    expect((await signedIn.get("/api/v1/users/me")).body).toMatchObject({ email, role: "teacher" });
    expect((await api(server.url, token.out).get("/api/v1/users/me")).body.email).toBe(email);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("there is no user nobody@example.com") });
    // The first superuser stays who they were.
    await api(server.url).login();
  }, 60_000);

test("what the database and the recordings lie in is closed to others on the machine", async () => {
  // The embedded database gives its files to everybody: the folder around them lets nobody in.
  const { mode } = await stat(env.DATA_DIR);
  expect(mode & 0o077).toBe(0);
});

test("what is not a command shows how", async () => {
  expect(await admin("sing")).toMatchObject({ code: 2, err: expect.stringContaining("bun run admin COMMAND") });
  expect(await admin("user", SUPERUSER.username, "king")).toMatchObject({ code: 1 });
}, 30_000);

test("doctor is content, and names what is wrong", async () => {
  const well = await admin("doctor");
  expect(well.out).toContain("checksum verified");
  const ill = await script("admin", ["doctor"], {
    UPLOAD_DIR: "/proc/nowhere",
    DISABLE_WHISPER: "0",
    WHISPER_MODEL: "no.bin",
  });
  expect(ill.code).toBe(1);
  expect(ill.out).toMatch(/MENDME +Folder \/proc\/nowhere/);
  expect(ill.out).toMatch(/MENDME +Recognition .*no\.bin does not exist/);
}, 30_000);

test("doctor looks into Redis: whether it answers, can be written, and keeps what it is given", async () => {
  await using redis = await startRedis();
  const look = async () => (await script("admin", ["doctor"], { REDIS_URL: redis.url })).out;
  const sets = async (...words: [string, string]) => {
    const client = new Redis(redis.url);
    await client.config("SET", ...words);
    client.disconnect();
  };
  expect(await look()).toMatch(/ok +Redis +it answers/);
  await sets("maxmemory-policy", "allkeys-lru");
  expect(await look()).toMatch(/MENDME +Redis .*maxmemory-policy noeviction/);
  await sets("min-replicas-to-write", "1");
  expect(await look()).toMatch(/MENDME +Redis .*NOREPLICAS.*REDIS_URL/);
  await redis.stop();
  expect(await look()).toMatch(/MENDME +Redis .*ECONNREFUSED.*REDIS_URL/);
}, 60_000);

test("a second server on the same data is refused by name; what a killed one left is free at once", async () => {
  const first = await startServer({ env });
  await expect(startServer({ env })).rejects.toThrow(new RegExp(`is open in another process \\(pid ${first.pid}\\)`));
  first.kill("SIGKILL");
  await first.exited;
  await using again = await startServer({ env });
  expect((await api(again.url).get("/ready")).status).toBe(200);
}, 60_000);

test("a wrong setting and a taken port stop the start with one line", async () => {
  await expect(startServer({ env: { ...env, LOG_LEVEL: "loud" } })).rejects.toThrow(
    /Cannot start: LOG_LEVEL should be/,
  );
  for (const [setting, wrong] of [
    ["DATA_DIR", "/proc/nowhere"],
    ["UPLOAD_DIR", "/proc/nowhere"],
    ["DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x"],
  ])
    await expect(startServer({ env: { ...env, [setting ?? ""]: wrong ?? "" } })).rejects.toThrow(
      new RegExp(`Cannot start: ${setting}`),
    );
  await using first = await startServer({ env });
  const other = { DATA_DIR: join(folder, "other"), PORT: String(first.port) };
  // It answers for the first one, so the refusal is looked for in what the second prints.
  const second = await script("start", [], { ...other, HOST: "127.0.0.1" });
  expect(second).toMatchObject({ code: 1, err: expect.stringContaining(`port ${first.port} cannot be listened on`) });
}, 60_000);

test("the demo plays the story and leaves nothing behind", async () => {
  await using server = await startServer({ env });
  const demo = await script("demo", [], { PORT: String(server.port) });
  expect(demo, demo.err).toMatchObject({ code: 0 });
  for (const part of ["auto_graded", "transcript", "The teacher's grade: 95", "taken away again"])
    expect(demo.out).toContain(part);
  const signedIn = await api(server.url).login();
  expect((await signedIn.get("/api/v1/users/?q=demo-")).body).toEqual([]);
  expect((await signedIn.get("/api/v1/courses/?q=demo")).body).toEqual([]);
}, 60_000);
