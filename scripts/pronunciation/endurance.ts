import { readFileSync } from "node:fs";
import type { PronunciationScorer } from "../../src/application/ports/pronunciation.ts";
import type { AudioDecoder } from "../../src/application/ports/speech.ts";
import { AppError } from "../../src/domain/errors.ts";
import type { Pronounced } from "../../src/domain/pronunciation.ts";
import { SAMPLE_RATE, type Samples } from "../../src/domain/speech.ts";
import { joined } from "../../tests/support/recordings.ts";
import { median, quantile, spread } from "./agreement.ts";
import type { Judged } from "./judged.ts";
import type { Line } from "./misreadings.ts";

// The same speech in other formats, quieter, again, at length: the answer stays, and comes in time.

/** As browsers, phones and messengers send it; ffmpeg's options after the input. */
const ENCODINGS: Readonly<Record<string, readonly string[]>> = {
  MP3: ["-b:a", "64k", "-f", "mp3"],
  "OGG, Opus": ["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"],
  "WebM, Opus": ["-c:a", "libopus", "-b:a", "32k", "-f", "webm"],
  "M4A, AAC": ["-c:a", "aac", "-b:a", "64k", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
  FLAC: ["-f", "flac"],
};
const CLIPS = 40;
const QUIETER_DB = 6;
const RUNS = 30;
const READING_S = 120;
const PAUSE_S = 0.4;

const wave = (samples: Samples): Uint8Array => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

/** A recording in another format. */
async function encoded(samples: Samples, options: readonly string[]): Promise<Uint8Array> {
  const input = ["-f", "f32le", "-ar", String(SAMPLE_RATE), "-ac", "1", "-i", "pipe:0"];
  const child = Bun.spawn(["ffmpeg", "-v", "error", ...input, ...options, "pipe:1"], {
    stdin: wave(samples),
    stdout: "pipe",
    stderr: "inherit",
  });
  const bytes = await new Response(child.stdout).bytes();
  if ((await child.exited) !== 0) throw new Error(`ffmpeg could not write ${options.at(-1)}`);
  return bytes;
}

/** What failed for want of processor time on a busy machine is tried again: a measuring of minutes is not lost to it. */
export async function patiently<T>(work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = error instanceof AppError && ["decoding_failed", "scoring_failed"].includes(error.code);
    if (!isOurs || tries <= 1) throw error;
    return patiently(work, tries - 1);
  }
}

const english = (scorer: PronunciationScorer, samples: Samples, text: string) =>
  scorer.score(samples, { text, language: "en" });

/** The same speech, changed in some way, and how far its scores go: points of 100. */
async function sameness(
  scorer: PronunciationScorer,
  clips: readonly Judged[],
  what: string,
  change: (samples: Samples) => Promise<Samples>,
): Promise<Line> {
  const differences: { total: number; accuracy: number }[] = [];
  for (const { clip, samples, result } of clips) {
    const changed = await english(scorer, await change(samples), clip.text);
    const apart = (aspect: "total" | "accuracy") => Math.abs(changed[aspect] - result[aspect]);
    differences.push({ total: apart("total"), accuracy: apart("accuracy") });
  }
  const of = (aspect: "total" | "accuracy") => {
    const all = differences.map((one) => one[aspect]);
    return `${aspect} ${median(all).toFixed(1)} and ${Math.max(...all).toFixed(1)}`;
  };
  return {
    what: `${what}: points apart, median and most (${clips.length})`,
    measured: `${of("total")}, ${of("accuracy")}`,
    wanted: "3 and 8",
  };
}

export async function robustness(
  scorer: PronunciationScorer,
  decoder: AudioDecoder,
  clips: readonly Judged[],
): Promise<Line[]> {
  const some = spread(clips, CLIPS);
  const lines: Line[] = [];
  for (const [name, options] of Object.entries(ENCODINGS)) {
    const decoded = async (samples: Samples) => {
      const bytes = await encoded(samples, options);
      return (await patiently(() => decoder.decode(bytes))).samples;
    };
    lines.push(await sameness(scorer, some, name, decoded));
  }
  const factor = 10 ** (-QUIETER_DB / 20);
  lines.push(
    await sameness(scorer, some, `${QUIETER_DB} dB lower`, async (samples) => samples.map((sample) => factor * sample)),
  );
  let same = 0;
  for (const { clip, samples, result } of some) {
    if (Bun.deepEquals(await english(scorer, samples, clip.text), result)) same++;
  }
  lines.push({
    what: "the same input twice: the same answer",
    measured: `${same} of ${some.length}`,
    wanted: `${some.length}`,
  });
  return lines;
}

const megabytes = (pid: number, field: "VmRSS" | "VmHWM"): number => {
  const [, kilobytes = "0"] =
    new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
};

/** The clips of the speaker with most of them, over and over, as one reading. */
function reading(clips: readonly Judged[]): { samples: Samples; text: string } {
  const [own = []] = [...Map.groupBy(clips, ({ clip }) => clip.speaker).values()].toSorted(
    (a, b) => b.length - a.length,
  );
  const parts: Judged[] = [];
  let seconds = 0;
  for (let i = 0; seconds < READING_S; i++) {
    const next = own[i % own.length];
    if (!next) break;
    parts.push(next);
    seconds += next.samples.length / SAMPLE_RATE + PAUSE_S;
  }
  const samples = joined(
    parts.map(({ samples }) => samples),
    PAUSE_S,
  );
  return { samples, text: parts.map(({ clip }) => clip.text).join(" ") };
}

const timed = async (work: () => Promise<Pronounced>) => {
  const began = performance.now();
  const result = await work();
  return { result, ms: performance.now() - began };
};

/** `children` gives the scorer's processes. */
export async function speed(
  scorer: PronunciationScorer,
  clips: readonly Judged[],
  children: () => readonly number[],
): Promise<Line[]> {
  const apart = ({ samples }: Judged) => Math.abs(samples.length / SAMPLE_RATE - 5);
  const [five] = clips.toSorted((a, b) => apart(a) - apart(b));
  if (!five) return [];
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    times.push((await timed(() => english(scorer, five.samples, five.clip.text))).ms);
  }
  const long = reading(clips);
  const { result, ms } = await timed(() => english(scorer, long.samples, long.text));
  const said = result.words.filter(({ said }) => said).length;
  const memory = (field: "VmRSS" | "VmHWM") => children().reduce((sum, pid) => sum + megabytes(pid, field), 0);
  const seconds = (samples: Samples) => (samples.length / SAMPLE_RATE).toFixed(1);
  return [
    {
      what: `a clip of ${seconds(five.samples)} s, warm, ${RUNS} times: median and 95th percentile`,
      measured: `${median(times).toFixed(0)} and ${quantile(times, 0.95).toFixed(0)} ms`,
      wanted: "300 ms",
    },
    {
      what: `a reading of ${seconds(long.samples)} s, ${result.words.length} words`,
      measured: `${(ms / 1000).toFixed(1)} s; ${said} words said${result.wrong_text ? ", refused as another text" : ""}`,
      wanted: "under 15 s",
    },
    {
      what: "memory of the scorer's process after it, and at most",
      measured: `${memory("VmRSS")} and ${memory("VmHWM")} MB`,
      wanted: "under 500 MB",
    },
  ];
}
