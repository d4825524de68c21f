import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { median, quantile } from "../../scripts/pronunciation/agreement.ts";
import { SAMPLE_RATE, type Samples } from "../../src/domain/speech.ts";
import { makeWav } from "../contracts/audio.ts";
import { clip } from "../support/classroom.ts";
import { type Api, api, type LiveServer, startServer } from "../support/live.ts";
import { healthP99 } from "../support/load.ts";
import { noise } from "../support/noise.ts";
import { childrenOf, until } from "../support/processes.ts";
import { figure, size } from "../support/prove.ts";
import { joined, type Recorded, recordings, clip as samplesOf } from "../support/recordings.ts";
import { leftOf, signedUp, UNTOUCHED } from "../support/tutoring.ts";

// Pronunciation as its users meet it: the real server and the real scorer, on the speech that ships with the tests.

const ASSESS = "/api/v1/ai/pronunciation";

let server: LiveServer;
/** Admins are not limited by quotas. */
let admin: Api;
beforeAll(async () => {
  server = await startServer({ env: { DISABLE_WHISPER: "1", DISABLE_TTS: "1", RATE_LIMIT_MULTIPLIER: "100" } });
  admin = await api(server.url).login();
  // The model is loaded before anything is measured.
  await assess(admin, await clip("goforward.wav"), "go forward ten meters");
}, 120_000);
afterAll(() => server.stop());

const assess = (who: Api, file: File, reference_text: string) => who.form(ASSESS, { file, reference_text });

const asFile = (samples: Samples): File =>
  new File(
    [
      makeWav({
        seconds: samples.length / SAMPLE_RATE,
        sound: (second) => samples[Math.round(second * SAMPLE_RATE)] ?? 0,
      }),
    ],
    "reading.wav",
  );

type Word = { index: number; word: string; score: number; error_type: string; start_ms?: number; end_ms?: number };

const recorded = (file: string): Recorded => {
  const found = recordings.find((one) => one.file === file);
  if (!found) throw new Error(`${file} is not among the recordings`);
  return found;
};
const SENTENCE = recorded("librivox-0870.wav");
const FIVE_SECONDS = recorded("librivox-0890.wav");
const OTHER = recorded("librivox-0930.wav");

test("a reading is assessed word by word, with times, and costs one analysis", async () => {
  const learner = await signedUp(server.url);
  const { status, body } = await assess(learner, await clip(SENTENCE.file), SENTENCE.transcript);
  expect(status, JSON.stringify(body)).toBe(200);
  const words: Word[] = body.words;
  expect(words.map(({ word }) => word)).toEqual(SENTENCE.transcript.split(" "));
  expect(body).toMatchObject({ method: "acoustic", reference_text: SENTENCE.transcript, completeness_score: 100 });
  expect([body.engine, body.confidence, body.scoring_version]).toEqual([
    expect.stringMatching(/./),
    expect.stringMatching(/^(low|medium|high)$/),
    expect.any(Number),
  ]);
  // Somebody reads who speaks English from birth.
  for (const score of [body.accuracy_score, body.fluency_score, body.overall_score])
    expect(score).toBeWithin(70, 100.01);
  expect(words.filter(({ error_type }) => error_type !== "None").length).toBeLessThanOrEqual(1);
  const times = words.flatMap(({ start_ms = Number.NaN, end_ms = Number.NaN }) => [start_ms, end_ms]);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeWithin(5000, 7200);
  expect(await leftOf(learner)).toEqual({ ...UNTOUCHED, pronunciation_analysis_left: 29 });
});

test("another text is refused as such, and nothing is spent", async () => {
  const learner = await signedUp(server.url);
  for (const [spoken, read] of [
    [SENTENCE, OTHER],
    [OTHER, FIVE_SECONDS],
  ] as const) {
    const { status, body } = await assess(learner, await clip(spoken.file), read.transcript);
    expect([status, body.code], JSON.stringify(body)).toEqual([422, "wrong_text"]);
  }
  expect(await leftOf(learner)).toEqual(UNTOUCHED);
});

test("what cannot be judged is refused with what to do, and nothing is spent", async () => {
  const learner = await signedUp(server.url);
  const samples = samplesOf(SENTENCE.file);
  const random = noise();
  const unusable: Record<string, Samples> = {
    silence: new Float32Array(3 * SAMPLE_RATE),
    noise: new Float32Array(3 * SAMPLE_RATE).map(() => 0.3 * random()),
    "speech under noise": samples.map((sample) => sample + 0.8 * random()),
    "speech that is cut off": samples.map((sample) => Math.max(-1, Math.min(1, 60 * sample))),
  };
  for (const [name, sound] of Object.entries(unusable)) {
    const { status, body } = await assess(learner, asFile(sound), SENTENCE.transcript);
    expect([name, status, body.code], JSON.stringify(body)).toEqual([name, 422, "audio_unusable"]);
    expect(body.detail.length).toBeGreaterThan(20);
  }
  expect(await leftOf(learner)).toEqual(UNTOUCHED);
});

