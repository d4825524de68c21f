import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { s3Files } from "../../src/adapters/files/s3.ts";
import { fileStoreContract } from "../contracts/system.ts";
import { type Classroom, classroom, clip, graded } from "../support/classroom.ts";
import { type LiveServer, readyAs, startServer } from "../support/live.ts";
import { until } from "../support/processes.ts";
import { figure, size } from "../support/prove.ts";
import { type Store, startStore } from "../support/s3.ts";
import { smallDisk } from "../support/small_disk.ts";

// Uploads in a real S3 server: what its adapter promises, and a server that keeps its recordings there.

let store: Store;
// The first time on a machine it is built.
beforeAll(async () => {
  store = await startStore();
}, 600_000);
beforeEach(() => store.start());
afterAll(async () => store[Symbol.asyncDispose]());

fileStoreContract("S3", async () => s3Files({ ...(await store.another()), pageSize: 3 }), { serves: true });

test("every key is listed where there are more than a store lists at a time", async () => {
  const bucket = await store.another();
  const folder = join(store.folder, "..", bucket.bucket, "homework/audio");
  await mkdir(folder, { recursive: true });
  const count = size(1203, 5003);
  for (let i = 0; i < count; i++) await Bun.write(join(folder, `${i}.wav`), "x");
  const found = await s3Files(bucket).list();
  expect(new Set(found.map(({ key }) => key)).size).toBe(count);
}, 60_000);

test("an object has the content type of its key", async () => {
  const bucket = await store.another();
  for (const [key, type] of Object.entries({
    "a.m4a": "audio/mp4",
    "a.pdf": "application/pdf",
    "a.bin": "application/octet-stream",
  })) {
    await s3Files(bucket).put(key, new Uint8Array([1]));
    const signed = new Bun.S3Client({ ...bucket, region: "us-east-1" }).presign(key);
    expect((await fetch(signed)).headers.get("content-type")).toBe(type);
  }
});

test("a store whose disk is full refuses with storage_full, keeps nothing, and takes the next when there is room", async () => {
  await using disk = await smallDisk(8);
  await using full = await startStore({ root: disk.folder });
  const files = s3Files(full.bucket);
  const recording = new Uint8Array(1024 * 1024);
  disk.fill();
  await expect(files.put("homework/audio/a.wav", recording)).rejects.toMatchObject({ code: "storage_full" });
  await disk.makeRoom();
  expect(await files.list()).toEqual([]);
  await files.put("homework/audio/a.wav", recording);
  expect((await files.get("homework/audio/a.wav"))?.size).toBe(recording.length);
});

test("a store that is frozen makes nobody wait long", async () => {
  const files = s3Files(await store.another());
  store.freeze();
  const calls = {
    "a small put": () => files.put("a.wav", new Uint8Array(1000)),
    "a put of 25 MB": () => files.put("a.wav", new Uint8Array(25 * 1024 * 1024)),
    "a get": () => files.get("a.wav"),
    "a look": () => files.has("a.wav"),
    "a removal": () => files.remove("a.wav"),
  };
  const waits = Object.entries(calls).map(async ([what, call]) => {
    const start = performance.now();
    const error = await call().catch((error: unknown) => error);
    return { what, error, ms: performance.now() - start };
  });
  for (const { what, error, ms } of await Promise.all(waits)) {
    expect(error, what).toMatchObject({ code: "not_ready" });
    figure(`${what} to a store that does not answer`, `refused after ${(ms / 1000).toFixed(1)} s`, "within 4 s");
    expect(ms).toBeLessThan(4000);
  }
}, 40_000);

const AUDIO = "/api/v1/homework/submissions";
const keys = async () => (await s3Files(store.bucket).list()).map(({ key }) => key);

async function serving(env: Record<string, string> = {}): Promise<{ server: LiveServer; room: Classroom }> {
  const server = await startServer({
    env: { DISABLE_WHISPER: "1", RATE_LIMIT_MULTIPLIER: "100", ...store.env, ...env },
  });
  return { server, room: await classroom(server, { kind: "oral" }) };
}

const handIn = async ({ learner, homeworkId }: Classroom) =>
  learner.form(`/api/v1/homework/${homeworkId}/submit-oral`, { audio_file: await clip("cards-001.wav") });

