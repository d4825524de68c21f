import { afterAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { gzipSync } from "bun";
import { sql } from "kysely";
import { pack } from "tar-stream";
import type { Part } from "../src/adapters/archive/parts.ts";
import { writeArchive } from "../src/adapters/archive/write.ts";
import { memoryFiles } from "../src/adapters/memory/files.ts";
import { connect } from "../src/adapters/postgres/connect.ts";
import { alone, appliedMigrations, migrate, migrateUpTo, pending } from "../src/adapters/postgres/migrate.ts";
import { postgresPorts } from "../src/adapters/postgres/mod.ts";
import { ensureSecretOf, replaceSecretOf, storedSecretOf } from "../src/adapters/postgres/secret.ts";
import { backUp } from "../src/backup.ts";
import { sha256Of } from "../src/fill.ts";
import { archiveOf, never, newPath, partsIn, restoreInto, SECRET, schoolOn } from "./support/archives.ts";
import { emptied, freshDatabase } from "./support/database.ts";
import { tone } from "./support/school.ts";

// A school into a file and out of it again. Whole servers, and a real Postgres, are in tests/system/backup_test.ts.

const FIRST = "2026_11_23_000_school";
const other = await connect("memory://");
afterAll(other.close);

const target = async () => {
  await migrate(other.db);
  return schoolOn(await emptied(other.db));
};

const at = "2026-01-01T00:00:00.000Z";
const recording = await tone().bytes();

/** One learner with so many recordings. */
async function source(recordings = 2) {
  const db = await freshDatabase();
  const school = schoolOn(db, memoryFiles());
  await sql`insert into users (email, role, is_active, password_hash, language, created_at, updated_at)
    values ('a@example.com', 'user', true, 'x', 'uz', ${at}, ${at})`.execute(db);
  await sql`insert into courses (title, description, level, language, created_at, updated_at)
    values ('c', '', 'A1', 'en', ${at}, ${at})`.execute(db);
  await sql`insert into homeworks (title, description, course_id, kind, language, max_score, allow_late,
      late_penalty_percent, published, auto_release, version, created_at, updated_at)
    values ('h', '', 1, 'oral', 'en', 100, true, 0, true, true, 1, ${at}, ${at})`.execute(db);
  const { submissions, files } = postgresPorts(db);
  for (let i = 1; i <= recordings; i++) {
    await sql`insert into submissions (homework_id, user_id, attempt, kind, status, files, flags, grade_count, late,
        penalty, version, submitted_at, created_at, updated_at)
      values (1, 1, ${i}, 'oral', 'queued', '[]', '[]', 0, false, 0, 1, ${at}, ${at}, ${at})`.execute(db);
    const key = `homework/audio/${i}.wav`;
    await school.fileStore.put(key, recording);
    const file = { owner_id: 1, submission_id: i, key, name: "ʻa.wav", mime: "audio/wav", size: recording.length };
    await files.add({ ...file, sha256: sha256Of(recording), duration_ms: 1500, created_at: at });
  }
  expect(await submissions.count({})).toBe(recordings);
  return school;
}

/** Every row of every table as Postgres writes it. */
async function contents(db: typeof other.db): Promise<Record<string, string[]>> {
  const { rows: tables } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%' order by 1`.execute(db);
  const all: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ line: string }>`select t::text as line from ${sql.table(name)} t order by 1`.execute(
      db,
    );
    all[name] = rows.map(({ line }) => line);
  }
  return all;
}

test("every value comes back as it was, and ids go on where they were", async () => {
  const from = await source();
  const { db } = from.connection;
  await sql
    .raw(`insert into audit (actor_id, action, subject, details, created_at) values
    (null, 'null', '', 'null', '2026-01-01 00:00:00.000001+00'),
    (1, 'quotes '' " \\ / ', E'tab\\tline\\nend', '{"a" :  "\\u0000 \\n", "b":1e400}', '1999-12-31 23:59:59.999999+05'),
    (1, 'oʻqituvchi 👩🏽‍🏫', '{}', '[ ]', 'infinity'), (2147483647, '\\N', ',', '""', '0044-03-15 BC')`)
    .execute(db);
  await sql.raw(`update homeworks set max_score = 0.1::float8 + 0.2::float8, late_penalty_percent = 'NaN'`).execute(db);
  await sql.raw(`update submissions set raw_score = -0.0::float8, score = 5e-324, penalty = '-Infinity'`).execute(db);
  // The newest are deleted: nobody may get their ids again.
  await sql`insert into tickets (user_id, session_id, hash, expires_at) select 1, 1, 'h', now() where false`.execute(
    db,
  );
  await sql`delete from audit where actor_id = 2147483647`.execute(db);

  const to = await target();
  const path = await archiveOf(await partsIn(from));
  const { manifest, secret } = await restoreInto(to, path);

  expect(await contents(to.connection.db)).toEqual(await contents(db));
  expect(to.fileStore.kept).toEqual(from.fileStore.kept);
  expect(secret).toBe(SECRET);
  expect(manifest.migrations).toEqual(await appliedMigrations(db));
  const added = await sql<{ id: number }>`insert into audit (action, subject, details, created_at)
    values ('', '', '{}', now()) returning id`.execute(to.connection.db);
  expect(added.rows[0]?.id).toBe(5);
  // A table that never had a row begins with its first id.
  const { rows } = await sql<{ n: number }>`select nextval('tickets_id_seq')::int as n`.execute(to.connection.db);
  expect(rows[0]?.n).toBe(1);
});

