import { describe, expect, test } from "bun:test";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { assessment, attempted, pronounced, reading, scored, scorer, soundsOf } from "../support/pronouncing.ts";
import { ADMIN, call, form, LEARNER, OTHER_LEARNER, patch, post, type School, school } from "../support/school.ts";

const SESSIONS = "/api/v1/pronunciation/sessions/";
const ANALYSE = "/api/v1/pronunciation/analyze/";
const PROFILE = "/api/v1/pronunciation/profile/";
const SUMMARY = "/api/v1/ai/pronunciation/summary";
const PHRASES = "/api/v1/pronunciation/phrases/";

const begin = (ports: School, body: object = {}, as = LEARNER) => call(ports, SESSIONS, as, post(body));
const complete = (ports: School, id = 1, as = LEARNER) =>
  call(ports, `${SESSIONS}${id}/complete`, as, { method: "PATCH" });
const analyse = (ports: School, fields: Record<string, string | Blob>, as = LEARNER) =>
  call(ports, ANALYSE, as, form({ file: reading(4), ...fields }));
const left = async (ports: School) => (await call(ports, "/api/v1/ai/usage", LEARNER)).body.pronunciation_analysis_left;

describe("a practice session", () => {
  test("of a level has up to ten of its phrases; without one it is of the learner's own", async () => {
    const ports = await school();
    const { status, body, headers } = await begin(ports, { level: "A1" });
    expect([status, headers.get("location")]).toEqual([201, `${SESSIONS}1`]);
    expect(body).toEqual({
      id: 1,
      session_id: 1,
      status: "active",
      level: "A1",
      phrase_ids: [1, 2, 3, 4, 5, 6],
      attempt_count: 0,
      average_accuracy: null,
      average_overall: null,
      xp: 0,
      started_at: expect.any(String),
      completed_at: null,
    });
    await call(ports, "/api/v1/users/me", LEARNER, patch({ level: "B2" }));
    expect((await begin(ports)).body).toMatchObject({ level: "B2", phrase_ids: [19, 20, 21, 22, 23, 24] });
    expect((await begin(ports, {}, OTHER_LEARNER)).body.level).toBe("A2");
  });

  test("begins with what was not read yet, then with what went worst", async () => {
    const ports = await school();
    const of = (total: number) => assessment([scored("x")], { total });
    for (const [phrase_id, total] of [
      [1, 90],
      [2, 50],
      [3, 70],
      [2, 60],
    ] as const)
      await attempted(ports, of(total), { phrase_id, source: "phrase" });
    expect((await begin(ports, { level: "A1" })).body.phrase_ids).toEqual([4, 5, 6, 2, 3, 1]);
  });

  test("collects attempts, and shows them with its phrases and their sound", async () => {
    const ports = await school({ pronunciation: scorer() });
    await begin(ports, { phrase_ids: [3, 1, 3] });
    const { status, body } = await analyse(ports, { phrase_id: "3", session_id: "1" });
    expect([status, body.session_id, body.phrase_id, body.source]).toEqual([200, 1, 3, "phrase"]);
    expect(body.reference_text).toBe("My bag is black and my cat is fat.");
    await analyse(ports, { phrase_id: "1", session_id: "1" });
    const whole = (await call(ports, `${SESSIONS}1`, LEARNER)).body;
    expect(whole).toMatchObject({ status: "active", attempt_count: 2, xp: 0, phrase_ids: [3, 1], level: null });
    expect(whole.attempts.map(({ phrase_id }: { phrase_id: number }) => phrase_id)).toEqual([3, 1]);
    expect(whole.phrases.map(({ id }: { id: number }) => id)).toEqual([3, 1]);
    expect((await ports.app.request(whole.phrases[0].audio_url)).status).toBe(200);
    expect(await left(ports)).toBe(28);
  });

  test("is completed once, with its averages and experience, however often it is asked for", async () => {
    const totals = [70, 59.9, 80, 90, 100];
    let at = 0;
    const ports = await school({
      pronunciation: scorer(() => pronounced([scored("x")], { total: totals[at++] ?? 0 })),
    });
    await begin(ports, { level: "A1" });
    for (const phrase_id of ["1", "2", "1", "1", "1"]) await analyse(ports, { phrase_id, session_id: "1" });
    const ended = await Promise.all([complete(ports), complete(ports), complete(ports)]);
    for (const { status, body } of ended) {
      expect(status).toBe(200);
      // The second is below 60, the fifth is the fourth of its phrase.
      expect(body).toMatchObject({
        status: "completed",
        attempt_count: 5,
        average_overall: 80,
        average_accuracy: 80,
        xp: 30,
      });
      expect(body).toEqual(ended[0]?.body);
    }
    const late = await analyse(ports, { phrase_id: "1", session_id: "1" });
    expect(late.body).toMatchObject({ status: 409, code: "session_completed" });
    expect([await left(ports), (await call(ports, `${SESSIONS}1`, LEARNER)).body.attempt_count]).toEqual([25, 5]);
  });

  test("that ends while an attempt is being judged does not take it, and it costs nothing", async () => {
    const ports = await school({
      pronunciation: scorer(async () => {
        await complete(ports);
        return pronounced([scored("x")]);
      }),
    });
    await begin(ports);
    expect((await analyse(ports, { phrase_id: "1", session_id: "1" })).body.code).toBe("session_completed");
    expect([await left(ports), await ports.pronunciationAttempts.count({})]).toEqual([30, 0]);
  });

  test("without attempts comes to nothing", async () => {
    const ports = await school();
    await begin(ports);
    expect((await complete(ports)).body).toMatchObject({ average_overall: null, xp: 0, status: "completed" });
  });

  test("and a phrase of another are not there, and cost nothing", async () => {
    const ports = await school();
    await begin(ports);
    const { id } = (await call(ports, PHRASES, LEARNER, post({ text: "My own words" }))).body;
    for (const as of [OTHER_LEARNER, ADMIN]) {
      expect((await call(ports, `${SESSIONS}1`, as)).body.code).toBe("not_found");
      expect((await complete(ports, 1, as)).body.code).toBe("not_found");
      expect((await analyse(ports, { phrase_id: "1", session_id: "1" }, as)).body.code).toBe("not_found");
      expect((await analyse(ports, { phrase_id: String(id) }, as)).body.code).toBe("not_found");
      expect((await begin(ports, { phrase_ids: [1, id] }, as)).body.code).toBe("not_found");
      expect((await call(ports, SESSIONS, as)).body).toEqual([]);
    }
    expect(await ports.spendings.count({})).toBe(0);
    expect((await begin(ports, { phrase_ids: [1, id] })).status).toBe(201);
  });

  test.each([[{ phrase_ids: [] }], [{ level: "Z9" }], [{ phrase_ids: ["one"] }], [{ phrase_ids: Array(51).fill(1) }]])(
    "is not begun by %j",
    async (body) => expect((await begin(await school(), body)).body.code).toBe("invalid_input"),
  );

  test.each([[{}], [{ phrase_id: "first" }], [{ phrase_id: "1", session_id: "none" }]])(
    "takes no attempt without a phrase: %j",
    async (fields) => expect((await analyse(await school(), fields)).body.code).toBe("invalid_input"),
  );
});

