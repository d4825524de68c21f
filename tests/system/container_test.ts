import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classroom, graded } from "../support/classroom.ts";
import { parseDockerfile } from "../support/dockerfile.ts";
import { buildImage, type Image, PREPARED, take } from "../support/image.ts";
import { type Entered, enter, enterBeside, outside, quoted } from "../support/layers.ts";
import { api, freePort, SUPERUSER } from "../support/live.ts";
import { childrenOf, isRunning, until } from "../support/processes.ts";
import { figure } from "../support/prove.ts";

// The Dockerfile, every instruction of it, without a container engine: the image is built in plain folders, and its
// command runs there as an engine would run it, with a root that is read only, as compose.yaml has it.

const PROJECT = join(import.meta.dir, "../..");

let image: Image;
let folder = "";
let server: Entered;
let url = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  image = PREPARED && existsSync(PREPARED) ? await take(PREPARED) : await buildImage(PROJECT);
  figure("the Dockerfile, every instruction", `${image.seconds.toFixed(0)} s`, "under 300 s");
  folder = await mkdtemp(join(tmpdir(), "container-"));
  const volume = join(folder, "data");
  // A new volume begins as the folder of the image.
  await outside(
    [image.layer],
    `cp -a ${quoted(join(image.layer.root, "data"))} ${quoted(volume)}; chmod 711 ${quoted(folder)}`,
  );
  const port = String(freePort());
  env = {
    ...image.env,
    HOST: "127.0.0.1",
    PORT: port,
    FIRST_SUPERUSER_PASSWORD: SUPERUSER.password,
  };
  url = `http://127.0.0.1:${port}`;
  const { entrypoint, command } = image.stage;
  const inside = {
    env,
    cwd: image.cwd,
    user: image.user,
    readOnly: true,
    volumes: { "/data": volume },
    tmpfs: ["/tmp"],
  };
  server = enter(image.layer, [...(entrypoint ?? []), ...command], inside);
}, 600_000);

afterAll(async () => {
  server?.kill();
  await server?.done();
  await image?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const beside = (...command: string[]) =>
  enterBeside(server.pid(), command, { env, cwd: image.cwd, user: image.user }).done();

const megabytes = (path: string) =>
  Math.round(Number(Bun.spawnSync(["du", "-sk", path]).stdout.toString().split(/\s/)[0]) / 1024);

test("the health check passes once the server listens, and it gets ready", async () => {
  const { health } = image.stage;
  let last = { code: -1, output: "" };
  for (const end = Date.now() + 60_000; last.code !== 0 && Date.now() < end; await Bun.sleep(100))
    last = await beside(...(health?.command ?? ["false"]));
  expect(last, server.output()).toMatchObject({ code: 0 });
  let status = 0;
  for (const end = Date.now() + 60_000; status !== 200 && Date.now() < end; await Bun.sleep(100))
    status = (await fetch(`${url}/ready`)).status;
  expect(status, server.output()).toBe(200);
}, 130_000);

test("the health check fails where no server listens", async () => {
  const { health } = image.stage;
  const port = String(freePort());
  const asked = enterBeside(server.pid(), health?.command ?? [], { env: { ...env, PORT: port }, user: image.user });
  expect(await asked.done()).not.toMatchObject({ code: 0 });
});

test("it is the first process, and neither root nor able to become it", async () => {
  const status = await Bun.file(`/proc/${server.pid()}/status`).text();
  expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
  expect(status).toMatch(/^Gid:\t10001\t10001\t10001\t10001$/m);
  expect(status).toMatch(/^NSpid:\t\d+\t1$/m);
  expect(status).toMatch(/^Cap(Prm|Eff|Bnd):\t0+$/m);
  expect((await beside("touch", "/app/src/main.ts")).code).not.toBe(0);
});

test("a recording is recognised and graded inside", async () => {
  const begun = performance.now();
  const { body } = await api(url).get("/");
  expect(body.state).toContainEqual(expect.objectContaining({ name: "Recognition", state: "on" }));
  expect(body.state).toContainEqual(expect.objectContaining({ name: "Pronunciation", state: "on" }));
  expect(body.state).toContainEqual(
    expect.objectContaining({ name: "Audio", note: expect.stringContaining("ffmpeg") }),
  );
  const room = await classroom({ url }, { kind: "oral", reference_text: "He was not an ill disposed young man." });
  const audio_file = new File([await Bun.file(join(PROJECT, "tests/test_data/test_audio.wav")).bytes()], "a.wav");
  const handed = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, { audio_file });
  expect(handed.status).toBe(202);
  const submission = await graded(room.learner, handed.body.id, 120_000);
  expect(submission.status, server.output()).toBe("auto_graded");
  expect(submission.transcript).toMatch(/young man/i);
  expect(submission.auto_score).toBeGreaterThan(60);
  expect(submission.analysis.pronunciation).toMatchObject({ method: "acoustic", accuracy_score: expect.any(Number) });
  figure("a recording graded in the image", `${((performance.now() - begun) / 1000).toFixed(1)} s`, "it is graded");
  const memory = [server.pid(), ...below(server.pid())].reduce((sum, pid) => sum + proportional(pid), 0);
  figure(
    "memory of server, recogniser, scorer and grader in the image",
    `${Math.round(memory / 1024)} MB`,
    "under 1536 MB",
  );
  expect(memory).toBeLessThan(1536 * 1024);
}, 130_000);

const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)]);

