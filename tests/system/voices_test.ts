import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { espeak, espeakUzbek } from "../../src/adapters/ai/espeak.ts";
import { whisper } from "../../src/adapters/ai/whisper.ts";
import { SHIPPED_MODEL } from "../../src/adapters/ai/whisper_ready.ts";
import { audioDecoder } from "../../src/adapters/audio/mod.ts";
import { align } from "../../src/domain/alignment.ts";
import { wholeOf } from "../contracts/voice.ts";
import { childrenOf } from "../support/processes.ts";
import { figure, size } from "../support/prove.ts";

// The real voice, judged by programs that had no part in it: ffprobe, and a recogniser.

const folder = mkdtempSync(join(tmpdir(), "voices-"));
const port = espeak();
const recogniser = whisper({ model: SHIPPED_MODEL.file });
const decoder = audioDecoder({ tmpDir: folder });
afterAll(async () => {
  await Promise.all([port.stop(), recogniser.stop(), decoder.stop()]);
  rmSync(folder, { recursive: true });
});

const spoken = async (text: string, language: string) => wholeOf(await port.speak(text, { language }));

/** Seconds and format, as ffprobe sees them; whatever it complains of fails. */
async function probed(mp3: Uint8Array): Promise<{ seconds: number; format: string }> {
  const file = join(folder, "speech.mp3");
  await Bun.write(file, mp3);
  const run = (...command: string[]) => {
    const { stdout, stderr, exitCode } = Bun.spawnSync(command);
    // A constant bitrate has no header that tells the length, so it is worked out.
    const complaints = stderr
      .toString()
      .split("\n")
      .filter((line) => line && !line.includes("from bitrate"));
    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: [] });
    return stdout.toString().trim();
  };
  run("ffmpeg", "-v", "warning", "-i", file, "-f", "null", "-");
  const entries = "format=duration,format_name";
  const [format = "", seconds] = run(
    "ffprobe",
    "-v",
    "warning",
    "-show_entries",
    entries,
    "-of",
    "csv=p=0",
    file,
  ).split(",");
  return { seconds: Number(seconds), format };
}

/** How espeak says it without us: phonemes line by line, and the seconds of its own sound. */
async function byEspeakItself(
  voice: string,
  lines: readonly string[],
): Promise<{ phonemes: string; seconds: number }[]> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../support/espeak_phonemes.ts"), voice], {
    stdin: new Blob([lines.join("\n")]),
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const ENGLISH = [
  "My brother works in a small shop near the station.",
  "We went to the mountains last summer by train.",
  "She is reading a book about the history of tea.",
  "They have lived in this house for five years.",
  "The weather is warm today, so we can walk to school.",
  "He wants to become a doctor and help people.",
  "I get up at seven o'clock and have breakfast with my family.",
  "Could you tell me the way to the museum, please?",
  "If it rains tomorrow, we will stay at home and watch a film.",
  "Learning a language takes time, but it is worth the effort.",
];

describe("English", () => {
  test("Whisper reads back what was said, with at most 1 word in 10 wrong", async () => {
    let [words, wrong] = [0, 0];
    const seen: string[] = [];
    for (const sentence of ENGLISH) {
      const { samples } = await decoder.decode(await spoken(sentence, "en"));
      const { text } = await recogniser.transcribe(samples, { language: "en" });
      const { same, missing, added, replaced } = align(sentence, text);
      words += same + missing + replaced;
      wrong += missing + added + replaced;
      if (missing + added + replaced > 0) seen.push(`${sentence} -> ${text}`);
    }
    console.log(seen.join("\n"));
    figure("espeak's English, read back by Whisper base", `${wrong} of ${words} words wrong`, "at most 1 in 10");
    expect(words).toBeGreaterThan(80);
    expect(wrong / words).toBeLessThanOrEqual(0.1);
  }, 300_000);

  test("a long text is one file for ffprobe", async () => {
    const { seconds, format } = await probed(await spoken(ENGLISH.join(" "), "en"));
    expect(format).toBe("mp3");
    expect(seconds).toBeWithin(25, 60);
  }, 60_000);
});

const UZBEK = readFileSync(join(import.meta.dir, "../test_data/uzbek_phonemes.tsv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split("\t"))
  .map(([written = "", said = "", phonemes = ""]) => ({ written, said, phonemes }));

describe("Uzbek", () => {
  let own: { phonemes: string; seconds: number }[] = [];
  beforeAll(async () => {
    own = await byEspeakItself(
      "uz",
      UZBEK.map(({ written }) => espeakUzbek(written)),
    );
  });

  test("ten sentences have the letters and the phonemes that were looked at one by one", () => {
    const now = UZBEK.map(({ written }, i) => ({
      written,
      said: espeakUzbek(written),
      phonemes: own[i]?.phonemes ?? "",
    }));
    expect(now).toHaveLength(10);
    expect(now).toEqual(UZBEK);
  });

  test("its MP3 is as long as espeak's own speech, within 20 in 100, and can be heard", async () => {
    let worst = 0;
    for (const [i, { written }] of UZBEK.entries()) {
      const mp3 = await spoken(written, "uz");
      const { seconds, format } = await probed(mp3);
      expect(format).toBe("mp3");
      const wanted = own[i]?.seconds ?? 0;
      worst = Math.max(worst, Math.abs(seconds / wanted - 1));
      const { samples } = await decoder.decode(mp3);
      const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      expect(20 * Math.log10(loudness)).toBeGreaterThan(-35);
    }
    figure(
      "Uzbek speech, length against espeak's own",
      `${Math.round(worst * 100)} in 100 off at worst`,
      "within 20 in 100",
    );
    expect(worst).toBeLessThanOrEqual(0.2);
  }, 120_000);
});

describe("its process", () => {
  const text = `${ENGLISH.join(" ")} `.repeat(20).slice(0, 5000);

  test("the first byte of 5 000 characters comes within a second, once it is warm", async () => {
    await spoken("Hello.", "en");
    const firsts: number[] = [];
    for (let i = 0; i < size(5, 40); i++) {
      const start = performance.now();
      const { sound } = await port.speak(text, { language: i % 2 ? "uz" : "en" });
      for await (const _ of sound) break;
      firsts.push(performance.now() - start);
    }
    const slowest = Math.max(...firsts);
    figure(
      `first byte of 5 000 characters by espeak, slowest of ${firsts.length}`,
      `${Math.round(slowest)} ms`,
      "within 1 s",
    );
    expect(slowest).toBeLessThan(1000);
  }, 120_000);

  test("it speaks far faster than one listens, and its memory stays", async () => {
    const before = childrenOf(process.pid);
    const fresh = espeak();
    await wholeOf(await fresh.speak("Hello.", { language: "en" }));
    const [child = 0] = childrenOf(process.pid).filter((pid) => !before.includes(pid));
    const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, "utf8"))?.[1]) / 1024;
    const start = performance.now();
    let seconds = 0;
    const rounds = size(2, 20);
    for (let i = 0; i < rounds; i++) {
      seconds += (await wholeOf(await fresh.speak(text, { language: "en" }))).length / 6000;
    }
    const factor = (performance.now() - start) / 1000 / seconds;
    figure("espeak with MP3, seconds of work for one of speech", factor.toFixed(4), "below 0.1");
    figure(
      `memory of espeak's process after ${rounds} texts of 5 000 characters`,
      `${Math.round(megabytes())} MB`,
      "below 400 MB",
    );
    expect(factor).toBeLessThan(0.1);
    expect(megabytes()).toBeLessThan(400);
    await fresh.stop();
  }, 300_000);
});