describe("a reading that is not its text", () => {
  /** The words of the text alone, without those that were added. */
  const ofText = (words: readonly Word[]) => words.filter(({ error_type }) => error_type !== "Insertion");

  test("a word that was exchanged is named: flagged, and the lowest of all", async () => {
    const swaps = recordings.flatMap((one) => {
      const words = one.transcript.split(" ");
      return words.length < 4 ? [] : words.map((_, at) => ({ one, words: words.with(at, "purple"), at }));
    });
    const few = swaps.filter((_, i) => i % size(8, 1) === 0);
    let named = 0;
    for (const { one, words, at } of few) {
      const { body } = await assess(admin, await clip(one.file), words.join(" "));
      const all: Word[] = ofText(body.words ?? []);
      const [lowest, next] = all.toSorted((a, b) => a.score - b.score);
      if (lowest?.index === at && lowest.error_type !== "None" && (next?.score ?? 0) > lowest.score) named++;
    }
    figure("a word of the text exchanged: that word is named", `${named} of ${few.length}`, "97 in 100");
    expect(named / few.length).toBeGreaterThanOrEqual(0.9);
  }, 120_000);

  test("what was left out is told, and what was added", async () => {
    const { body: half } = await assess(admin, await clip(SENTENCE.file), `${SENTENCE.transcript} ${OTHER.transcript}`);
    const read = SENTENCE.transcript.split(" ").length;
    const missing = ofText(half.words).filter(({ error_type }) => error_type === "Omission");
    expect(missing.map(({ word }) => word)).toEqual(OTHER.transcript.split(" "));
    expect(missing[0]?.index).toBe(read);
    expect(half.completeness_score).toBeCloseTo((100 * read) / (read + missing.length), 0);

    const both = joined([samplesOf(SENTENCE.file), samplesOf(OTHER.file)], 0.3);
    const { body: more } = await assess(admin, asFile(both), SENTENCE.transcript);
    const added = (more.words as Word[]).filter(({ error_type }) => error_type === "Insertion");
    const wanted = OTHER.transcript.split(" ");
    const found = wanted.filter((word) => added.some((one) => one.word.toLowerCase().includes(word)));
    expect(found.length / wanted.length).toBeGreaterThanOrEqual(0.7);
    expect(more.completeness_score).toBe(100);
  });
});

test("the same recording scores alike in every format, quieter, and the same when sent again", async () => {
  const options: Record<string, string[]> = {
    webm: ["-c:a", "libopus", "-b:a", "32k"],
    ogg: ["-c:a", "libopus", "-b:a", "32k"],
    mp3: ["-b:a", "64k"],
    m4a: ["-c:a", "aac", "-b:a", "64k", "-movflags", "frag_keyframe+empty_moov"],
    flac: [],
  };
  const muxers: Record<string, string> = { m4a: "mp4" };
  const made = async (file: string, format: string) => {
    const source = `tests/test_data/speech/${file}`;
    const words = ["-v", "error", "-i", source, ...(options[format] ?? []), "-f", muxers[format] ?? format, "pipe:1"];
    const run = Bun.spawn(["ffmpeg", ...words], { stdout: "pipe", stderr: "inherit" });
    return new File([await new Response(run.stdout).bytes()], `reading.${format}`);
  };
  const apart: number[] = [];
  for (const { file, transcript } of recordings.slice(0, size(3, 9))) {
    const { body: plain } = await assess(admin, await clip(file), transcript);
    const { body: again } = await assess(admin, await clip(file), transcript);
    expect(again.words).toEqual(plain.words);
    const quiet = asFile(samplesOf(file).map((sample) => sample / 2));
    for (const other of [quiet, ...(await Promise.all(Object.keys(options).map((format) => made(file, format))))]) {
      const { status, body } = await assess(admin, other, transcript);
      expect(status, `${file} as ${other.name}: ${JSON.stringify(body)}`).toBe(200);
      apart.push(Math.abs(body.overall_score - plain.overall_score));
      apart.push(Math.abs(body.accuracy_score - plain.accuracy_score));
    }
  }
  const [middle, most] = [median(apart), Math.max(...apart)];
  figure(
    "points between the same reading as WAV and in five formats or 6 dB lower: median and most",
    `${middle.toFixed(1)} and ${most.toFixed(1)}`,
    "3 and 8",
  );
  expect(middle).toBeLessThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(8);
}, 120_000);

