import { afterAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest, Part } from "../../src/adapters/archive/parts.ts";
import { readArchive } from "../../src/adapters/archive/read.ts";
import { writeArchive } from "../../src/adapters/archive/write.ts";
import { archiveOf, never } from "../support/archives.ts";
import { classroom, clip, graded, newLearner } from "../support/classroom.ts";
import { layDatabase } from "../support/embedded.ts";
import { type Api, api, type LiveServer, startServer } from "../support/live.ts";
import { startPostgres } from "../support/postgres.ts";
import { figure, size } from "../support/prove.ts";
import { script } from "../support/scripts.ts";

// A school out of a running server, into a file, and into another place: nothing is lost on the way, and nobody is
// signed out by it.

const root = await mkdtemp(join(tmpdir(), "backup-"));
const postgres = await startPostgres();
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const HAND_INS = size(24, 120);
const LEARNERS = 4;

type Settings = Record<string, string>;

/** Settings of a place where nothing is yet. */
const newPlace = (more: Settings = {}): Settings => {
  const folder = join(root, crypto.randomUUID());
  return { DATA_DIR: join(folder, "data"), UPLOAD_DIR: join(folder, "uploads"), DISABLE_WHISPER: "1", ...more };
};
/** The same with an empty database, as a server makes it at its first start. */
async function newSchool(more: Settings = {}): Promise<Settings> {
  const place = newPlace(more);
  await layDatabase(place.DATA_DIR ?? "");
  return place;
}
const newFile = () => join(root, `${crypto.randomUUID()}.tar.gz`);

let databases = 0;
/** An empty database on the Postgres server. */
async function newDatabase(): Promise<string> {
  databases += 1;
  await query(postgres.url, `create database school_${databases}`);
  return postgres.url.replace(/postgres$/, `school_${databases}`);
}
async function query(url: string, text: string) {
  await using sql = new Bun.SQL(url, { max: 1 });
  return await sql.unsafe(text);
}

const admin = (place: Settings, ...words: string[]) => script("admin", words, place);

