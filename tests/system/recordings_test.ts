import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { align } from "../../src/domain/alignment.ts";
import { barePath } from "../support/bare_path.ts";
import { type Classroom, classroom, clip, graded } from "../support/classroom.ts";
import { type LiveServer, startServer } from "../support/live.ts";
import { healthP99 } from "../support/load.ts";
import { figure, size } from "../support/prove.ts";

// The nine clips of the manifest through the API, in every format, with ffmpeg on the server's PATH and without.

type Clip = { file: string; transcript: string };
const CLIPS: Clip[] = await Bun.file("tests/test_data/speech/manifest.json").json();

const FORMATS: Record<string, string[]> = {
  wav: [],
  webm: ["-c:a", "libopus", "-b:a", "32k"],
  ogg: ["-c:a", "libopus", "-b:a", "32k"],
  mp3: ["-b:a", "64k"],
  m4a: ["-c:a", "aac", "-b:a", "64k"],
  flac: [],
};

/** In every format; the others as WAV alone. */
const few = CLIPS.slice(0, size(1, CLIPS.length));

const folder = await mkdtemp(join(tmpdir(), "recordings-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ffmpeg(...options: string[]): Promise<void> {
  const run = Bun.spawn(["ffmpeg", "-v", "error", "-y", ...options], { stderr: "inherit" });
  expect(await run.exited).toBe(0);
}

beforeAll(async () => {
  for (const clip of CLIPS)
    for (const [format, options] of Object.entries(FORMATS)) {
      if (format !== "wav" && !few.includes(clip)) continue;
      const { file } = clip;
      const target = join(folder, `${file}.${format}`);
      const source = `tests/test_data/speech/${file}`;
      await ffmpeg("-i", source, ...options, target);
    }
}, 120_000);

/** Words that were heard wrongly, of all the clips in one format. */
async function wrongWords(room: Classroom, format: string, clips: Clip[]): Promise<number> {
  const sent: { id: number; transcript: string }[] = [];
  for (const { file, transcript } of clips) {
    const audio_file = new File([await Bun.file(join(folder, `${file}.${format}`)).bytes()], `answer.${format}`);
    const answer = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, { audio_file });
    expect(answer.status, `${file} as ${format}: ${JSON.stringify(answer.body)}`).toBe(202);
    sent.push({ id: answer.body.id, transcript });
  }
  let wrong = 0;
  for (const { id, transcript } of sent) {
    const body = await graded(room.learner, id);
    expect(body.status).toBe("auto_graded");
    const { missing, added, replaced } = align(transcript, body.transcript);
    wrong += missing + added + replaced;
  }
  return wrong;
}

async function serving(env: Record<string, string>): Promise<{ server: LiveServer; room: Classroom }> {
  const server = await startServer({ env: { RATE_LIMIT_MULTIPLIER: "100", ...env } });
  return { server, room: await classroom(server, { kind: "oral" }) };
}

const words = CLIPS.reduce((sum, { transcript }) => sum + transcript.split(" ").length, 0);

for (const [place, env] of [
  ["with ffmpeg", async () => ({})],
  ["without ffmpeg", async () => ({ PATH: await barePath("nice") })],
] as const)
  test(`recordings in every format are heard alike, ${place}`, async () => {
    const { server, room } = await serving(await env());
    await using _ = server;
    const asWav = await wrongWords(room, "wav", CLIPS);
    figure(`words wrong of ${words} as WAV, ${place}`, String(asWav), "at most 6");
    expect(asWav).toBeLessThanOrEqual(6);
    const fewAsWav = few.length === CLIPS.length ? asWav : await wrongWords(room, "wav", few);
    for (const format of Object.keys(FORMATS).filter((name) => name !== "wav")) {
      const wrong = await wrongWords(room, format, few);
      figure(
        `more words wrong as ${format} than as WAV, ${place}, ${few.length} clips`,
        String(wrong - fewAsWav),
        "at most 2",
      );
      expect(wrong - fewAsWav).toBeLessThanOrEqual(2);
    }
  }, 400_000);

