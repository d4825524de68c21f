import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audioDecoder, findFfmpeg } from "../../src/adapters/audio/mod.ts";
import { SAMPLE_RATE } from "../../src/domain/speech.ts";
import {
  ALL_FORMATS,
  audioDecoderContract,
  likeness,
  makeWav,
  readSpeech,
  refusal,
  SPEECH,
} from "../contracts/audio.ts";

// Files as browsers and phones make them, and as nobody should: made here by ffmpeg, decoded with it and without.

const ANSWER_MS = 5_000;
const found = findFfmpeg();
test("this machine has ffmpeg", () => expect(found).not.toBeNull());
const ffmpeg = found ?? "ffmpeg";

const folder = await mkdtemp(join(tmpdir(), "formats-"));
const tmpDir = join(folder, "tmp");
const DECODERS = {
  "with ffmpeg": audioDecoder({ ffmpeg, tmpDir }),
  "without ffmpeg": audioDecoder({ ffmpeg: null, tmpDir }),
};
afterAll(async () => {
  await Promise.all(Object.values(DECODERS).map((decoder) => decoder.stop()));
  expect(await childrenOfOurs()).toEqual([]);
  expect(await readdir(tmpDir)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** What ffmpeg writes, into a file as `name` says, or into a pipe where the muxer is named. */
async function make(name: string, args: string[], muxer?: string): Promise<Uint8Array> {
  const path = join(folder, name);
  await rm(path, { force: true });
  const out = muxer ? ["-f", muxer, "pipe:1"] : [path];
  const child = Bun.spawn([ffmpeg, "-nostdin", "-v", "error", "-y", ...args, ...out], {
    stdout: muxer ? Bun.file(path) : "ignore",
    stderr: "inherit",
  });
  expect(await child.exited).toBe(0);
  return Bun.file(path).bytes();
}

async function childrenOfOurs(): Promise<string[]> {
  const lines = (await Bun.$`ps -A -o ppid=,stat=,args=`.text()).split("\n").map((line) => line.trim());
  return lines.filter((line) => line.startsWith(`${process.pid} `) && !/ps -A| Z/.test(line));
}

audioDecoderContract("ffmpeg", () => audioDecoder({ ffmpeg, tmpDir }), ALL_FORMATS);

const ENCODINGS: Record<string, { args: string[]; muxer?: string; like: number }> = {
  "webm, as from Chrome": { args: ["-c:a", "libopus", "-live", "1"], muxer: "webm", like: 0.95 },
  "webm with its length": { args: ["-c:a", "libopus", "-f", "webm"], like: 0.95 },
  "ogg with Opus, as from Telegram": { args: ["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"], like: 0.95 },
  "ogg with Vorbis": { args: ["-c:a", "libvorbis", "-f", "ogg"], like: 0.95 },
  mp3: { args: ["-f", "mp3"], like: 0.95 },
  "mp3 from a pipe": { args: ["-ar", "44100"], muxer: "mp3", like: 0.95 },
  m4a: { args: ["-c:a", "aac", "-ar", "44100", "-f", "ipod"], like: 0.95 },
  "mp4 in fragments, as from Safari": {
    args: ["-c:a", "aac", "-ar", "48000", "-movflags", "frag_keyframe+empty_moov+default_base_moof"],
    muxer: "mp4",
    like: 0.95,
  },
  flac: { args: ["-f", "flac"], like: 0.999 },
  "flac from a pipe": { args: ["-ac", "2", "-ar", "48000"], muxer: "flac", like: 0.999 },
  "wav of 96 kHz, 24 bit, stereo": {
    args: ["-ar", "96000", "-ac", "2", "-c:a", "pcm_s24le", "-f", "wav"],
    like: 0.999,
  },
  "wav from a pipe": { args: [], muxer: "wav", like: 0.999 },
};

const clips: { file: string }[] = await Bun.file(join(SPEECH, "manifest.json")).json();

describe("speech survives each format", () => {
  for (const [name, { args, muxer, like }] of Object.entries(ENCODINGS)) {
    test(name, async () => {
      for (const { file } of clips) {
        const bytes = await make(`clip-${name}`, ["-i", join(SPEECH, file), ...args], muxer);
        const plain = await DECODERS["with ffmpeg"].decode(await readSpeech(file));
        for (const [how, decoder] of Object.entries(DECODERS)) {
          const { samples } = await decoder.decode(bytes);
          const off = Math.abs(samples.length - plain.samples.length) / SAMPLE_RATE;
          expect({ how, file, near: off < 0.09 }).toEqual({ how, file, near: true });
          expect({ how, file, alike: likeness(plain.samples, samples) > like }).toEqual({ how, file, alike: true });
        }
      }
    }, 60_000);
  }
});

const noise = (length: number) => crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)));
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const clip = join(SPEECH, "librivox-0870.wav");
const silence = (seconds: number) => ["-f", "lavfi", "-i", `anullsrc=r=16000:cl=mono:d=${seconds}`];
const picture = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:d=2"];

