import type { Espeak, Worker } from "@echogarden/espeak-ng-emscripten";
import { serve } from "../children/serve.ts";
import type { Say } from "./espeak.ts";
import { mp3Frames } from "./mp3_frames.ts";

// espeak-ng's own process: it is under the GPL, keeps the processor while it speaks, and nothing of ours is linked with it.

// Longer than any text that is asked for, in bytes.
const ROOM = 65_536;

type Engine = { espeak: Espeak; worker: Worker; fresh: Uint8Array };

async function open(): Promise<Engine> {
  const { default: start } = await import("@echogarden/espeak-ng-emscripten");
  const espeak = await start();
  const worker = new espeak.eSpeakNGWorker();
  worker.set_voice("en-us");
  // It keeps one buffer for texts and makes it larger when it must, now and never again: what is set back below holds it.
  worker.synthesize(`a${" ".repeat(ROOM)}`, () => false);
  worker.synthesize("a", () => false);
  return { espeak, worker, fresh: espeak.HEAPU8.slice() };
}

/** What was said before would be heard in how the next text is said: each begins with the memory of the first. */
function begin({ espeak, fresh }: Engine): void {
  espeak.HEAPU8.set(fresh);
  espeak.HEAPU8.fill(0, fresh.length);
}

let engine: Promise<Engine> | undefined;

serve<Say, Uint8Array>(async ({ stretches, words_per_minute, pause_ms }) => {
  engine ??= open();
  const opened = await engine;
  begin(opened);
  const { worker } = opened;
  const rate = worker.get_samplerate();
  const parts: Int16Array[] = [];
  for (const { voice, text } of stretches) {
    if (Buffer.byteLength(text) > ROOM) throw new Error("the text is longer than its buffer");
    if (worker.set_voice(voice) !== 0) throw new Error(`espeak has no voice ${voice}`);
    worker.set_rate(words_per_minute);
    worker.synthesize(text, (samples) => {
      if (samples?.length) parts.push(samples);
      return false;
    });
  }
  parts.push(new Int16Array(Math.round((pause_ms / 1000) * rate)));
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return mp3Frames(all, rate);
});