test("more rows than fit in one part come through", async () => {
  const from = await source(0);
  await sql`insert into audit (action, subject, details, created_at)
    select repeat('a', 300), i::text, '{}', now() from generate_series(1, 9000) i`.execute(from.connection.db);
  const parts = await partsIn(from);
  expect(parts.filter((part) => part.kind === "rows" && part.table === "audit").length).toBeGreaterThan(2);
  const to = await target();
  await restoreInto(to, await archiveOf(parts));
  expect(await contents(to.connection.db)).toEqual(await contents(from.connection.db));
});

test("only its owner may read it, an existing file is left alone, and what fails leaves nothing", async () => {
  const from = await source();
  const path = newPath();
  const how = { report: () => {}, signal: never };
  const said = await backUp(from, path, how);
  expect(said).toContain("2 files");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const before = await Bun.file(path).bytes();
  await expect(backUp(from, path, how)).rejects.toThrow("exists already");
  expect(await Bun.file(path).bytes()).toEqual(before);

  const broken = {
    ...from,
    fileStore: { ...from.fileStore, get: () => Promise.reject(new Error("the disk is broken")) },
  };
  const ended = AbortSignal.abort(new Error("the server is stopping"));
  const [first, second, third] = [newPath(), newPath(), `${dirname(path)}/nowhere/a.tar.gz`];
  await expect(backUp(broken, first, how)).rejects.toThrow("the disk is broken");
  await expect(backUp(from, second, { ...how, signal: ended })).rejects.toThrow("the server is stopping");
  await expect(backUp(from, third, how)).rejects.toThrow("cannot be made");
  const names = await readdir(dirname(path));
  for (const name of [first, second]) expect(names.filter((there) => there.startsWith(basename(name)))).toEqual([]);
  // Its only connection is free again.
  expect(await from.connection.db.transaction().execute(async () => "free")).toBe("free");
});

test("a backup that is ended in the middle of a file leaves nothing, and the server on its feet", async () => {
  const path = newPath();
  const ending = new AbortController();
  const parts = async function* (): AsyncGenerator<Part> {
    const bytes = new Uint8Array(randomBytes(4 * 1024 * 1024));
    for (let i = 0; i < 200; i++) yield { kind: "file", key: `${i}`, bytes };
    throw new Error("it was not ended");
  };
  const work = writeArchive(path, parts(), ending.signal);
  // The first bytes are on the disk.
  while ((await stat(`${path}.part`).catch(() => ({ size: 0 }))).size === 0) await Bun.sleep(1);
  ending.abort(new Error("the server is stopping"));
  await expect(work).rejects.toThrow("the server is stopping");
  expect((await readdir(dirname(path))).filter((name) => name.startsWith(basename(path)))).toEqual([]);
});

test("a file that was removed meanwhile is noted, and the rest comes back", async () => {
  const from = await source();
  await from.fileStore.remove("homework/audio/1.wav");
  const path = newPath();
  expect(await backUp(from, path, { report: () => {}, signal: never })).toContain("not there any more: 1");
  const to = await target();
  expect((await restoreInto(to, path)).end.missing).toEqual(["homework/audio/1.wav"]);
  expect([...to.fileStore.kept.keys()]).toEqual(["homework/audio/2.wav"]);
});

test("a recording that is not what was handed in is in the backup, and named by those who look", async () => {
  const from = await source();
  await from.fileStore.put("homework/audio/2.wav", recording.toReversed());
  const path = newPath();
  expect(await backUp(from, path, { report: () => {}, signal: never })).toContain("NOT WHAT WAS HANDED IN: 1");
  expect((await restoreInto(await target(), path)).end.damaged).toEqual(["homework/audio/2.wav"]);
});