/** A day of silence, as a minute of it over and over. */
async function day(name: string, encoding: string[], muxer: string, times = 1440): Promise<Uint8Array> {
  await make(`minute-${name}`, [...silence(60), ...encoding, "-f", muxer]);
  return make(name, [
    "-stream_loop",
    String(times - 1),
    "-i",
    join(folder, `minute-${name}`),
    "-c",
    "copy",
    "-f",
    muxer,
  ]);
}

/** The beginning of a real file, and after it what is none. */
async function spoilt(name: string, args: string[], keep: number): Promise<Uint8Array> {
  const bytes = await make(name, ["-i", clip, ...args]);
  return joined(bytes.subarray(0, keep), noise(60_000), noise(60_000), noise(60_000));
}

const TOO_LONG = ["audio_too_long"];
const NO_SOUND = ["audio_unreadable", "audio_too_short"];

const OPUS = ["-c:a", "libopus", "-b:a", "6k", "-frame_duration", "60"];

/** Each is answered with one of its codes, in time. */
const BAD: Record<string, { make: () => Promise<Uint8Array>; codes: string[] }> = {
  "a day of Opus in ogg": { make: () => day("day.ogg", OPUS, "ogg"), codes: TOO_LONG },
  "a day of Opus in webm": { make: () => day("day.webm", OPUS, "webm"), codes: TOO_LONG },
  "a day of Vorbis": { make: () => day("dayv.ogg", ["-c:a", "libvorbis"], "ogg"), codes: TOO_LONG },
  "a day of FLAC": {
    make: async () => {
      const bytes = await day("day.flac", ["-c:a", "flac"], "flac");
      // Copied together it still says a minute: 36 bits hold the number of samples.
      new DataView(bytes.buffer).setUint32(22, 86_400 * SAMPLE_RATE);
      return bytes;
    },
    codes: TOO_LONG,
  },
  "an hour of FLAC from a pipe, which does not say": {
    make: () => make("pipe.flac", [...silence(3_600)], "flac"),
    codes: TOO_LONG,
  },
  "an hour of FLAC that says a minute": {
    make: async () => {
      const bytes = await make("lie.flac", [...silence(3_600), "-f", "flac"]);
      new DataView(bytes.buffer).setUint32(22, 60 * SAMPLE_RATE);
      return bytes;
    },
    codes: TOO_LONG,
  },
  "a day of AAC": { make: () => day("day.m4a", ["-c:a", "aac", "-b:a", "8k"], "ipod"), codes: TOO_LONG },
  "a day of AAC that says a minute": {
    make: async () => {
      const bytes = await day("lie.m4a", ["-c:a", "aac", "-b:a", "8k"], "ipod");
      const header = Buffer.from(bytes).lastIndexOf("mvhd") - 4;
      new DataView(bytes.buffer).setUint32(header + 24, 60 * new DataView(bytes.buffer).getUint32(header + 20));
      return bytes;
    },
    codes: TOO_LONG,
  },
  "seven hours of MP3, all that 25 MB can hold": {
    make: () => day("day.mp3", ["-ar", "8000", "-b:a", "8k"], "mp3", 420),
    codes: TOO_LONG,
  },
  "a day of WAV": {
    make: async () => makeWav({ kind: "u8", rate: 250, seconds: 86_400, sound: () => 0 }),
    codes: TOO_LONG,
  },
  "a day of WAV from a pipe": {
    make: async () =>
      makeWav({ kind: "u8", rate: 250, seconds: 86_400, sound: () => 0, header: { size: 0xffff_ffff } }),
    codes: TOO_LONG,
  },
  "webm that is noise after its header": {
    make: () => spoilt("noise.webm", ["-c:a", "libopus"], 300),
    codes: NO_SOUND,
  },
  "webm that is noise after some sound": {
    make: () => spoilt("noise2.webm", ["-c:a", "libopus"], 3_000),
    codes: [...NO_SOUND, "accepted"],
  },
  "ogg that is noise after its header": { make: () => spoilt("noise.ogg", ["-c:a", "libopus"], 500), codes: NO_SOUND },
  "flac that is noise after its header": { make: () => spoilt("noise.flac", [], 8_200), codes: NO_SOUND },
  "m4a whose sound is noise": {
    make: async () => {
      const bytes = await make("noise.m4a", ["-i", clip, "-c:a", "aac", "-movflags", "faststart"]);
      const start = Buffer.from(bytes).indexOf("mdat") + 4;
      const end = bytes.length;
      bytes.set(noise(end - start).subarray(0, end - start), start);
      return bytes;
    },
    // AAC that is noise may sound like noise: what counts is that it ends.
    codes: [...NO_SOUND, "accepted"],
  },
  "m4a whose index is noise": {
    make: async () => {
      const bytes = await make("index.m4a", ["-i", clip, "-c:a", "aac"]);
      const start = Buffer.from(bytes).lastIndexOf("moov") + 40;
      bytes.set(noise(bytes.length - start).subarray(0, bytes.length - start), start);
      return bytes;
    },
    codes: NO_SOUND,
  },
  "mp3 that was cut": {
    make: async () => (await make("cut.mp3", ["-i", clip])).subarray(0, 9_000),
    codes: ["audio_unreadable"],
  },
  "wav that is only a header": {
    make: async () => (await readSpeech("goforward.wav")).subarray(0, 44),
    codes: ["audio_unreadable"],
  },
  "ogg that is only its headers": {
    make: async () => {
      const bytes = await make("heads.ogg", ["-i", clip, "-c:a", "libopus"]);
      return bytes.subarray(0, Buffer.from(bytes).indexOf("OggS", Buffer.from(bytes).indexOf("OpusTags")));
    },
    codes: NO_SOUND,
  },
  "webm that is only its header": {
    make: async () => (await make("head.webm", ["-i", clip, "-c:a", "libopus"])).subarray(0, 250),
    codes: NO_SOUND,
  },
  "mp4 without sound": { make: () => make("mute.mp4", [...picture]), codes: ["audio_unreadable"] },
  "webm without sound": { make: () => make("mute.webm", [...picture, "-c:v", "libvpx"]), codes: ["audio_unreadable"] },
  "a blink of sound": { make: () => make("blink.webm", [...silence(0.1), "-c:a", "libopus"]), codes: NO_SOUND },
  "an AVI": { make: () => make("x.avi", [...picture, "-i", clip, "-c:a", "mp3"]), codes: ["unsupported_audio"] },
  "a Matroska file": { make: () => make("x.mkv", ["-i", clip, "-c:a", "flac"]), codes: ["unsupported_audio"] },
  "raw AAC": { make: () => make("x.aac", ["-i", clip, "-c:a", "aac"]), codes: ["unsupported_audio"] },
  "a WAV of ADPCM": { make: () => make("x.wav", ["-i", clip, "-c:a", "adpcm_ms"]), codes: ["unsupported_audio"] },
  "ogg with FLAC inside": { make: () => make("f.ogg", ["-i", clip, "-c:a", "flac"]), codes: ["unsupported_audio"] },
};

