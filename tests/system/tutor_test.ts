import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clip } from "../support/classroom.ts";
import { api, startServer } from "../support/live.ts";
import { openAiStub } from "../support/openai_stub.ts";
import { figure } from "../support/prove.ts";
import { ASK, askStreamed, events, signedUp, VENDORS } from "../support/tutoring.ts";

// The tutor as its users meet it: the real server, real recogniser and real voices, with a model on a local stub.

/** The guide's own calls, as printed there; the server listens elsewhere, and the token is the caller's. */
const GUIDE = {
  ask: `curl -X POST "http://0.0.0.0:8004/api/v1/ai/ask?speak=true&language=uz" \\
 -H "Authorization: Bearer <TOKEN>" -H "Content-Type: application/json" \\
 -d '{"prompt":"Salom, menga yordam bering"}'`,
  tts: `curl -X POST "http://0.0.0.0:8004/api/v1/ai/tts" \\
 -H "Authorization: Bearer <TOKEN>" -H "Content-Type: application/json" \\
 -d '{"text":"Assalomu alaykum!","language":"uz"}' -o out.mp3`,
  stt: `curl -X POST "http://0.0.0.0:8004/api/v1/ai/stt" \\
 -H "Authorization: Bearer <TOKEN>" \\
 -F "file=@tests/test_data/test_audio.wav"`,
  voiceLoop: `curl -X POST "http://0.0.0.0:8004/api/v1/ai/voice-loop" \\
 -H "Authorization: Bearer <TOKEN>" \\
 -F "file=@tests/test_data/test_audio.wav" \\
 -F "language=uz"`,
};

const secondsOf = (file: string): number => {
  const words = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  const { stdout, exitCode } = Bun.spawnSync(["ffprobe", ...words]);
  expect(exitCode).toBe(0);
  return Number(stdout.toString());
};

test.concurrent.each(["gemini", "openai"] as const)(
  "a new user signs up, asks, listens and speaks: the guide's calls work as printed, with %s",
  async (name) => {
    const { stub, env } = VENDORS[name]();
    const folder = await mkdtemp(join(tmpdir(), "guide-"));
    stub.answers = () => "Salom! Albatta, yordam beraman.";
    stub.values = () => ({ reply: "Juda yaxshi oʻqidingiz!", corrections: [], advice: "Har kuni oʻqing." });
    const started = performance.now();
    await using server = await startServer({ env: { ...env, STT_PROVIDER: "whisper" } });
    const learner = await signedUp(server.url);
    // Not waited for in place: the vendor's stub lives in this process.
    const run = async (call: string) => {
      const command = call
        .replace("http://0.0.0.0:8004", server.url)
        .replace("<TOKEN>", learner.token ?? "")
        .replace("out.mp3", join(folder, "out.mp3"));
      const curl = Bun.spawn(["bash", "-c", command], { stdout: "pipe", stderr: "ignore" });
      const shown = await new Response(curl.stdout).text();
      expect(await curl.exited).toBe(0);
      return shown;
    };
    const asked = JSON.parse(await run(GUIDE.ask));
    expect(asked).toMatchObject({ text: "Salom! Albatta, yordam beraman.", avatar_type: "teacher", warning: null });
    const sound = await fetch(`${server.url}${asked.audio_url}`);
    expect([sound.status, sound.headers.get("content-type")]).toEqual([200, "audio/mpeg"]);
    await Bun.write(join(folder, "asked.mp3"), await sound.bytes());
    expect(secondsOf(join(folder, "asked.mp3"))).toBeWithin(1, 10);

    await run(GUIDE.tts);
    expect(secondsOf(join(folder, "out.mp3"))).toBeWithin(0.5, 5);

    const heard = JSON.parse(await run(GUIDE.stt));
    expect(heard).toMatchObject({ language: "en", segments: [{}] });
    expect(heard.text).toMatch(/ill.{0,3}disposed|ill.{0,3}sposed/i);

    const turn = JSON.parse(await run(GUIDE.voiceLoop));
    expect(turn).toMatchObject({
      transcript: heard.text,
      ai_text: "Juda yaxshi oʻqidingiz!",
      advice: "Har kuni oʻqing.",
    });
    expect((await fetch(`${server.url}${turn.audio_url}`)).status).toBe(200);
    const seconds = (performance.now() - started) / 1000;
    figure(
      `from a stopped server to ask, tts, stt and voice-loop, with ${name}`,
      `${seconds.toFixed(0)} s`,
      "within 300 s",
    );
    expect(seconds).toBeLessThan(300);
    await stub.stop();
    await rm(folder, { recursive: true });
  },
  300_000,
);