/** The scorer's process. */
const scorer = (): number => {
  const own = childrenOf(server.pid).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("adapters/pronunciation"),
  );
  expect(own).toHaveLength(1);
  return own[0] ?? 0;
};

/** Processor time that a process has used, in hundredths of a second. */
const worked = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\)\s/s, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
};

describe("in time", () => {
  /** The recordings one after the other, with a breath between them. */
  const reading = (times: number) => {
    const all = Array.from({ length: times }, () => recordings).flat();
    const samples = joined(
      all.map(({ file }) => samplesOf(file)),
      0.4,
    );
    return {
      file: asFile(samples),
      text: all.map(({ transcript }) => transcript).join(" "),
      seconds: samples.length / SAMPLE_RATE,
    };
  };

  test("a clip of five seconds is answered quickly", async () => {
    const file = await clip(FIVE_SECONDS.file);
    const times: number[] = [];
    for (let i = 0; i < size(10, 30); i++) {
      const start = performance.now();
      expect((await assess(admin, file, FIVE_SECONDS.transcript)).status).toBe(200);
      times.push(performance.now() - start);
    }
    figure(
      "a clip of 5.3 s assessed over HTTP, warm: median and 95th percentile",
      `${median(times).toFixed(0)} and ${quantile(times, 0.95).toFixed(0)} ms`,
      "300 ms on an idle machine",
    );
    expect(median(times)).toBeLessThan(5000);
  }, 60_000);

  test("while four are assessed at a time, /health stays quick", async () => {
    const idleUntil = Date.now() + size(2000, 5000);
    const idle = await healthP99(server.url, async () => Date.now() > idleUntil);
    const file = await clip(SENTENCE.file);
    const statuses: number[] = [];
    // Two at a time are what one may have.
    const [first, second] = [await signedUp(server.url), await signedUp(server.url)];
    const one = async (learner: Api) => {
      for (let i = 0; i < size(5, 14); i++) {
        statuses.push((await assess(learner, file, SENTENCE.transcript)).status);
      }
    };
    let isOver = false;
    const all = Promise.all([first, first, second, second].map(one)).finally(() => {
      isOver = true;
    });
    const busy = await healthP99(server.url, async () => isOver);
    await all;
    expect(new Set(statuses)).toEqual(new Set([200]));
    const limit = Math.max(50, idle + 30);
    figure(
      "/health p99 while four readings at a time are assessed",
      `${busy.toFixed(1)} ms`,
      `under ${limit.toFixed(0)} ms (idle ${idle.toFixed(1)} ms)`,
    );
    expect(busy).toBeLessThan(limit);
  }, 120_000);

  test("a long reading is assessed whole, in time and within memory", async () => {
    const { file, text, seconds } = reading(size(2, 3));
    const start = performance.now();
    const { status, body } = await assess(admin, file, text);
    const took = (performance.now() - start) / 1000;
    expect(status, JSON.stringify(body)).toBe(200);
    figure(`a reading of ${seconds.toFixed(0)} s is assessed within`, `${took.toFixed(1)} s`, "15 s for 120 s");
    expect(body.completeness_score).toBeGreaterThan(95);
    expect(took).toBeLessThan(seconds);
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${scorer()}/status`, "utf8")) ?? [];
    const megabytes = Number(kilobytes) / 1024;
    figure("memory of the scorer's process, at most", `${megabytes.toFixed(0)} MB`, "under 500 MB");
    expect(megabytes).toBeLessThan(500);
  }, 120_000);

  test("a scorer killed in the middle fails that call, costs nothing, and the next one works", async () => {
    const learner = await signedUp(server.url);
    const { file, text } = reading(2);
    const pid = scorer();
    const before = worked(pid);
    const cut = assess(learner, file, text);
    expect(await until(() => worked(pid) > before + 5, 20_000)).toBe(true);
    process.kill(pid, "SIGKILL");
    const { status, body } = await cut;
    expect([status, body.code]).toEqual([502, "scoring_failed"]);
    expect(await leftOf(learner)).toEqual(UNTOUCHED);
    expect((await assess(learner, await clip(OTHER.file), OTHER.transcript)).status).toBe(200);
    expect((await leftOf(learner)).pronunciation_analysis_left).toBe(29);
  }, 60_000);
});