describe("a bad recording is answered in time", () => {
  for (const [name, { make: build, codes }] of Object.entries(BAD)) {
    test(name, async () => {
      const bytes = await build();
      for (const [how, decoder] of Object.entries(DECODERS)) {
        const began = performance.now();
        const { code } = await refusal(decoder.decode(bytes));
        const ms = performance.now() - began;
        if (process.env.SHOW_TIMES) console.log(how, "|", name, "|", bytes.length, code, `${Math.round(ms)} ms`);
        expect({ how, code }).toEqual({ how, code: codes.includes(code) ? code : codes.join(" or ") });
        expect(ms).toBeLessThan(ANSWER_MS);
      }
    }, 60_000);
  }
});

describe("ten minutes are decoded", () => {
  beforeAll(async () => {
    await make("long.wav", ["-stream_loop", "200", "-i", clip, "-t", "600"]);
  });
  const LONG: Record<string, string[]> = {
    "long.webm": ["-c:a", "libopus", "-b:a", "24k"],
    "long.mp3": ["-b:a", "32k"],
    "long.m4a": ["-c:a", "aac", "-b:a", "32k"],
    "long.flac": ["-t", "600"],
  };
  for (const [name, args] of Object.entries(LONG)) {
    test(name, async () => {
      const bytes = await make(name, ["-i", join(folder, "long.wav"), ...args]);
      for (const [how, decoder] of Object.entries(DECODERS)) {
        const began = performance.now();
        const { duration_ms } = await decoder.decode(bytes);
        if (process.env.SHOW_TIMES) console.log(how, "|", name, "|", `${Math.round(performance.now() - began)} ms`);
        expect(Math.abs(duration_ms - 600_000)).toBeLessThan(200);
      }
    }, 120_000);
  }
});

