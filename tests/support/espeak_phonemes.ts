import start from "@echogarden/espeak-ng-emscripten";

// A process of its own, as the server's: how espeak-ng says each line of its input, without what we do to it.

const espeak = await start();
const worker = new espeak.eSpeakNGWorker();
const [voice = ""] = process.argv.slice(2);
for (const line of (await Bun.stdin.text()).split("\n")) {
  worker.set_voice(voice);
  worker.set_rate(150);
  const phonemes = worker.synthesize_ipa(line).ipa.replaceAll("_", "").replace(/\s+/g, " ").trim();
  let samples = 0;
  worker.synthesize(line, (part) => {
    samples += part?.length ?? 0;
    return false;
  });
  console.log(JSON.stringify({ phonemes, seconds: samples / worker.get_samplerate() }));
}
