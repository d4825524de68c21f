import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clip } from "../support/classroom.ts";
import { startCluster } from "../support/cluster.ts";
import { layDatabase } from "../support/embedded.ts";
import { gttsStub } from "../support/gtts_stub.ts";
import { type Api, api, startServer } from "../support/live.ts";
import { openAiStub } from "../support/openai_stub.ts";
import { figure, size } from "../support/prove.ts";
import { ASK, askStreamed, leftOf, signedUp, UNTOUCHED, VENDORS } from "../support/tutoring.ts";
import { FAULT_NAMES } from "../support/vendor_stub.ts";

// What is counted is counted once, however many ask at once; what fails is not counted, whatever fails.

const QUIET = { DISABLE_WHISPER: "1", DISABLE_TTS: "1", RATE_LIMIT_MULTIPLIER: "100" };

/** A quota of 10, 60 asks at once, over all the addresses in turn. */
async function race(urls: readonly string[], rounds: number): Promise<void> {
  const [url = ""] = urls;
  const admin = await api(url).login();
  const learner = await signedUp(url);
  for (let round = 0; round < rounds; round++) {
    await admin.put(`/api/v1/admin/users/${learner.id}/quotas`, { gpt4o_requests_left: 10 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        api(urls[i % urls.length] ?? url, learner.token).post(ASK, { prompt: `${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 403);
    expect(refused).toHaveLength(50);
    for (const { body } of refused)
      expect(body).toMatchObject({ detail: "quota exceeded", code: "quota_exceeded", remaining: 0 });
    expect(await leftOf(learner)).toMatchObject({ gpt4o_requests_left: 0 });
  }
  figure(`60 asks at once on a quota of 10, ${rounds} rounds, ${urls.length} process(es)`, "10 each", "exactly 10");
}

test("of 60 asks at once on a quota of 10, ten are answered: on the embedded database", async () => {
  const stub = openAiStub();
  stub.first_token_ms = 100;
  const env = { ...QUIET, LLM_PROVIDER: "openai", OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: stub.key };
  await using server = await startServer({ env });
  await race([server.url], 3);
  expect(stub.calls).toHaveLength(30);
  await stub.stop();
}, 120_000);

test("… and on Postgres with two processes; the 31st ask within a minute is refused by both", async () => {
  const stub = openAiStub();
  stub.first_token_ms = 100;
  const vendor = { LLM_PROVIDER: "openai", OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: stub.key };
  {
    await using cluster = await startCluster(["api", "api"], { ...QUIET, ...vendor });
    await race(
      cluster.apis.map(({ url }) => url),
      3,
    );
  }
  await using cluster = await startCluster(["api", "api"], { DISABLE_GEMINI: "1", DISABLE_TTS: "1" });
  const urls = cluster.apis.map(({ url }) => url);
  const [first = "", second = ""] = urls;
  const account = { email: "dilnoza@example.com", password: "olma va anor" };
  await api(first).post("/api/v1/users/signup", account);
  const learner = await api(first).login(account.email, account.password);
  const at = (url: string, token = learner.token, headers = {}) =>
    api(url, token).post(ASK, { prompt: "Salom" }, headers);
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => at(urls[i % 2] ?? first)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
  const fresh = await api(second).login(account.email, account.password);
  const late = await at(second, fresh.token, { "x-forwarded-for": "203.0.113.7" });
  expect(late).toMatchObject({ status: 429, body: { detail: "Juda ko\u2018p so\u2018rov" } });
  const wait = Number(late.headers.get("retry-after"));
  expect(wait).toBeWithin(1, 61);
  if (size(0, 1)) {
    await Bun.sleep((wait - 1.5) * 1000);
    expect((await at(first)).status).toBe(429);
    await Bun.sleep(2500);
    expect((await at(first)).status).toBe(200);
    figure("an ask after the seconds of Retry-After, and one a second before", "200, 429", "200, 429");
  }
  await stub.stop();
}, 240_000);

// Most of these, and of the last one, is waiting for a vendor that hangs and for a lease that ends: side by side.
test.concurrent.each(["gemini", "openai"] as const)(
  "no failure of %s costs anything",
  async (name) => {
    const { stub, env } = VENDORS[name]();
    await using server = await startServer({ env: { ...env, TTS_PROVIDER: "fake", RATE_LIMIT_MULTIPLIER: "100" } });
    const learner = await signedUp(server.url);
    const file = await clip("cards-001.wav");
    stub.values = ({ kind }) =>
      kind === "listen"
        ? { language: "en", text: "I get up at seven" }
        : { reply: "Salom!", corrections: [], advice: "Mashq qiling." };
    /** Also keeps the breakers closed, so that each fault meets the vendor and not a breaker. */
    const works = async () => {
      expect((await learner.post(ASK, { prompt: "Salom" })).status).toBe(200);
      expect((await learner.form("/api/v1/ai/stt", { file })).status).toBe(200);
    };
    const streamed = async () => {
      const answer = await askStreamed(learner, "Salom");
      return { status: answer.status, body: { code: /"code":"(\w+)"/.exec(await answer.text())?.[1] } };
    };
    const spoken = () => learner.form("/api/v1/ai/voice-loop", { file });
    await works();
    let free = 0;
    for (const fault of FAULT_NAMES) {
      const before = await leftOf(learner);
      stub.fault = fault;
      const seen: string[] = [];
      /** 1 where it worked, which has its price, and 0 where it failed. */
      const look = async (
        what: string,
        call: Promise<{ status: number; body: { code?: string | undefined; text?: string } }>,
      ): Promise<number> => {
        const { status, body } = await call;
        seen.push(`${what} ${status} ${body.code ?? ""}`.trim());
        // An empty transcript is no failure, and free.
        return status === 200 && body.code === undefined && body.text !== "" ? 1 : 0;
      };
      const [ask = 0, stream = 0, stt = 0, voice = 0] = await Promise.all([
        look("ask", learner.post(`${ASK}?speak=true`, { prompt: "Salom" })),
        look("stream", streamed()),
        look("stt", learner.form("/api/v1/ai/stt", { file })),
        look("voice-loop", spoken()),
      ]);
      stub.fault = null;
      console.log(`    ${name} ${fault}: ${seen.sort().join(", ")}`);
      const { gpt4o_requests_left, stt_requests_left, tts_chars_left } = await leftOf(learner);
      expect(before.gpt4o_requests_left - gpt4o_requests_left, fault).toBe(ask + stream + voice);
      expect(before.stt_requests_left - stt_requests_left, fault).toBe(stt + voice);
      if (ask + voice === 0) expect(tts_chars_left, fault).toBe(before.tts_chars_left);
      expect(
        seen.filter((line) => / 5(?!0[234])\d\d /.test(line)),
        fault,
      ).toEqual([]);
      if (ask + stream + stt + voice === 0) free++;
      await works();
    }
    expect(stub.elsewhere()).toBe(0);
    expect(server.output()).not.toContain(stub.key);
    figure(
      `faults of ${name} in which nothing worked, and nothing was charged`,
      `${free} of ${FAULT_NAMES.length}`,
      "each that fails",
    );
    await stub.stop();
  },
  300_000,
);

const MOODS = ["500", "hang", "cut short", "429", "html", "cut", "empty", "redirect"] as const;

async function voiceBreaks(mood: (typeof MOODS)[number]): Promise<void> {
  await using google = await gttsStub();
  await using server = await startServer({ env: { ...QUIET, DISABLE_TTS: "0", GTTS_BASE_URL: google.url } });
  const learner = await signedUp(server.url);
  const text = "The first sentence is here, and it is long enough to be asked for alone. ".repeat(6);
  const speak = () =>
    fetch(`${server.url}/api/v1/ai/tts`, {
      method: "POST",
      headers: { authorization: `Bearer ${learner.token}`, "content-type": "application/json" },
      body: JSON.stringify({ text, language: "en" }),
    });
  google.mood = mood;
  google.from = 1;
  const broken = await speak();
  expect([broken.status, broken.headers.get("x-speech-engine")]).toEqual([200, "gtts"]);
  await expect(broken.bytes()).rejects.toThrow();
  for (let i = 0; i < 50 && (await leftOf(learner)).tts_chars_left < 10_000; i++) await Bun.sleep(20);
  expect(await leftOf(learner)).toEqual(UNTOUCHED);
  // Google is left alone now: the other voice speaks, and its characters are counted.
  const whole = await speak();
  expect(whole.headers.get("x-speech-engine")).toBe("espeak-ng");
  expect((await whole.bytes()).length).toBeGreaterThan(50_000);
  expect(await leftOf(learner)).toMatchObject({ tts_chars_left: 10_000 - text.trim().length });
}

test.concurrent("a voice that fails in the middle of a text costs nothing, and one that fails at its beginning is made up for", async () => {
  const moods = MOODS.slice(0, size(3, MOODS.length));
  for (const mood of moods) await voiceBreaks(mood);
  figure("ways in which a voice broke off in the middle of a text, for nothing", `${moods.length}`, "all");
}, 300_000);

test.concurrent("what a killed process had reserved is given back within two minutes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "killed-"));
  const stub = openAiStub();
  const env = {
    ...QUIET,
    LLM_PROVIDER: "openai",
    OPENAI_BASE_URL: stub.url,
    OPENAI_API_KEY: stub.key,
    DATA_DIR: join(folder, "data"),
    UPLOAD_DIR: join(folder, "uploads"),
    SECRET_KEY: "a secret that both starts have in common",
  };
  await layDatabase(env.DATA_DIR);
  const first = await startServer({ env });
  const learner = await signedUp(first.url);
  stub.fault = "hang";
  const calls = [
    learner.post(`${ASK}?speak=true`, { prompt: "Salom" }),
    learner.form("/api/v1/ai/voice-loop", { file: await clip("cards-001.wav") }),
  ].map((call) => call.catch(() => null));
  for (let i = 0; i < 200 && stub.calls.length < 2; i++) await Bun.sleep(50);
  expect(await leftOf(learner)).toEqual({
    ...UNTOUCHED,
    gpt4o_requests_left: 48,
    stt_requests_left: 29,
    tts_chars_left: 8800,
  });
  first.kill("SIGKILL");
  await first.exited;
  const killed = performance.now();
  await Promise.all(calls);
  await using second = await startServer({ env });
  const again: Api = api(second.url, learner.token);
  while ((await leftOf(again)).gpt4o_requests_left < 50 && performance.now() - killed < 150_000) await Bun.sleep(500);
  const seconds = (performance.now() - killed) / 1000;
  expect(await leftOf(again)).toEqual(UNTOUCHED);
  expect(seconds).toBeLessThan(120);
  figure(
    "a reservation of a process that was killed -9 is given back after",
    `${seconds.toFixed(0)} s`,
    "within 120 s",
  );
  await stub.stop();
  await rm(folder, { recursive: true });
}, 240_000);