/** One that lies in its parts, whole by every checksum of its wrapping. */
async function forged(change: (parts: Part[]) => Part[]): Promise<string> {
  return archiveOf(change(await partsIn(await source())));
}
const bytesOf = async () => Bun.file(await archiveOf(await partsIn(await source()))).bytes();
const written = async (bytes: Uint8Array) => {
  const path = newPath();
  await Bun.write(path, bytes);
  return path;
};
const withTraversal = (parts: Part[]): Part[] =>
  parts.map((part) =>
    part.kind === "rows" && part.table === "files"
      ? { ...part, lines: part.lines.map((line) => line.replace("homework/audio/1.wav", "../../escaped.wav")) }
      : part.kind === "file" && part.key.endsWith("1.wav")
        ? { ...part, key: "../../escaped.wav" }
        : part,
  );
async function* firstOf(chunks: AsyncIterable<unknown>) {
  for await (const chunk of chunks) {
    yield chunk;
    return;
  }
}
async function tarOf(header: { name: string; size: number; type?: "file" | "symlink"; linkname?: string }) {
  const archive = pack();
  archive.entry(header, () => {}).on("error", () => {});
  const [head] = await Array.fromAsync(firstOf(archive));
  if (!(head instanceof Uint8Array)) throw new Error("no header was made");
  // Zeros where the content should be: a little of much that is promised.
  return written(gzipSync(Buffer.concat([head, Buffer.alloc(1024 * 1024)])));
}

test.each<[string, () => Promise<string>, RegExp]>([
  [
    "one byte changed",
    async () => {
      const bytes = await bytesOf();
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      return written(bytes);
    },
    /is damaged|is not a backup/,
  ],
  [
    "cut in half",
    async () => {
      const bytes = await bytesOf();
      return written(bytes.subarray(0, bytes.length >> 1));
    },
    /is damaged/,
  ],
  ["without its last byte", async () => written((await bytesOf()).subarray(0, -1)), /is damaged/],
  ["no archive", () => written(new TextEncoder().encode("Dear diary")), /is not a backup/],
  ["nothing at all", () => written(new Uint8Array()), /is not a backup/],
  ["nothing, packed", () => written(gzipSync(new Uint8Array(1024))), /manifest is not where/],
  ["an archive of something else", () => tarOf({ name: "photo.jpg", size: 10 }), /is not a backup.*photo\.jpg/],
  ["a manifest of many gigabytes", () => tarOf({ name: "manifest.json", size: 2 ** 36 }), /would be of 65536 MB/],
  ["a file of many gigabytes", () => tarOf({ name: "files/a", size: 2 ** 40 }), /would be of/],
  ["a link", () => tarOf({ name: "files/a", size: 0, type: "symlink", linkname: "/etc/passwd" }), /does not belong/],
  ["a path that leads out of the uploads", () => forged(withTraversal), /no name for a file/],
  [
    "a file of no row",
    () => forged((parts) => parts.toSpliced(-1, 0, { kind: "file", key: "x", bytes: recording })),
    /in no row/,
  ],
  ["a file too few", () => forged((parts) => parts.filter((part) => part.kind !== "file")), /is not in it/],
  [
    "another file",
    () =>
      forged((parts) => parts.map((part) => (part.kind === "file" ? { ...part, bytes: new Uint8Array([1]) } : part))),
    /not what its checksum says/,
  ],
  [
    "rows too few",
    () => forged((parts) => parts.filter((part) => part.kind !== "rows" || part.table !== "files")),
    /has 0 rows and should have 2/,
  ],
  [
    "rows of nonsense",
    () => forged((parts) => parts.map((part) => (part.kind === "rows" ? { ...part, lines: ["{]"] } : part))),
    /do not fit in/,
  ],
  ["no end", () => forged((parts) => parts.slice(0, -1)), /end is not where/],
  ["more after its end", () => forged((parts) => [...parts, ...parts]), /manifest comes after its end/],
])("%s is refused in one sentence, and leaves nothing behind", async (_, make, sentence) => {
  const path = await make();
  const to = await target();
  const error = await restoreInto(to, path).then(
    () => null,
    (error: Error) => error.message,
  );
  expect(error).toMatch(sentence);
  expect(error).not.toContain("\n");
  expect(error).toContain(path);
  expect(Object.values(await contents(to.connection.db)).flat()).toEqual([]);
  expect([...to.fileStore.kept.keys()]).toEqual([]);
  expect(to.kept.secret).toBe(SECRET);
  expect(existsSync(`${dirname(dirname(path))}/escaped.wav`)).toBe(false);
});

