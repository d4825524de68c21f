import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/domain/errors.ts";
import { pronounced, reading, scored, scorer, soundsOf, syllables } from "../support/pronouncing.ts";
import { ADMIN, call, form, LEARNER, OTHER_LEARNER, put, type School, school, tone, wav } from "../support/school.ts";
import { rowsOf } from "../support/stories.ts";

const ANALYSE = "/api/v1/ai/pronunciation";
const HISTORY = `${ANALYSE}/history`;
const TEXT = "I think so";

const left = async (ports: School) => (await call(ports, "/api/v1/ai/usage", LEARNER)).body.pronunciation_analysis_left;
const untouched = async (ports: School) => {
  expect(await left(ports)).toBe(30);
  expect(await ports.spendings.count({ state: { not: "returned" } })).toBe(0);
  expect(await ports.pronunciationAttempts.count({})).toBe(0);
};

const think = scored("think", { score: 40, sounds: soundsOf("TH:S 10, IH, NG, K"), start_ms: 300, end_ms: 600 });
const lisping = scorer(() => pronounced([scored("I"), think, scored("so")], { transcript: "I sink so" }));

const analyse = (ports: School, fields: Record<string, string | Blob> = {}, headers: Record<string, string> = {}) =>
  call(ports, ANALYSE, LEARNER, { ...form({ file: reading(), reference_text: TEXT, ...fields }), headers });

describe("an analysis", () => {
  test("has the scores of the whole and of each word, what was heard, and what to do; it costs one", async () => {
    const ports = await school({ pronunciation: lisping });
    const { status, body } = await analyse(ports);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 1,
      source: "free",
      phrase_id: null,
      session_id: null,
      language: "en",
      accuracy_score: 80,
      fluency_score: 70,
      completeness_score: 100,
      prosody_score: null,
      overall_score: 75,
      transcribed_text: "I sink so",
      reference_text: TEXT,
      metrics: { duration_ms: 2000, pause_count: 0, articulation_rate: expect.any(Number) },
      engine: "test",
      method: "acoustic",
      confidence: "high",
      scoring_version: 1,
    });
    expect(body.words).toHaveLength(3);
    expect(body.words[1]).toEqual({
      index: 1,
      word: "think",
      score: 40,
      error_type: "Mispronunciation",
      heard: "/sɪŋk/",
      start_ms: 300,
      end_ms: 600,
      expected_phones: ["TH", "IH", "NG", "K"],
      expected_ipa: "/θɪŋk/",
      sounds: soundsOf("TH:S 10, IH, NG, K"),
      hint: expect.stringContaining("Solishtiring: think – sink."),
    });
    expect(await left(ports)).toBe(29);
  });

  test("is kept, in short in the history, whole by itself, and its hint can be read in English later", async () => {
    const ports = await school({ pronunciation: lisping });
    const { body: made } = await analyse(ports);
    const { body: list } = await call(ports, HISTORY, LEARNER);
    const { words, ...rest } = made;
    expect(list).toEqual([{ ...rest, weak_words: [{ word: "think", score: 40, sound: "TH" }] }]);
    expect((await call(ports, `${HISTORY}/1`, LEARNER)).body).toEqual(made);
    const english = await call(ports, `${HISTORY}/1`, LEARNER, { headers: { "accept-language": "en" } });
    expect(english.body.words[1].hint).toContain("Compare: think – sink.");
    const stored = JSON.stringify(await ports.pronunciationAttempts.find(1));
    expect([stored.includes("Solishtiring"), words.length]).toEqual([false, 3]);
  });

  test("is nobody else's to read", async () => {
    const ports = await school();
    await analyse(ports);
    for (const as of [OTHER_LEARNER, ADMIN]) {
      expect((await call(ports, `${HISTORY}/1`, as)).body.code).toBe("not_found");
      expect((await call(ports, HISTORY, as)).body).toEqual([]);
    }
  });

  test("of the history can be looked for by where the recording came from", async () => {
    const ports = await school();
    await analyse(ports);
    await call(ports, "/api/v1/pronunciation/analyze/", LEARNER, form({ file: reading(), phrase_id: "2" }));
    const found = async (query: string) =>
      (await call(ports, `/api/v1/pronunciation/history/?${query}`, LEARNER)).body.map(({ id }: { id: number }) => id);
    expect([
      await found(""),
      await found("source=free"),
      await found("phrase_id=2"),
      await found("phrase_id=1"),
    ]).toEqual([[2, 1], [1], [2], []]);
    expect((await call(ports, `${HISTORY}?source=dream`, LEARNER)).body.code).toBe("invalid_input");
  });

  test("under one Idempotency-Key is made and paid once, known by sound and text", async () => {
    const ports = await school();
    const headers = { "idempotency-key": "reading-1" };
    const first = await analyse(ports, {}, headers);
    const again = await analyse(ports, {}, headers);
    expect([again.body, again.headers.get("idempotent-replayed")]).toEqual([first.body, "true"]);
    expect((await analyse(ports, { reference_text: "Other" }, headers)).body.code).toBe("idempotency_key_reused");
    expect([await left(ports), await ports.pronunciationAttempts.count({})]).toEqual([29, 1]);
  });
});