/** Kilobytes, with what is shared counted once among those who share it. */
const proportional = (pid: number) =>
  Number(/^Pss:\s+(\d+)/m.exec(Bun.spawnSync(["cat", `/proc/${pid}/smaps_rollup`]).stdout.toString())?.[1] ?? 0);

test("ffmpeg of the image writes and reads the formats that are taken", async () => {
  for (const format of ["mp3", "ogg", "webm", "m4a", "flac"]) {
    const script = `ffmpeg -v error -f lavfi -i sine=d=1 -y /tmp/a.${format} && ffmpeg -v error -i /tmp/a.${format} -f null -`;
    expect(await beside("sh", "-c", script)).toMatchObject({ code: 0, output: "" });
  }
});

test("the commands for whoever is at the machine work inside", async () => {
  const doctor = await beside("bun", "scripts/admin.ts", "doctor");
  expect(doctor.output).not.toContain("MENDME");
  expect(doctor).toMatchObject({ code: 0 });
  // What it says of itself and what it gives come together here.
  expect((await beside("bun", "scripts/admin.ts", "token", SUPERUSER.username)).output).toMatch(
    /^school: embedded, in \/data\/data\n\S+\.\S+\.\S+\n$/,
  );
});

test("no compiler, no tests and nothing for development is in the image", async () => {
  const unwanted = ["gcc", "g++", "cc", "make", "python3", "git", "curl"];
  expect((await beside("sh", "-c", `for name in ${unwanted.join(" ")}; do command -v $name; done; true`)).output).toBe(
    "",
  );
  const folders = [
    "tests",
    "node_modules/typescript",
    "node_modules/@biomejs",
    "node_modules/playwright-core",
    ".git",
    ".env",
    "node_modules/onnxruntime-node/bin/napi-v6/win32/*",
    "node_modules/onnxruntime-node/bin/napi-v6/darwin/*",
  ];
  expect((await beside("sh", "-c", `ls -d ${folders.join(" ")} 2>/dev/null; true`)).output).toBe("");
  expect(image.context.filter((file) => /^(tests|docs|uploads|data|node_modules|\.)/.test(file))).toEqual([]);
  figure("the image's own layers", `${megabytes(image.layer.changed)} MB`, "under 800 MB");
  const slowest = image.took.toSorted((a, b) => b.seconds - a.seconds).slice(0, 3);
  for (const { command, seconds } of slowest) console.log(`    ${seconds.toFixed(1)} s: ${command.slice(0, 70)}…`);
  expect(megabytes(image.layer.changed)).toBeLessThan(800);
});

test("it says on which port it listens, where its data is and how to end it", () =>
  expect(image.stage).toMatchObject({ ports: [8004], volumes: ["/data"], stopSignal: "SIGTERM", entrypoint: [] }));

test("SIGTERM ends it in time, with nothing left behind", async () => {
  const pid = server.pid();
  const zombies = below(pid).filter((child) =>
    /^State:\s+Z/m.test(Bun.spawnSync(["cat", `/proc/${child}/status`]).stdout.toString()),
  );
  expect(zombies).toEqual([]);
  const begun = performance.now();
  process.kill(pid, "SIGTERM");
  const { code, output } = await server.done();
  const seconds = (performance.now() - begun) / 1000;
  expect(code, output).toBe(0);
  expect(seconds).toBeLessThan(10);
  expect(await until(() => childrenOf(pid).length === 0, 1000)).toBe(true);
  figure("SIGTERM to the end, in the image", `${seconds.toFixed(1)} s`, "under 10 s");
}, 20_000);

test("what is killed inside leaves nothing behind", async () => {
  const other = enter(image.layer, ["sh", "-c", "sleep 1000 & sleep 1000"], { env: image.env, user: image.user });
  const all = () => [other.pid(), ...below(other.pid())].filter((pid) => pid > 0);
  expect(await until(() => all().length === 3, 5000)).toBe(true);
  const pids = all();
  other.kill();
  await other.done();
  expect(await until(() => !pids.some(isRunning), 5000)).toBe(true);
});

test("an instruction that is not known is told", () => {
  for (const line of [
    'SHELL ["sh"]',
    "ADD a b/",
    "RUN --mount=type=cache,target=/x true",
    "COPY --chown=1 a b/",
    "ENV A $B",
  ])
    expect(() => parseDockerfile(`FROM x\n${line}`)).toThrow();
});
