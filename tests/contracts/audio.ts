import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { AudioDecoder } from "../../src/application/ports/speech.ts";
import { AppError } from "../../src/domain/errors.ts";
import { SAMPLE_RATE } from "../../src/domain/speech.ts";

export const SPEECH = join(import.meta.dir, "../test_data/speech");

/** Sound that ships in each format, and what it is called once decoded. */
const SAMPLES = {
  wav: { file: "cards-001.wav", mime: "audio/wav" },
  mp3: { file: "cards-001.mp3", mime: "audio/mpeg" },
  ogg: { file: "cards-001.ogg", mime: "audio/ogg" },
  webm: { file: "cards-001.webm", mime: "audio/webm" },
  m4a: { file: "cards-001.m4a", mime: "audio/mp4" },
  flac: { file: "cards-001.flac", mime: "audio/flac" },
};
export type FormatName = keyof typeof SAMPLES;
export const ALL_FORMATS: FormatName[] = ["wav", "mp3", "ogg", "webm", "m4a", "flac"];

export const readSpeech = (file: string) => Bun.file(join(SPEECH, file)).bytes();

type Kind = "u8" | "i16" | "i24" | "i32" | "f32" | "f64";
type WavOptions = {
  kind?: Kind;
  rate?: number;
  channels?: number;
  seconds?: number;
  /** The sound at a moment, from -1 to 1. */
  sound?: (second: number) => number;
  extensible?: boolean;
  /** What the header says, where that is not the truth. */
  header?: { rate?: number; channels?: number; size?: number; tag?: number };
};

const tone = (second: number) => 0.5 * Math.sin(2 * Math.PI * 440 * second);

const WRITE: Record<Kind, (view: DataView, at: number, value: number) => void> = {
  u8: (view, at, value) => view.setUint8(at, Math.round(value * 127) + 128),
  i16: (view, at, value) => view.setInt16(at, Math.round(value * 0x7fff), true),
  i24: (view, at, value) => {
    view.setInt16(at + 1, Math.round(value * 0x7f_ffff) >> 8, true);
    view.setUint8(at, Math.round(value * 0x7f_ffff) & 255);
  },
  i32: (view, at, value) => view.setInt32(at, Math.round(value * 0x7fff_ffff), true),
  f32: (view, at, value) => view.setFloat32(at, value, true),
  f64: (view, at, value) => view.setFloat64(at, value, true),
};