test("while four recordings are recognised, /health stays quick", async () => {
  const { server, room } = await serving({});
  await using _ = server;
  // The recogniser's model and the grammar are loaded before anything is measured.
  await wrongWords(room, "wav", CLIPS.slice(0, 1));
  const idleUntil = Date.now() + 5000;
  const idle = await healthP99(server.url, async () => Date.now() > idleUntil);

  const audio_file = await clip("librivox-0870.wav");
  const ids: number[] = [];
  const send = async () => {
    const { body } = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, { audio_file });
    ids.push(body.id);
  };
  for (let i = 0; i < 4; i++) await send();
  let open = ids.length;
  const busy = await healthP99(server.url, async () => {
    const states = await Promise.all(ids.map((id) => room.learner.get(`/api/v1/homework/submissions/${id}`)));
    open = states.filter(({ body }) => body.status !== "auto_graded").length;
    return open === 0;
  });
  const limit = Math.max(50, idle + 30);
  figure(
    "/health p99 while four recordings are recognised",
    `${busy.toFixed(1)} ms`,
    `under ${limit.toFixed(0)} ms (idle ${idle.toFixed(1)} ms)`,
  );
  expect(busy).toBeLessThan(limit);
}, 120_000);

test("a bad recording is refused in words, at once, and leaves nothing behind", async () => {
  const { server, room } = await serving({ PATH: process.env.PATH ?? "" });
  await using _ = server;
  const whole = await Bun.file("tests/test_data/speech/librivox-0870.wav").bytes();
  const minute = join(folder, "minute.ogg");
  await ffmpeg(
    "-f",
    "lavfi",
    "-i",
    "anullsrc=r=8000:cl=mono",
    "-t",
    "60",
    "-c:a",
    "libopus",
    "-b:a",
    "500",
    "-frame_duration",
    "60",
    minute,
  );
  await ffmpeg("-stream_loop", "1439", "-i", minute, "-c", "copy", join(folder, "day.ogg"));
  const random = crypto.getRandomValues(new Uint8Array(50_000));
  const text = (words: string) => new TextEncoder().encode(words);
  const bad: [name: string, bytes: Uint8Array<ArrayBuffer>, codes: string[]][] = [
    ["empty.wav", new Uint8Array(), ["audio_empty"]],
    ["header.wav", whole.slice(0, 44), ["audio_unreadable", "audio_too_short", "audio_empty"]],
    ["random.wav", random, ["unsupported_audio"]],
    ["cut.wav", whole.slice(0, whole.length >> 1), ["audio_unreadable"]],
    ["page.wav", text("<!doctype html><title>x</title><script>alert(1)</script>"), ["unsupported_audio"]],
    ["list.m3u", text("#EXTM3U\nhttp://127.0.0.1:1/secret.mp3\n/etc/passwd\n"), ["unsupported_audio"]],
    ["list.ffconcat", text("ffconcat version 1.0\nfile /etc/passwd\n"), ["unsupported_audio"]],
    ["day.ogg", await Bun.file(join(folder, "day.ogg")).bytes(), ["audio_too_long"]],
    ["huge.wav", new Uint8Array(26 * 1024 * 1024), ["too_large"]],
  ];
  const before = await tree(server.uploadDir);
  for (const [name, bytes, codes] of bad) {
    const start = performance.now();
    const answer = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
      audio_file: new File([bytes], name),
    });
    const ms = performance.now() - start;
    expect(codes, `${name}: ${JSON.stringify(answer.body)}`).toContain(answer.body.code);
    expect(answer.status).toBeWithin(400, 500);
    expect(answer.body.detail.length).toBeGreaterThan(20);
    expect(ms, name).toBeLessThan(5000);
    figure(`bad recording ${name}`, `${answer.status} ${answer.body.code} in ${ms.toFixed(0)} ms`, "4xx within 5 s");
  }
  // A name is shown, never used as a path.
  const hostile = await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
    audio_file: new File([whole], "../../x.wav"),
  });
  expect(hostile.status).toBe(202);
  await graded(room.learner, hostile.body.id);
  const after = await tree(server.uploadDir);
  expect(after.filter((path) => !before.includes(path))).toEqual([
    expect.stringMatching(/^homework\/audio\/[\w-]+\.wav$/),
  ]);
  expect(await Bun.file(join(server.uploadDir, "../../x.wav")).exists()).toBe(false);
  // The recogniser and the grammar checker stay for the next answer; no decoder does.
  expect(childrenOf(server.pid).filter((command) => /ffmpeg|decode|aac/.test(command))).toEqual([]);
}, 120_000);

const tree = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
};

function childrenOf(pid: number): string[] {
  const { stdout } = Bun.spawnSync(["ps", "-eo", "ppid,args"]);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line.trim().startsWith(`${pid} `));
}