describe("the profile", () => {
  test("of an empty account has nulls and empty lists, and phrases to begin with", async () => {
    const ports = await school();
    const nothing = {
      attempt_count: 0,
      based_on: 0,
      averages: { accuracy: null, fluency: null, completeness: null, overall: null },
      trend: null,
      hardest_words: [],
      hardest_sounds: [],
    };
    const summary = await call(ports, SUMMARY, LEARNER);
    expect([summary.status, summary.body]).toMatchObject([200, nothing]);
    const { status, body } = await call(ports, PROFILE, LEARNER);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...nothing,
      session_count: 0,
      completed_sessions: 0,
      xp: 0,
      streak_days: 0,
      by_level: [],
      phrases: [],
      recent_sessions: [],
    });
    expect(body.practise_next.map(({ reason }: { reason: object }) => reason)).toEqual(
      Array(3).fill({ kind: "new", text: "Bu iborani hali oʻqib koʻrmagansiz." }),
    );
  });

  const lisp = (total: number) =>
    assessment(
      [
        scored("Three", { score: 30, sounds: soundsOf("TH:S 10, R, IY") }),
        scored("day", { sounds: soundsOf("D, EY") }),
      ],
      {
        total,
      },
    );

  test("tells the hardest words and sounds with a hint, and what to practise next and why", async () => {
    const clock = memoryClock();
    const ports = await school({ clock });
    await begin(ports, { level: "A1" });
    await attempted(ports, lisp(50), {
      phrase_id: 1,
      session_id: 1,
      source: "phrase",
      created_at: clock.now().toISOString(),
    });
    await attempted(ports, lisp(60), { created_at: clock.now().toISOString() });
    await attempted(ports, lisp(99), { user_id: OTHER_LEARNER });
    await ports.practiceSessions.change({ id: 1 }, { attempt_count: 1 });
    await complete(ports);
    const { body } = await call(ports, PROFILE, LEARNER);
    expect(body).toMatchObject({
      attempt_count: 2,
      based_on: 2,
      averages: { accuracy: 80, fluency: 70, completeness: 100, overall: 55 },
      hardest_words: [{ word: "three", times: 2, average_score: 30 }],
      hardest_sounds: [{ sound: "TH", ipa: "θ", said: 2, weak: 2, average_score: 10, heard: "S", words: ["three"] }],
      session_count: 1,
      completed_sessions: 1,
      xp: 0,
      streak_days: 1,
      by_level: [{ level: "A1", attempts: 1, average_overall: 50 }],
      phrases: [{ phrase_id: 1, text: "Thank you for the three books.", best_score: 50, attempts: 1 }],
      recent_sessions: [{ id: 1, average_overall: 50 }],
    });
    expect(body.hardest_sounds[0].hint).toStartWith("/θ/ oʻrniga /s/ga oʻxshash tovush eshitildi");
    const [{ phrase, reason }] = body.practise_next;
    expect(phrase.text.toLowerCase()).toContain(reason.word);
    expect(reason).toEqual({
      kind: "sound",
      sound: "TH",
      word: expect.any(String),
      times: 2,
      text: expect.any(String),
    });
    expect(reason.text).toContain(`“${reason.word}” soʻzidagi /θ/`);
    const english = await call(ports, SUMMARY, LEARNER, { headers: { "accept-language": "en" } });
    expect(english.body.practise_next[0].reason.text).toStartWith(`To practise the /θ/ of “${reason.word}”`);
  });
});