/** A WAV file as any program might write it, right or wrong. */
export function makeWav(options: WavOptions = {}): Uint8Array<ArrayBuffer> {
  const { kind = "i16", rate = SAMPLE_RATE, channels = 1, seconds = 1, sound = tone, extensible, header } = options;
  const bits = Number(kind.slice(1));
  const block = (channels * bits) / 8;
  const frames = Math.round(seconds * rate);
  const head = extensible ? 68 : 44;
  const view = new DataView(new ArrayBuffer(head + frames * block));
  const name = (at: number, text: string) => [...text].forEach((c, i) => void view.setUint8(at + i, c.charCodeAt(0)));
  name(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  name(8, "WAVEfmt ");
  view.setUint32(16, extensible ? 40 : 16, true);
  const tag = header?.tag ?? (kind.startsWith("f") ? 3 : 1);
  view.setUint16(20, extensible ? 0xfffe : tag, true);
  view.setUint16(22, header?.channels ?? channels, true);
  view.setUint32(24, header?.rate ?? rate, true);
  view.setUint32(28, rate * block, true);
  view.setUint16(32, block, true);
  view.setUint16(34, bits, true);
  if (extensible) {
    view.setUint16(36, 22, true);
    view.setUint16(38, bits, true);
    view.setUint16(44, tag, true);
    name(46, "\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
  }
  name(head - 8, "data");
  view.setUint32(head - 4, header?.size ?? frames * block, true);
  for (let i = 0; i < frames * channels; i++) {
    WRITE[kind](view, head + (i * bits) / 8, sound(Math.floor(i / channels) / rate));
  }
  return new Uint8Array(view.buffer);
}

/** How alike two recordings are, 1 is the same, where one may begin some samples later: codecs have a lead-in. */
export function likeness(a: Float32Array, b: Float32Array, shift = SAMPLE_RATE / 20): number {
  let best = 0;
  for (let lag = -shift; lag <= shift; lag++) {
    let [ab, aa, bb] = [0, 0, 0];
    for (let i = Math.max(0, -lag); i < Math.min(a.length, b.length - lag); i += 17) {
      const [x = 0, y = 0] = [a[i], b[i + lag]];
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    best = Math.max(best, ab / Math.sqrt(aa * bb));
  }
  return best;
}

/** The code of the refusal, and its parameters. */
export const refusal = (work: Promise<unknown>) =>
  work.then(
    () => ({ code: "accepted", params: {} }),
    (error: unknown) => {
      if (error instanceof AppError) return { code: error.code, params: error.params };
      throw error;
    },
  );

const text = (words: string) => new TextEncoder().encode(words);
const noise = (length: number) => {
  // Always the same noise, so that a failure can be looked at again.
  let state = 12_345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
};

/** What no decoder may ever see, whatever it is called. */
const FOREIGN = {
  "a web page": text("<!doctype html><html><body>404</body></html>".repeat(50)),
  "an M3U playlist": text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\nhttp://127.0.0.1/x.wav\n"),
  "an ffconcat list": text("ffconcat version 1.0\nfile '/etc/passwd'\n"),
  noise: noise(100_000),
  "noise that begins like an MP3": Uint8Array.from([0xff, 0xfb, 0x90, 0x00, ...noise(5_000)]),
  "an AVI": Uint8Array.from([...text("RIFF\0\0\0\0AVI LIST"), ...noise(500)]),
  "a picture": Uint8Array.from([0x89, ...text("PNG\r\n\x1a\n"), ...noise(500)]),
  "a HEIC picture": Uint8Array.from([0, 0, 0, 24, ...text("ftypheic\0\0\0\0mif1heic"), ...noise(500)]),
  "one byte": text("R"),
};

/** What every AudioDecoder must do; `formats` are those it takes, the others it must refuse. */
export function audioDecoderContract(name: string, open: () => AudioDecoder, formats: readonly FormatName[]) {
  describe(`${name} keeps the AudioDecoder contract`, () => {
    const decoder = open();
    afterAll(() => decoder.stop());
    const refused = (bytes: Uint8Array) => refusal(decoder.decode(bytes));

    for (const kind of ["u8", "i16", "i24", "i32", "f32", "f64"] as const) {
      test(`a WAV of ${kind} samples is read, at any rate, mono or stereo, plain or extensible`, async () => {
        for (const rate of [8_000, 11_025, 16_000, 44_100, 96_000]) {
          for (const channels of [1, 2]) {
            const wav = makeWav({ kind, rate, channels, extensible: channels === 2 });
            const { samples, duration_ms, mime } = await decoder.decode(wav);
            expect(mime).toBe("audio/wav");
            expect(Math.abs(duration_ms - 1000)).toBeLessThanOrEqual(2);
            const want = Float32Array.from(samples, (_, i) => tone(i / SAMPLE_RATE));
            expect(likeness(want, samples, 1)).toBeGreaterThan(0.999);
            expect(Math.max(...samples.subarray(1000, 9000))).toBeWithin(0.47, 0.53);
          }
        }
      });
    }

    for (const format of ALL_FORMATS) {
      const { file, mime } = SAMPLES[format];
      if (formats.includes(format)) {
        test(`${format}: speech comes out as it went in`, async () => {
          const heard = await decoder.decode(await readSpeech(file));
          const original = new Int16Array((await readSpeech("cards-001.wav")).slice(44).buffer);
          expect(heard.mime).toBe(mime);
          expect(Math.abs(heard.samples.length - original.length)).toBeLessThan(0.08 * SAMPLE_RATE);
          expect(
            likeness(
              Float32Array.from(original, (x) => x / 0x8000),
              heard.samples,
            ),
          ).toBeGreaterThan(0.95);
        });
      } else {
        test(`${format} is refused`, async () => {
          expect((await refused(await readSpeech(file))).code).toBe("unsupported_audio");
        });
      }
    }

    for (const [what, bytes] of Object.entries(FOREIGN)) {
      test(`${what} is no recording`, async () => {
        expect((await refused(bytes)).code).toBe("unsupported_audio");
      });
    }

    test("an empty file is told apart", async () => {
      expect((await refused(new Uint8Array(0))).code).toBe("audio_empty");
    });

    test("a recording that was cut on its way is unreadable", async () => {
      const wav = makeWav({ seconds: 3 });
      expect((await refused(wav.subarray(0, wav.length / 2))).code).toBe("audio_unreadable");
      for (const format of ["mp3", "m4a", "ogg", "flac"] as const) {
        if (!formats.includes(format)) continue;
        const bytes = await readSpeech(SAMPLES[format].file);
        expect([format, (await refused(bytes.subarray(0, bytes.length / 2))).code]).toEqual([
          format,
          "audio_unreadable",
        ]);
      }
    });

    test("a WAV from a pipe, which could not know its size, is whole", async () => {
      for (const size of [0, 0xffff_ffff, 0x7fff_ff00]) {
        expect((await decoder.decode(makeWav({ header: { size } }))).duration_ms).toBe(1000);
      }
    });

    test("a header without sound, or that makes no sense, is unreadable", async () => {
      for (const wav of [
        makeWav({ seconds: 0 }),
        makeWav({ header: { channels: 0 } }),
        makeWav({ header: { rate: 0 } }),
        makeWav({ header: { rate: 0xffff_ffff } }),
        makeWav({ kind: "f32", sound: () => Number.NaN }),
        makeWav({ kind: "f32", sound: (at) => (at > 0.5 ? Number.POSITIVE_INFINITY : 0) }),
        makeWav().subarray(0, 30),
      ]) {
        expect((await refused(wav)).code).toBe("audio_unreadable");
      }
    });

    test("a WAV with something else than plain samples inside is refused", async () => {
      expect((await refused(makeWav({ header: { tag: 0x11 } }))).code).toBe("unsupported_audio");
    });

    test("samples stay within full scale", async () => {
      const { samples } = await decoder.decode(makeWav({ kind: "f32", sound: (at) => 8 * tone(at) }));
      expect(Math.max(...samples)).toBe(1);
      expect(Math.min(...samples)).toBe(-1);
    });

    test("less than a fifth of a second is too short, more than ten minutes too long", async () => {
      expect((await refused(makeWav({ seconds: 0.15 }))).code).toBe("audio_too_short");
      expect((await decoder.decode(makeWav({ seconds: 0.25 }))).duration_ms).toBe(250);
      const long = await refused(makeWav({ kind: "u8", rate: 100, seconds: 602, sound: () => 0 }));
      expect(long).toEqual({ code: "audio_too_long", params: { max_minutes: 10 } });
    });

    test("bytes that are a window into a larger buffer are read from their place", async () => {
      const wav = makeWav();
      const larger = new Uint8Array(wav.length + 7);
      larger.set(wav, 7);
      expect((await decoder.decode(larger.subarray(7))).duration_ms).toBe(1000);
    });
  });
}