describe("what cannot be judged is refused and costs nothing:", () => {
  test.each([
    ["silence", { file: tone(1.5, 0) }, "audio_unusable", "silent"],
    ["a cough", { file: reading(0.2) }, "audio_unusable", "short"],
    ["a voice that is cut off", { file: reading(2, 3) }, "audio_unusable", "clipped"],
    ["a roaring room", { file: reading(2, 0.3, 0.3) }, "audio_unusable", "noisy"],
    ["a page in two seconds", { reference_text: "many more words than that ".repeat(12) }, "audio_unusable", "fast"],
    ["no sound at all", { file: new File(["not a sound"], "a.txt") }, "unsupported_audio", undefined],
    ["no file", { file: "text" }, "invalid_input", undefined],
    ["no text", { reference_text: " " }, "invalid_input", undefined],
    ["a book", { reference_text: "a ".repeat(2501) }, "invalid_input", undefined],
    ["dots", { reference_text: "…" }, "nothing_to_say", undefined],
    ["Uzbek", { reference_text: "Bugun havo juda yaxshi, biz esa maktabga boramiz" }, "language_not_scored", undefined],
    ["a language that is none", { language: "English" }, "invalid_input", undefined],
  ] as const)("%s", async (_, fields, code, reason) => {
    const ports = await school({ pronunciation: scorer() });
    const { body } = await analyse(ports, fields as Record<string, string | Blob>);
    expect([body.code, body.reason]).toEqual([code, reason]);
    await untouched(ports);
  });

  test("more than three minutes", async () => {
    const decode = async () => ({ samples: syllables(), duration_ms: 180_001, mime: "audio/wav" });
    const ports = await school({ decoder: { decode, stop: async () => {} } });
    expect((await analyse(ports)).body).toMatchObject({
      code: "audio_too_long",
      max_minutes: 3,
    });
    await untouched(ports);
  });

  test("another text than the one that was sent", async () => {
    const ports = await school({ pronunciation: scorer(() => pronounced([think], { wrong_text: true })) });
    expect((await analyse(ports)).body).toMatchObject({ status: 422, code: "wrong_text" });
    await untouched(ports);
  });

  test("what the scorer breaks on", async () => {
    const broken = scorer(() => {
      throw new AppError("scoring_failed");
    });
    const ports = await school({ pronunciation: broken });
    expect((await analyse(ports)).body).toMatchObject({ status: 502, code: "scoring_failed" });
    await untouched(ports);
  });

  test("anything, where no scorer is installed", async () => {
    const ports = await school({ pronunciation: null });
    expect((await analyse(ports)).body).toMatchObject({ status: 503, code: "scoring_unavailable" });
    await untouched(ports);
  });
});

test("a spent quota is told before anything is listened to", async () => {
  let asked = 0;
  const counting = scorer(() => {
    asked++;
    return pronounced([think]);
  });
  const ports = await school({ pronunciation: counting });
  await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ pronunciation_analysis_left: 1 }));
  expect((await analyse(ports)).status).toBe(200);
  expect((await analyse(ports)).body).toMatchObject({
    status: 403,
    quota: "pronunciation_analysis_left",
    remaining: 0,
  });
  expect(asked).toBe(1);
  expect(await rowsOf(ports.spendings)).toMatchObject([
    { meter: "pronunciation", purpose: "pronunciation", amount: 1 },
  ]);
});

test("a language can be named where the text does not show it", async () => {
  const asked: string[] = [];
  const polyglot = { ...scorer(), languages: ["en", "uz"] };
  const ports = await school({
    pronunciation: {
      ...polyglot,
      score: (samples, read) => {
        asked.push(read.language);
        return polyglot.score(samples, read);
      },
    },
  });
  for (const fields of [{ reference_text: "Salom" }, { reference_text: "Salom", language: "uz" }])
    await analyse(ports, fields);
  expect(asked).toEqual(["en", "uz"]);
});

test("of one learner two are under way at once; another's waits behind none of theirs", async () => {
  const [busy, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  const slow = scorer(async () => {
    if (++asked === 2) busy.resolve();
    await gate.promise;
    return pronounced([think]);
  });
  const ports = await school({ pronunciation: slow });
  const both = [analyse(ports), analyse(ports)];
  await busy.promise;
  expect((await analyse(ports)).body).toMatchObject({ status: 503, code: "busy", retry_after: 5 });
  const file = { file: reading(), reference_text: TEXT };
  const other = call(ports, ANALYSE, OTHER_LEARNER, form(file));
  gate.resolve();
  expect((await Promise.all([...both, other])).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await analyse(ports)).status).toBe(200);
  expect(await left(ports)).toBe(27);
});

test("a recording that a sound card shifted is judged as if it were not", async () => {
  const offsets: number[] = [];
  const ports = await school({
    pronunciation: {
      ...scorer(),
      score: async (samples) => {
        offsets.push(samples.reduce((sum, sample) => sum + sample, 0) / samples.length);
        return pronounced([think]);
      },
    },
  });
  const shifted = wav(Int16Array.from(syllables(2), (sample) => sample * 32_767 + 6000));
  expect((await analyse(ports, { file: shifted })).status).toBe(200);
  expect(Math.abs(offsets[0] ?? 1)).toBeLessThan(0.001);
});