test("a recording is handed in, graded, played by the store itself and downloaded from the server", async () => {
  const { server, room } = await serving();
  await using _ = server;
  const { status, body } = await handIn(room);
  expect(status).toBe(202);
  const result = await graded(room.learner, body.id);
  expect(result.status).toBe("auto_graded");
  const [key = "", ...others] = await keys();
  expect([key, others]).toEqual([expect.stringMatching(/^homework\/audio\/[\w-]+\.wav$/), []]);
  expect(await readdir(server.uploadDir).catch(() => "none")).toBe("none");

  const sent = await (await clip("cards-001.wav")).bytes();
  const signed = `${server.url}${result.audio_url}`;
  const redirect = await fetch(signed, { redirect: "manual" });
  expect(redirect.status).toBe(302);
  const address = redirect.headers.get("location") ?? "";
  expect(address).toStartWith(`${store.bucket.endpoint}/school/homework/audio/`);
  expect(address).not.toContain(store.bucket.secretAccessKey);
  expect(redirect.headers.get("cache-control")).toBe("private, max-age=600");
  expect(new URL(address).searchParams.get("X-Amz-Expires")).toBe("1200");

  const played = await fetch(signed);
  expect([played.status, played.headers.get("content-type")]).toEqual([200, "audio/wav"]);
  expect(await played.bytes()).toEqual(sent);
  const part = await fetch(signed, { headers: { range: "bytes=44-1043" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 44-1043/${sent.length}`]);
  expect(await part.bytes()).toEqual(sent.slice(44, 1044));
  expect((await fetch(signed, { method: "HEAD" })).headers.get("content-length")).toBe(String(sent.length));

  const forged = await fetch(signed.replace(/signature=.{4}/, "signature=AAAA"), { redirect: "manual" });
  expect([forged.status, forged.headers.get("location")]).toEqual([403, null]);

  const path = `/api/v1/homework/files/${result.file_id}/download`;
  const headers = { authorization: `Bearer ${room.learner.token}` };
  const whole = await fetch(`${server.url}${path}`, { headers, redirect: "manual" });
  expect([whole.status, whole.headers.get("content-disposition")]).toEqual([200, "attachment; filename=cards-001.wav"]);
  expect(await whole.bytes()).toEqual(sent);
  const ranged = await fetch(`${server.url}${path}`, { headers: { ...headers, range: "bytes=-10" } });
  expect([ranged.status, await ranged.bytes()]).toEqual([206, sent.slice(-10)]);

  await s3Files(store.bucket).remove(key);
  expect((await fetch(signed)).status).toBe(404);
}, 60_000);

test("a store that is away costs a learner nothing but a second try", async () => {
  const { server, room } = await serving();
  await using _ = server;
  for (const [how, leave] of [
    ["that does not answer", async () => store.freeze()],
    ["that was killed", store.kill],
  ] as const) {
    const before = await keys();
    await leave();
    const start = performance.now();
    const { status, headers, body } = await handIn(room);
    const ms = performance.now() - start;
    figure(`hand-in with a store ${how}`, `${status} after ${(ms / 1000).toFixed(1)} s`, "503 within 5 s");
    expect(body).toMatchObject({ status: 503, code: "not_ready", retry_after: 5 });
    expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    expect(ms).toBeLessThan(5000);
    expect(await readyAs(server.url, 503)).toEqual(["storage"]);
    expect((await room.learner.get("/api/v1/courses/")).status).toBe(200);
    await store.start();
    expect((await room.learner.get(`/api/v1/homework/${room.homeworkId}`)).status).toBe(200);
    expect((await room.admin.get(`/api/v1/homework/${room.homeworkId}/submissions`)).body).toEqual([]);
    // A frozen one takes in what was sent to it when it wakes: without a row, the sweep removes it.
    if (how === "that was killed") expect(await keys()).toEqual(before);
  }
  expect((await handIn(room)).status).toBe(202);
}, 60_000);

test("what cannot be read while the store is away waits, and is graded once it is back", async () => {
  const { server, room } = await serving({ FAKE_RECOGNITION_MS: "2500" });
  await using _ = server;
  // Two are worked on at a time: the third is not read before the first has been recognised.
  const ids: number[] = [];
  for (let i = 0; i < 3; i++) ids.push((await handIn(room)).body.id);
  await store.kill();
  const waits = () =>
    server
      .output()
      .split("\n")
      .filter((line) => /job attempt failed.*not_ready|not_ready.*job attempt failed/.test(line)).length;
  const enough = size(3, 25);
  expect(await until(() => waits() >= enough, enough * 6000)).toBe(true);
  const last = await room.learner.get(`${AUDIO}/${ids[2]}`);
  expect(["queued", "transcribing"]).toContain(last.body.status);
  const back = performance.now();
  await store.start();
  for (const id of ids) expect(await graded(room.learner, id)).toMatchObject({ status: "auto_graded", grade_count: 1 });
  const seconds = ((performance.now() - back) / 1000).toFixed(1);
  figure(`a job that found no store ${enough} times is graded after its return`, `${seconds} s`, "at most 20 s");
}, 240_000);

test("a wrong secret, a bucket that is not there and a store that is away stop the start with one line", async () => {
  const wrong = "a-wrong-secret-that-is-nowhere-told";
  for (const [env, words] of [
    [{ S3_SECRET_ACCESS_KEY: wrong }, /SignatureDoesNotMatch/],
    [{ S3_BUCKET: "nowhere" }, /the bucket nowhere there cannot be written.*NoSuchBucket/],
    [{ S3_ENDPOINT: "http://127.0.0.1:1" }, /ECONNREFUSED/],
  ] as const) {
    const failure = await serving(env).then(
      () => new Error("it started"),
      (error: Error) => error,
    );
    const told = failure.message.split("\n").filter((line) => line.startsWith("Cannot start: S3_ENDPOINT: "));
    expect(told, failure.message).toHaveLength(1);
    expect(told[0]).toMatch(words);
    for (const secret of [wrong, store.bucket.secretAccessKey, "X-Amz"]) expect(failure.message).not.toContain(secret);
  }
}, 60_000);

test("doctor looks into the bucket", async () => {
  const doctor = (env: Record<string, string>) => {
    const all = {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      DISABLE_WHISPER: "1",
      ...store.env,
      ...env,
    };
    const command = [process.execPath, "--env-file=/dev/null", "scripts/admin.ts", "doctor"];
    return Bun.spawnSync(command, { cwd: join(import.meta.dir, "../.."), env: all }).stdout.toString();
  };
  const well = doctor({});
  expect(well).toMatch(/ok +Uploads +S3 bucket, 25 MB each/);
  expect(well).toMatch(/ok +Bucket school +a file can be written and removed/);
  expect(well).not.toContain("Folder uploads");
  const ill = doctor({ S3_SECRET_ACCESS_KEY: "wrong" });
  expect(ill).toMatch(/MENDME +Bucket school .*SignatureDoesNotMatch/);
}, 60_000);