test("what is not empty, or newer, is left as it is", async () => {
  const path = await archiveOf(await partsIn(await source()));
  const to = await target();
  const { db } = to.connection;
  await sql`insert into audit (action, subject, details, created_at) values ('', '', '{}', now())`.execute(db);
  await expect(restoreInto(to, path)).rejects.toThrow("the database is not empty: there are audit");
  await emptied(db);

  await to.fileStore.put("homework/audio/of-another.wav", recording);
  await expect(restoreInto(to, path)).rejects.toThrow("there is homework/audio/of-another.wav");
  await to.fileStore.remove("homework/audio/of-another.wav");

  const older = await forged((parts) =>
    parts.map((part) =>
      part.kind === "manifest" ? { ...part, manifest: { ...part.manifest, migrations: [FIRST] } } : part,
    ),
  );
  await expect(restoreInto(to, older)).rejects.toThrow(
    /newer than what is to come into it: it has 2026_11_24_000_secrets/,
  );
  expect(Object.values(await contents(db)).flat()).toEqual([]);
});

test("one that a newer version made is refused by name", async () => {
  for (const newer of [{ format: 2 }, { migrations: [FIRST, "2099_01_01_000_future"] }]) {
    const path = await forged((parts) =>
      parts.map((part) =>
        part.kind === "manifest" ? { ...part, manifest: { ...part.manifest, ...newer, version: "9.9.9" } } : part,
      ),
    );
    await expect(restoreInto(await target(), path)).rejects.toThrow("made by a newer version of this server (9.9.9)");
  }
});

test("a backup from another folder than the school's is refused, and not called good", async () => {
  const from = await source(3);
  for (const key of ["homework/audio/1.wav", "homework/audio/2.wav"]) await from.fileStore.remove(key);
  const path = newPath();
  await expect(backUp(from, path, { report: () => {}, signal: never })).rejects.toThrow(
    /2 of \d files are not among the uploads/,
  );
  expect(await Bun.file(path).exists()).toBe(false);
});

test("a restore that failed can be run again", async () => {
  const from = await source(3);
  const path = await archiveOf(await partsIn(from));
  const to = await target();
  let room = 2;
  const full = {
    ...to,
    fileStore: {
      ...to.fileStore,
      put: async (key: string, bytes: Uint8Array) => {
        if (room-- === 0) throw new Error("no room");
        await to.fileStore.put(key, bytes);
      },
    },
  };
  await expect(restoreInto(full, path)).rejects.toThrow("no room");
  expect([...to.fileStore.kept.keys()]).toEqual([]);
  // What lies there is somebody's, and stays: it may be the very school that the backup was made of.
  await to.fileStore.put("homework/audio/1.wav", recording);
  await expect(restoreInto(to, path)).rejects.toThrow("the uploads are not empty: there is homework/audio/1.wav");
  await to.fileStore.put(".school", recording);
  await to.fileStore.put(".restoring", recording);
  await expect(restoreInto(to, path)).rejects.toThrow("the uploads are not empty: there is .school");
  expect([...to.fileStore.kept.keys()].sort()).toEqual([".restoring", ".school", "homework/audio/1.wav"]);
  // But for what a restore had begun to put when it was killed.
  await to.fileStore.remove(".school");
  await restoreInto(to, path);
  expect(await contents(to.connection.db)).toEqual(await contents(from.connection.db));
  expect(to.fileStore.kept).toEqual(from.fileStore.kept);
});

test("one of an older version is brought to this one; a database of a newer one is refused in words", async () => {
  const { db } = other;
  await wiped(db);
  await alone(db, (connection) => migrateUpTo(connection, FIRST));
  expect(await pending(db)).toEqual(["2026_11_24_000_secrets", "2026_11_24_001_tutor", "2026_11_27_000_pronunciation"]);
  expect(await storedSecretOf(db, "secret_key")).toBeNull();
  await sql`insert into audit (action, subject, details, created_at) values ('old', '', '{}', ${at})`.execute(db);
  const path = await archiveOf(await partsIn(schoolOn(db)));
  await wiped(db);
  await restoreInto(schoolOn(db), path);
  expect(await pending(db)).toEqual([]);
  expect((await contents(db)).audit).toEqual([expect.stringContaining("old")]);

  await sql`insert into kysely_migration (name, timestamp) values ('2099_01_01_000_future', '2099-01-01')`.execute(db);
  for (const act of [pending, migrate])
    await expect(act(db)).rejects.toThrow(/made by a newer version of this server: it has 2099_01_01_000_future/);
  await wiped(db);
});

/** As before the first migration. */
async function wiped(db: typeof other.db) {
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
}

test("processes that start at once agree on one secret", async () => {
  const db = await freshDatabase();
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, i) => ensureSecretOf(db, "secret_key", async () => `secret ${i}`)),
  );
  expect(new Set(made).size).toBe(1);
  await replaceSecretOf(db, "secret_key", "another");
  expect(await ensureSecretOf(db, "secret_key", async () => "unused")).toBe("another");
});