async function must(place: Settings, ...words: string[]): Promise<string> {
  const { out, err, code } = await admin(place, ...words);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${err}`);
  return out;
}

type Contents = { manifest: Manifest; parts: Part[]; rows: (table: string) => Record<string, string>[] };

async function read(file: string): Promise<Contents> {
  const parts = await Array.fromAsync(readArchive(file));
  const manifest = parts.flatMap((part) => (part.kind === "manifest" ? [part.manifest] : []))[0];
  if (!manifest) throw new Error(`${file} has no manifest`);
  const rows = (table: string) =>
    parts.flatMap((part) => (part.kind === "rows" && part.table === table ? part.lines.map((l) => JSON.parse(l)) : []));
  return { manifest, parts, rows };
}

/** What must be the same wherever the school is: tables, rows, files, and how far ids have been given out. */
const essence = ({ manifest, parts }: Contents) => ({
  tables: manifest.tables,
  parts: parts.filter(({ kind }) => kind !== "manifest"),
});
const counts = ({ manifest }: Contents) => Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]));

const speak = async (learner: Api, homeworkId: number) => {
  const audio_file = await clip("cards-001.wav");
  const { status, body } = await learner.form(`/api/v1/homework/${homeworkId}/submit-oral`, { audio_file });
  if (status !== 202) throw new Error(`a hand-in was answered with ${status}`);
  return body;
};

/** What a learner who was signed in sees at another place, without signing in again. */
async function seesAll({ url }: LiveServer, { token }: Api, submissionId: number, audioUrl: string) {
  const learner = api(url, token);
  const { status, body } = await learner.get(`/api/v1/homework/submissions/${submissionId}`);
  const played = await fetch(`${url}${audioUrl}`);
  return {
    status,
    score: body.score,
    sameBytes: Buffer.from(await played.arrayBuffer()).equals(
      await Bun.file("tests/test_data/speech/cards-001.wav").bytes(),
    ),
  };
}

test("a backup taken while hand-ins come in is of one moment, and a school again in an empty folder", async () => {
  const place = await newSchool({ RATE_LIMIT_MULTIPLIER: "10" });
  const file = newFile();
  const server = await startServer({ env: place });
  const room = await classroom(server);
  const learners = [room.learner];
  while (learners.length < LEARNERS) learners.push(await newLearner(server.url, room.admin, room.courseId));
  // The last id that was given out must not be given again.
  const gone = await room.admin.post("/api/v1/users/", { email: "gone@example.com", password: "somebody's password" });
  expect((await room.admin.delete(`/api/v1/users/${gone.body.id}`)).status).toBeLessThan(300);
  const first = await speak(room.learner, room.homeworkId);
  const shown = await graded(room.learner, first.id);

  const handed: number[] = [];
  let longest = 0;
  let through = false;
  const handIns = Promise.all(
    learners.map(async (learner) => {
      for (let i = 0; i < HAND_INS / LEARNERS || !through; i++) {
        const begun = performance.now();
        handed.push((await speak(learner, room.homeworkId)).id);
        longest = Math.max(longest, performance.now() - begun);
      }
    }),
  );
  while (handed.length < HAND_INS / 4) await Bun.sleep(5);
  const begun = performance.now();
  const said = await must(place, "backup", file).finally(() => {
    through = true;
  });
  const took = performance.now() - begun;
  await handIns;
  for (const learner of learners) await learner.get("/api/v1/users/me");
  await server.stop();

  expect(said).toContain(file);
  expect(longest).toBeLessThan(5000);
  const backup = await read(file);
  const submissions = backup.rows("submissions");
  const keys = new Set(backup.parts.flatMap((part) => (part.kind === "file" ? [part.key] : [])));
  const filed = new Map(backup.rows("files").map((row) => [row.submission_id, row]));
  const events = new Set(backup.rows("submission_events").map((row) => row.submission_id));
  const jobs = new Set(backup.rows("jobs").map((row) => row.subject_id));
  const whole = submissions.filter(
    ({ id = "" }) => keys.has(filed.get(id)?.key ?? "") && events.has(id) && jobs.has(id),
  );
  expect(submissions.length).toBeGreaterThan(0);
  expect(submissions.length).toBeLessThan(handed.length + 1);
  expect(whole.length).toBe(submissions.length);
  expect(keys.size).toBe(submissions.length);

  const other = newPlace();
  const restored = await must(other, "restore", file);
  expect(restored).toContain(`${keys.size} files`);
  const after = newFile();
  await must(other, "backup", after);
  const copy = await read(after);
  expect(essence(copy)).toEqual(essence(backup));
  await using again = await startServer({ env: other });
  expect(await seesAll(again, room.learner, first.id, shown.audio_url)).toEqual({
    status: 200,
    score: shown.score,
    sameBytes: true,
  });
  for (const { id } of submissions)
    expect((await graded(api(again.url, room.admin.token), Number(id))).status).toBe("auto_graded");
  const made = await api(again.url, room.admin.token).post("/api/v1/users/", {
    email: "new@example.com",
    password: "a new password",
  });
  expect(made.body.id).toBeGreaterThan(gone.body.id);
  figure(
    "Backup of the embedded school while recordings are handed in: submissions in it that have file, event and job; restored rows that are the same",
    `${whole.length} of ${submissions.length}; ${counts(copy).submissions} submissions, ${keys.size} files, all the same`,
    "all",
  );
  figure(
    "The longest hand-in of that test, before, during and after the backup",
    `${Math.round(longest)} ms; the command took ${Math.round(took)} ms`,
    "under 5 s",
  );
}, 240_000);

/** A running embedded school in which a learner has been graded. */
async function smallSchool(more: Settings = {}) {
  const place = await newSchool(more);
  const server = await startServer({ env: place });
  const { admin, learner, homeworkId } = await classroom(server);
  const { id } = await speak(learner, homeworkId);
  const { audio_url, score } = await graded(learner, id);
  const stays = async (at: LiveServer) =>
    expect(await seesAll(at, learner, id, audio_url)).toEqual({ status: 200, score, sameBytes: true });
  return { place, server, admin, learner, homeworkId, stays };
}

test("a school goes to Postgres and back by its backup, and nobody is signed out", async () => {
  const { place, server, stays } = await smallSchool();
  const [first, second, third] = [newFile(), newFile(), newFile()];
  await server.stop();
  // Without a server the command opens the database itself.
  await must(place, "backup", first);

  expect(await admin(newPlace(), "backup", newFile())).toMatchObject({
    code: 1,
    err: expect.stringContaining("there is no school in DATA_DIR"),
  });
  const onPostgres = newPlace({ DATABASE_URL: await newDatabase() });
  await must(onPostgres, "restore", first);
  await must(onPostgres, "backup", second);
  expect(essence(await read(second))).toEqual(essence(await read(first)));
  // Another machine's folders: what is shared is the database and the uploads.
  const elsewhere = { ...onPostgres, DATA_DIR: join(root, crypto.randomUUID()) };
  const served = await startServer({ env: elsewhere });
  await stays(served);
  expect(await admin(onPostgres, "restore", first)).toMatchObject({
    code: 1,
    err: expect.stringContaining("the database is not empty"),
  });
  // While it runs, by its own connection.
  expect(await must(elsewhere, "backup", third, "--verify")).toMatch(/is good: .*1 recordings opened/);
  await served.stop();

  const back = newPlace();
  await must(back, "restore", third);
  await using again = await startServer({ env: back });
  await stays(again);
  const [before, after] = [counts(await read(first)), counts(await read(third))];
  expect(after).toEqual(before);
  figure(
    "Embedded, archive, Postgres, archive, embedded: rows of all tables, before and after",
    `${sum(before)} and ${sum(after)}; the old access token and signed address work in each place`,
    "the same",
  );
}, 240_000);

const sum = (of: Record<string, number>) => Object.values(of).reduce((all, one) => all + one, 0);

test("move: the school is on Postgres, with the work that was under way", async () => {
  const { place, server, learner, homeworkId, stays } = await smallSchool();
  await server.stop();
  const slow = await startServer({ env: { ...place, FAKE_RECOGNITION_MS: "60000" } });
  const open = await speak(api(slow.url, learner.token), homeworkId);
  const target = { ...place, DATABASE_URL: await newDatabase() };
  expect(await admin(target, "move")).toMatchObject({
    code: 1,
    err: expect.stringContaining(`is open in another process (pid ${slow.pid}): stop it first`),
  });
  slow.kill("SIGKILL");
  await slow.exited;

  const said = await must(target, "move");
  for (const line of [/^submissions +2 = 2$/m, /^files +2 = 2/m, /^moved: /m]) expect(said).toMatch(line);
  expect(await admin(target, "move")).toMatchObject({
    code: 1,
    err: expect.stringContaining("the database is not empty"),
  });
  expect(await admin(place, "move")).toMatchObject({ code: 1, err: expect.stringContaining("set DATABASE_URL") });
  // Whoever forgets DATABASE_URL does not go on in the old place.
  await expect(startServer({ env: place })).rejects.toThrow(/Cannot start: DATA_DIR: the school in \S+ was moved/);
  const [there, here] = [newFile(), newFile()];
  await must(target, "backup", there);
  // The source is as it was.
  await must(place, "backup", here);
  expect(essence(await read(there))).toEqual(essence(await read(here)));

  await using moved = await startServer({ env: target });
  await stays(moved);
  const done = await graded(api(moved.url, learner.token), open.id);
  expect(done).toMatchObject({ status: "auto_graded", grade_count: 1 });
  figure(
    "Moved from the embedded database to Postgres: rows and files compared",
    /^moved: ([^;]*)/m.exec(said)?.[1] ?? "",
    "all the same",
  );
  figure("A job that was open when the school moved", "graded once after the start on Postgres", "graded once");
}, 240_000);

test("ten migrate commands at once on an empty Postgres: one migrates, all are content", async () => {
  const place = newPlace({ DATABASE_URL: await newDatabase() });
  expect(await must(place, "migrate", "--pending")).toMatch(/^pending 2026_11_23_000_school$/m);
  expect((await admin(place, "doctor")).out).toMatch(/Migrations +pending: 2026_11_23_000_school/);
  const ran = await Promise.all(Array.from({ length: 10 }, () => admin(place, "migrate")));
  const migrated = ran.filter(({ out }) => out.includes("applied 2026_11_23_000_school"));
  const content = ran.filter(({ out }) => out.startsWith("nothing pending"));
  expect(ran.map(({ code }) => code)).toEqual(Array(10).fill(0));
  expect([migrated.length, content.length]).toEqual([1, 9]);
  expect(await must(place, "migrate", "--pending")).toContain("nothing pending");
  expect((await admin(place, "doctor")).out).toMatch(/Migrations +the database answers; nothing pending/);
  figure(
    "Ten migrate commands at once on an empty Postgres",
    `${migrated.length} migrated, ${content.length} had nothing to do`,
    "1 and 9",
  );

  await query(place.DATABASE_URL ?? "", "insert into kysely_migration values ('2099_01_01_000_future', '2099-01-01')");
  for (const words of [["migrate"], ["migrate", "--pending"]])
    expect(await admin(place, ...words)).toMatchObject({
      code: 1,
      err: expect.stringContaining("made by a newer version"),
    });
  await expect(startServer({ env: place })).rejects.toThrow("Cannot start: the database was made by a newer version");
}, 120_000);

test("a server that kept its secret beside the data takes it along to the database", async () => {
  const place = newPlace({ DATABASE_URL: await newDatabase() });
  await Bun.write(join(place.DATA_DIR ?? "", "secret_key"), `${"k".repeat(64)}\n`);
  const first = await startServer({ env: place });
  const { token } = await api(first.url).login();
  await first.stop();
  await using second = await startServer({ env: { ...place, DATA_DIR: join(root, "another machine") } });
  expect((await api(second.url, token).get("/api/v1/users/me")).status).toBe(200);
  expect([...(await query(place.DATABASE_URL ?? "", "select value from secrets"))]).toEqual([
    { value: "k".repeat(64) },
  ]);
}, 60_000);

test("--verify tells a good backup from a broken one", async () => {
  const { place, server } = await smallSchool();
  await using _ = server;
  const file = newFile();
  const made = await must(place, "backup", file, "--verify");
  expect(made).toMatch(/is written .*\n.*is good: .* 1 recordings opened/);
  expect(await must(place, "backup", file, "--verify")).toMatch(
    /^\S+ was there already: NO NEW BACKUP IS TAKEN.*\n\S+ is good/,
  );
  expect(await admin(place, "backup", file)).toMatchObject({ code: 1, err: expect.stringContaining("exists already") });

  const withAnotherSecret = newPlace({ SECRET_KEY: "another secret, set by somebody else" });
  expect(await must(withAnotherSecret, "restore", file)).toContain("SECRET_KEY is set to another one than it was");

  const whole = await Bun.file(file).bytes();
  const flipped = whole.slice();
  flipped[whole.length >> 1] = (flipped[whole.length >> 1] ?? 0) ^ 1;
  const parts = await Array.fromAsync(readArchive(file));
  const noise = crypto.getRandomValues(new Uint8Array(100));
  const broken = {
    "one byte flipped": flipped,
    "cut in half": whole.subarray(0, whole.length >> 1),
    "no archive": new TextEncoder().encode("Dear diary"),
    // Whole by its wrapping, and not what was handed in.
    "another recording": await Bun.file(
      await archiveOf(parts.map((part) => (part.kind === "file" ? { ...part, bytes: noise } : part))),
    ).bytes(),
  };
  for (const [what, bytes] of Object.entries(broken)) {
    const path = newFile();
    await Bun.write(path, bytes);
    const { code, err } = await admin(place, "backup", path, "--verify");
    expect({ what, code, lines: err.split("\n").filter((line) => /damaged|not a backup/.test(line)).length }).toEqual({
      what,
      code: 1,
      lines: 1,
    });
  }
  // A recording that rotted on the disk is told by the backup, and by whoever verifies it.
  const key = parts.flatMap((part) => (part.kind === "file" ? [part.key] : []))[0] ?? "";
  await Bun.write(join(place.UPLOAD_DIR ?? "", key), noise);
  const told = await admin(place, "backup", newFile(), "--verify");
  expect(told).toMatchObject({ code: 1, err: expect.stringContaining(key) });
}, 300_000);

test("a full disk is told in words, and no half of a backup stays", async () => {
  const small = join(root, "small");
  await mkdir(small);
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=72m", "tmpfs", small]);
  expect(mounted.exitCode, `a small disk takes root: ${mounted.stderr}`).toBe(0);
  try {
    const path = join(small, "a.tar.gz");
    const random = (megabytes: number) => new Uint8Array(randomBytes(megabytes * 1024 * 1024));
    const files = async function* (...sizes: number[]): AsyncGenerator<Part> {
      for (const [i, megabytes] of sizes.entries()) yield { kind: "file", key: `${i}`, bytes: random(megabytes) };
    };
    // Bit by bit, when a little is left free for the database; and all at once, when there is none.
    for (const sizes of [Array(20).fill(1), [90]])
      await expect(writeArchive(path, files(...sizes), never)).rejects.toThrow(
        /there is not room enough on the disk for .*a\.tar\.gz/,
      );
    expect(await readdir(small)).toEqual([]);
  } finally {
    Bun.spawnSync(["umount", small]);
  }
}, 60_000);