test("no ffmpeg outlives its recording, done or given up", async () => {
  const decoder = audioDecoder({ ffmpeg, tmpDir });
  const long = await Bun.file(join(folder, "long.wav")).bytes();
  const leaving = new AbortController();
  const under = Array.from({ length: 3 }, () => refusal(decoder.decode(long, { signal: leaving.signal })));
  await Bun.sleep(60);
  leaving.abort();
  for (const { code } of await Promise.all(under)) expect(code).toBe("decoding_failed");
  const stopped = refusal(decoder.decode(long));
  await Bun.sleep(60);
  await decoder.stop();
  expect((await stopped).code).toBe("busy");
  expect((await childrenOfOurs()).filter((line) => line.includes("pipe:1"))).toEqual([]);
});

test("more recordings than the queue holds are told to come again", async () => {
  const decoder = audioDecoder({ ffmpeg, tmpDir });
  const speech = await readSpeech("cards-001.webm");
  const answers = await Promise.all(Array.from({ length: 20 }, () => refusal(decoder.decode(speech))));
  expect(answers.filter(({ code }) => code === "busy")).toHaveLength(2);
  expect(answers.filter(({ code }) => code === "accepted")).toHaveLength(18);
  await decoder.stop();
});

test("an ffmpeg that has no processor time is no fault of the recording", async () => {
  const folder = await mkdtemp(join(tmpdir(), "starved-"));
  const starved = join(folder, "ffmpeg");
  await Bun.write(starved, "#!/bin/sh\nexec sleep 10\n");
  await chmod(starved, 0o755);
  const decoder = audioDecoder({ ffmpeg: starved, tmpDir });
  await expect(decoder.decode(await readSpeech("cards-001.wav"))).rejects.toMatchObject({ code: "decoding_failed" });
  await decoder.stop();
  await rm(folder, { recursive: true });
});

test("an ffmpeg that cannot be started is a failure of ours", async () => {
  const decoder = audioDecoder({ ffmpeg: "/nowhere/ffmpeg", tmpDir });
  expect((await refusal(decoder.decode(makeWav()))).code).toBe("decoding_failed");
  await decoder.stop();
});
