import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, SETTINGS } from "../src/config.ts";

test("nothing set is enough", () =>
  expect(readConfig({})).toMatchObject({ PORT: 8004, HOST: "0.0.0.0", DATA_DIR: "data", UPLOAD_DIR: "uploads" }));

test.each([
  [{ PORT: "high" }, /^PORT should be/],
  [{ PORT: "70000" }, /^PORT should be/],
  [{ SECRET_KEY: "short" }, /^SECRET_KEY should have/],
  [{ DATABASE_URL: "mysql://x" }, /^DATABASE_URL should be/],
  [{ DISABLE_WHISPER: "maybe" }, /^DISABLE_WHISPER should be/],
  [{ FIRST_SUPERUSER: "admin" }, /^FIRST_SUPERUSER should be/],
  [{ FIRST_SUPERUSER_PASSWORD: "short" }, /^FIRST_SUPERUSER_PASSWORD should have/],
  [{ CORS_ORIGINS: "school" }, /^CORS_ORIGINS should be/],
  [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL should be/],
  [{ MAX_UPLOAD_MB: "0" }, /^MAX_UPLOAD_MB /],
  [{ REDIS_URL: "localhost:6379" }, /^REDIS_URL should be/],
  [{ REDIS_URL: "redis://localhost:6379/school" }, /^REDIS_URL should be/],
  [{ ROLE: "boss" }, /^ROLE should be/],
  [{ ROLE: "worker" }, /^ROLE should be all unless DATABASE_URL and REDIS_URL are set/],
  [{ ROLE: "api", DATABASE_URL: "postgresql://h/d" }, /^ROLE should be all/],
  [{ S3_ENDPOINT: "http://s3.example" }, /S3_BUCKET should be set too/],
  [{ OPENAI_BASE_URL: "localhost:11434/v1" }, /^OPENAI_BASE_URL should be a URL like http:/],
  [{ LLM_PROVIDER: "ollama" }, /^LLM_PROVIDER should be gemini, openai \(Ollama/],
  [{ METRICS_TOKEN: "short" }, /^METRICS_TOKEN should have/],
])("%p is told in one line", (env, line) => expect(() => readConfig(env)).toThrow(line));

test("several wrong ones are told together", () =>
  expect(() => readConfig({ PORT: "high", LOG_LEVEL: "loud" })).toThrow(/PORT .*; LOG_LEVEL/));

test("the guide's spelling of a database is understood", () =>
  expect(readConfig({ DATABASE_URL: "postgresql+psycopg://u:p@h/d" }).DATABASE_URL).toBe("postgresql://u:p@h/d"));

test("an empty setting is an unset one", () => expect(readConfig({ PORT: "" }).PORT).toBe(8004));

test("a list may have blanks and slashes", () =>
  expect(readConfig({ CORS_ORIGINS: "https://a.example/, https://b.example" }).CORS_ORIGINS).toEqual([
    "https://a.example",
    "https://b.example",
  ]));

test.each([
  [{ SECRET_KEY: "changethis-changethis-changethis-x" }, /^SECRET_KEY should not/],
  [{ FIRST_SUPERUSER_PASSWORD: "changethis" }, /^FIRST_SUPERUSER_PASSWORD should not/],
  [{ RATE_LIMIT_MULTIPLIER: "10" }, /^RATE_LIMIT_MULTIPLIER should not/],
])("production refuses %p, which development takes", (env, line) => {
  expect(() => readConfig(env)).not.toThrow();
  expect(() => readConfig({ ...env, NODE_ENV: "production" })).toThrow(line);
});

test("with every line of .env.example uncommented all is as without it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "env-"));
  const text = (await Bun.file(".env.example").text()).replace(/^# (?=[A-Z0-9_]+=)/gm, "");
  await Bun.write(join(folder, ".env"), text);
  // As Bun reads it at a start.
  const { stdout } = Bun.spawnSync([process.execPath, "-e", "console.log(JSON.stringify(process.env))"], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "" },
  });
  const read = JSON.parse(stdout.toString());
  expect(SETTINGS.filter((name) => read[name] === undefined)).toEqual([]);
  expect(readConfig(read)).toEqual(readConfig({}));
  await rm(folder, { recursive: true });
});

test(".env.example names every setting with its default, and no other", async () => {
  const lines = (await Bun.file(".env.example").text()).matchAll(/^# ([A-Z0-9_]+)=(\S*)/gm);
  const named = new Map([...lines].map(([, name = "", preset = ""]) => [name, preset]));
  expect([...named.keys()].sort()).toEqual([...SETTINGS].sort());
  const defaults = readConfig({});
  const given = readConfig(Object.fromEntries(named));
  expect(given).toEqual(defaults);
});