test("the first token of a streamed answer is passed on as it comes", async () => {
  const { stub, env } = VENDORS.openai();
  stub.first_token_ms = 200;
  stub.every_ms = 40;
  stub.answers = () => "Bir ikki uch toʻrt besh";
  await using server = await startServer({
    env: { ...env, DISABLE_WHISPER: "1", DISABLE_TTS: "1", STT_PROVIDER: "whisper" },
  });
  const learner = await signedUp(server.url);
  const delays: number[] = [];
  for (let i = 0; i < 8; i++) {
    stub.wrote.length = 0;
    let text = "";
    let first = 0;
    for await (const { event, data, at } of events(await askStreamed(learner, "Sanang"))) {
      if (event === "token") text += (data as { text: string }).text;
      if (event === "token" && first === 0) {
        first = at;
        // The second frame is the first with a word in it.
        delays.push(at - (stub.wrote[1] ?? 0));
      }
      if (event === "done") expect(data).toMatchObject({ text: "Bir ikki uch toʻrt besh" });
    }
    expect(text).toBe("Bir ikki uch toʻrt besh");
  }
  const median = delays.toSorted((a, b) => a - b)[4] ?? Number.POSITIVE_INFINITY;
  figure("first token after the stub wrote it (median of 8)", `${median.toFixed(1)} ms`, "within 50 ms");
  expect(median).toBeLessThan(50);
  await stub.stop();
}, 60_000);

test("a text of 5 000 characters begins to be heard within a second", async () => {
  await using server = await startServer({ env: { DISABLE_WHISPER: "1", TTS_PROVIDER: "espeak" } });
  const learner = await signedUp(server.url);
  const read = (text: string) =>
    fetch(`${server.url}/api/v1/ai/tts`, {
      method: "POST",
      headers: { authorization: `Bearer ${learner.token}`, "content-type": "application/json" },
      body: JSON.stringify({ text, language: "en" }),
    });
  await (await read("Good morning.")).bytes();
  const sentence = "Every morning she walks along the river and thinks about the day that lies before her. ";
  const text = sentence.repeat(60).slice(0, 5000);
  const started = performance.now();
  const answer = await read(text);
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  const ms = performance.now() - started;
  expect(first?.value?.length).toBeGreaterThan(100);
  let bytes = 0;
  for (let part = first; part && !part.done; part = await reader?.read()) bytes += part.value.length;
  figure("first byte of speech for 5 000 characters, over HTTP, espeak warm", `${ms.toFixed(0)} ms`, "within 1000 ms");
  expect(ms).toBeLessThan(1000);
  // 48 kbit/s: five minutes.
  expect(bytes / 6000).toBeGreaterThan(200);
}, 60_000);

test("a conversation of 200 turns stays within its budget, and its last turns cost no more than its middle ones", async () => {
  const stub = openAiStub({ flavour: "ollama" });
  stub.answers = () => "A verb is a word for what somebody does, like run or read. ".repeat(4);
  const env = {
    LLM_PROVIDER: "openai",
    OPENAI_BASE_URL: stub.url,
    OPENAI_MODEL: "llama3.2",
    DISABLE_WHISPER: "1",
    DISABLE_TTS: "1",
    RATE_LIMIT_MULTIPLIER: "100",
  };
  await using server = await startServer({ env });
  const admin = await api(server.url).login();
  let session_id: number | undefined;
  for (let turn = 0; turn < 200; turn++) {
    const { status, body } = await admin.post(ASK, { prompt: `Question ${turn}: what is a verb?`, session_id });
    expect(status).toBe(200);
    session_id = body.session_id;
  }
  const sizes = stub.calls.map(({ instructions, messages }) =>
    messages.reduce((sum, { text }) => sum + text.length, instructions.length),
  );
  const mean = (part: number[]) => part.reduce((sum, n) => sum + n, 0) / part.length;
  const [middle, last] = [mean(sizes.slice(60, 120)), mean(sizes.slice(140))];
  figure(
    "characters sent to the model for a turn: turns 60 to 120, turns 140 to 200",
    `${middle.toFixed(0)}, ${last.toFixed(0)}`,
    "not growing",
  );
  expect(last).toBeLessThan(middle * 1.02);
  expect(Math.max(...sizes)).toBeLessThan(8000);
  const { body } = await admin.get(`/api/v1/ai-sessions/sessions/${session_id}`);
  expect(body.message_count).toBe(400);
  await stub.stop();
}, 120_000);

test("without a key the tutor says so in the guide's words, and everything else works; made-up answers are always the same", async () => {
  await using bare = await startServer({ env: { DISABLE_WHISPER: "1" } });
  const learner = await signedUp(bare.url);
  const refused = await learner.post(ASK, { prompt: "Salom" });
  expect(refused).toMatchObject({
    status: 503,
    body: { detail: "AI service is not configured", code: "ai_not_configured" },
  });
  const file = await clip("cards-001.wav");
  expect((await learner.form("/api/v1/ai/voice-loop", { file })).body.detail).toBe("AI service is not configured");
  expect((await learner.post("/api/v1/ai/tts", { text: "Salom", language: "uz" })).status).toBe(200);
  expect((await learner.form("/api/v1/ai/stt", { file })).status).toBe(200);

  const answers: string[] = [];
  for (let i = 0; i < 2; i++) {
    await using server = await startServer({ env: { DISABLE_GEMINI: "1", DISABLE_WHISPER: "1", DISABLE_TTS: "1" } });
    const other = await signedUp(server.url);
    answers.push((await other.post(ASK, { prompt: "Salom" })).body.text);
  }
  expect(answers[0]).toBe(answers[1] ?? "");
}, 120_000);
