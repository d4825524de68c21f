import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gate } from "../src/adapters/audio/gate.ts";
import { accepts, audioDecoder } from "../src/adapters/audio/mod.ts";
import { wasmDecode } from "../src/adapters/audio/wasm.ts";
import { wavDecoder } from "../src/adapters/audio/wav.ts";
import { ALL_FORMATS, audioDecoderContract, makeWav, readSpeech, refusal } from "./contracts/audio.ts";

// The decoders that need nothing but Bun. What ffmpeg does is in system/formats_test.ts.

const tmpDir = await mkdtemp(join(tmpdir(), "audio-"));
afterAll(() => rm(tmpDir, { recursive: true }));

const withoutFfmpeg = () => audioDecoder({ ffmpeg: null, tmpDir });

audioDecoderContract("wav alone", wavDecoder, ["wav"]);
audioDecoderContract(
  "a child without ffmpeg",
  withoutFfmpeg,
  ALL_FORMATS.filter((format) => accepts(null)[format]),
);

describe("decoding in a child", () => {
  test("leaves the event loop free", async () => {
    const decoder = withoutFfmpeg();
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 5);
    const { duration_ms } = await decoder.decode(makeWav({ seconds: 300, rate: 32_000, sound: () => 0 }));
    clearInterval(ticking);
    await decoder.stop();
    expect(duration_ms).toBe(300_000);
    // Decoded in this process it would be none.
    expect(ticks).toBeGreaterThan(5);
  });

  test("is given up when its caller is gone, and the next recording is decoded", async () => {
    const decoder = withoutFfmpeg();
    const leaving = new AbortController();
    const gone = refusal(decoder.decode(await readSpeech("cards-001.webm"), { signal: leaving.signal }));
    setTimeout(() => leaving.abort(), 5);
    expect((await gone).code).toBe("decoding_failed");
    expect((await decoder.decode(await readSpeech("cards-001.webm"))).duration_ms).toBeGreaterThan(1000);
    await decoder.stop();
  });

  test("more than waits in the queue is told to come again", async () => {
    const decoder = withoutFfmpeg();
    const speech = await readSpeech("cards-001.mp3");
    const answers = await Promise.all(Array.from({ length: 20 }, () => refusal(decoder.decode(speech))));
    expect(answers.filter(({ code }) => code === "accepted")).toHaveLength(17);
    expect(answers.filter(({ code }) => code === "busy")).toHaveLength(3);
    expect(answers.find(({ code }) => code === "busy")?.params).toEqual({ retry_after: 5 });
    await decoder.stop();
  });

  test("stop() answers what is under way, and nothing after it is taken", async () => {
    const decoder = withoutFfmpeg();
    const speech = await readSpeech("cards-001.flac");
    const under = refusal(decoder.decode(speech));
    await Bun.sleep(5);
    await decoder.stop();
    expect((await under).code).toBe("busy");
    expect((await refusal(decoder.decode(speech))).code).toBe("busy");
  });

  test("AAC without its optional decoder is refused with what it takes", async () => {
    const { decode, stop } = wasmDecode({ maxSeconds: 600, aac: false });
    const bytes = await readSpeech("cards-001.m4a");
    const signal = new AbortController().signal;
    expect(await refusal(decode({ bytes, format: "m4a", promised: null, signal }))).toEqual({
      code: "unsupported_audio",
      params: { needs: "ffmpeg" },
    });
    await stop();
  });

  test("leaves no file behind", async () => {
    expect(await readdir(tmpDir)).toEqual([]);
  });
});

test("gate() lets in as many as it says, in their order, and forgets who has left", async () => {
  const enter = gate({ running: 2, waiting: 2 });
  const leaving = new AbortController();
  const stays = new AbortController().signal;
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(name);
    await Bun.sleep(5);
  };
  const first = [enter(work("a"), stays), enter(work("b"), stays), enter(work("c"), leaving.signal)];
  const last = enter(work("d"), stays);
  expect((await refusal(enter(work("e"), stays))).code).toBe("busy");
  leaving.abort();
  await Promise.allSettled([...first, last]);
  expect(order).toEqual(["a", "b", "d"]);
});
