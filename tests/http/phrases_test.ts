import { describe, expect, test } from "bun:test";
import { fakeTextToSpeech } from "../../src/adapters/ai/fake_voice.ts";
import { chainedVoices } from "../../src/adapters/ai/voice_chain.ts";
import { ensurePhrases } from "../../src/application/phrases.ts";
import { STARTER_PHRASES } from "../../src/domain/starter_phrases.ts";
import { brokenVoice } from "../support/models.ts";
import { attempted } from "../support/pronouncing.ts";
import {
  ADMIN,
  call,
  LEARNER,
  OTHER_LEARNER,
  OTHER_TEACHER,
  post,
  put,
  type School,
  school,
  TEACHER,
} from "../support/school.ts";

const english = { id: "away-en", language: "en", name: "English" };
const PHRASES = "/api/v1/pronunciation/phrases/";
const MINE = { text: "My very own words", level: "B1", translation: "Mening oʻz soʻzlarim" };

const add = async (ports: School, as: number, body: object = MINE) => (await call(ports, PHRASES, as, post(body))).body;
const texts = async (ports: School, as: number, query = "limit=100") =>
  (await call(ports, `${PHRASES}?${query}`, as)).body.map(({ text }: { text: string }) => text);

describe("phrases", () => {
  test("are there from the first start, once, by level and by words", async () => {
    const ports = await school();
    await Promise.all([ensurePhrases(ports)(), ensurePhrases(ports)()]);
    expect(await texts(ports, LEARNER)).toEqual(STARTER_PHRASES.map(({ text }) => text));
    expect(await texts(ports, LEARNER, "level=A1")).toHaveLength(6);
    expect(await texts(ports, LEARNER, "level=C2")).toEqual([]);
    expect(await texts(ports, LEARNER, "q=mushug")).toEqual(["My bag is black and my cat is fat."]);
    expect(await texts(ports, LEARNER, "level=A1&skip=1&limit=1")).toEqual([STARTER_PHRASES[1]?.text ?? ""]);
    expect((await call(ports, PHRASES)).status).toBe(401);
  });

  test("of a learner are their own; of a teacher and an admin the school's", async () => {
    const ports = await school();
    const { status, body, headers } = await call(ports, PHRASES, LEARNER, post(MINE));
    expect([status, headers.get("location")]).toEqual([201, `${PHRASES}${body.id}`]);
    expect(body).toMatchObject({ ...MINE, language: "en", phonetic_hint: null, shared: false });
    expect(body).not.toHaveProperty("user_id");
    for (const as of [TEACHER, ADMIN])
      expect(await add(ports, as, { text: `By ${as}` })).toMatchObject({ shared: true });
    expect(await texts(ports, LEARNER, "level=B1&limit=100")).toContain(MINE.text);
    for (const as of [OTHER_LEARNER, TEACHER, ADMIN]) expect(await texts(ports, as)).not.toContain(MINE.text);
    expect((await texts(ports, OTHER_LEARNER)).slice(-2)).toEqual(["By 2", "By 1"]);
  });

  test("of the school's are no longer theirs who are not a teacher any more", async () => {
    const ports = await school();
    const { id } = await add(ports, TEACHER);
    const at = `${PHRASES}${id}`;
    expect((await call(ports, at, TEACHER, put(MINE))).status).toBe(200);
    await ports.users.change({ id: TEACHER }, { role: "user" });
    expect((await call(ports, at, TEACHER, put({ text: "Something rude" }))).status).toBe(403);
    expect((await call(ports, at, TEACHER, { method: "DELETE" })).status).toBe(403);
    expect((await call(ports, at, LEARNER)).body.text).toBe(MINE.text);
  });

  test("of another are not there, whatever is done to them; an admin changes and deletes any", async () => {
    const ports = await school();
    const { id } = await add(ports, LEARNER);
    const at = `${PHRASES}${id}`;
    for (const as of [OTHER_LEARNER, TEACHER]) {
      expect((await call(ports, at, as)).status).toBe(404);
      expect((await call(ports, at, as, put(MINE))).status).toBe(404);
      expect((await call(ports, at, as, { method: "DELETE" })).status).toBe(404);
    }
    expect((await call(ports, at, ADMIN)).status).toBe(404);
    expect((await call(ports, at, ADMIN, put({ text: "Mended" }))).body).toMatchObject({ text: "Mended", level: "A1" });
    expect((await call(ports, at, LEARNER, put(MINE))).body).toMatchObject(MINE);
    expect((await call(ports, at, ADMIN, { method: "DELETE" })).status).toBe(204);
    expect((await call(ports, at, LEARNER)).status).toBe(404);
    expect(await ports.audit.findBy({ action: "phrase.delete" })).toMatchObject({ actor_id: ADMIN });
  });

  test("of the school are changed by who wrote them and by admins alone", async () => {
    const ports = await school();
    const { id } = await add(ports, TEACHER);
    for (const at of [`${PHRASES}${id}`, `${PHRASES}1`])
      for (const as of [LEARNER, OTHER_TEACHER]) {
        expect((await call(ports, at, as, put(MINE))).body.code).toBe("forbidden");
        expect((await call(ports, at, as, { method: "DELETE" })).body.code).toBe("forbidden");
      }
    expect((await call(ports, `${PHRASES}${id}`, TEACHER, put({ text: "Better" }))).body.text).toBe("Better");
    expect((await call(ports, `${PHRASES}1`, ADMIN, put({ text: "Ours" }))).body.text).toBe("Ours");
    expect((await call(ports, `${PHRASES}${id}`, TEACHER, { method: "DELETE" })).status).toBe(204);
  });

  test("that are deleted leave what was read of them in the history", async () => {
    const ports = await school();
    const { id } = await add(ports, LEARNER);
    await attempted(ports, undefined, { phrase_id: id, source: "phrase" });
    await call(ports, `${PHRASES}${id}`, LEARNER, { method: "DELETE" });
    expect((await call(ports, "/api/v1/pronunciation/history/", LEARNER)).body).toMatchObject([
      { id: 1, phrase_id: null, source: "phrase" },
    ]);
  });

  test.each([[{}], [{ text: " " }], [{ text: "…" }], [{ text: "a".repeat(301) }], [{ text: "a", level: "D1" }]])(
    "%j is none",
    async (body) => expect((await call(await school(), PHRASES, LEARNER, post(body))).body.code).toBe("invalid_input"),
  );
});

describe("the sound of a phrase", () => {
  const left = async (ports: School) => (await call(ports, "/api/v1/ai/usage", LEARNER)).body.tts_chars_left;

  /** A voice that counts what it says. */
  const counting = () => {
    const said: string[] = [];
    const voice = fakeTextToSpeech();
    const textToSpeech = {
      ...voice,
      speak: (text: string, options: Parameters<typeof voice.speak>[1]) => {
        said.push(text);
        return voice.speak(text, options);
      },
    };
    return { said, textToSpeech };
  };

  test("is made when it is first played, once, and costs nobody anything where the phrase is the school's", async () => {
    const { said, textToSpeech } = counting();
    const ports = await school({ textToSpeech });
    const [first] = (await call(ports, PHRASES, LEARNER)).body;
    expect(said).toEqual([]);
    const plays = await Promise.all([1, 2, 3].map(() => ports.app.request(first.audio_url)));
    expect(plays.map(({ status, headers }) => [status, headers.get("content-type")])).toEqual(
      Array(3).fill([200, "audio/mpeg"]),
    );
    const part = await ports.app.request(first.audio_url, { headers: { range: "bytes=0-9" } });
    expect([part.status, (await part.bytes()).length]).toEqual([206, 10]);
    expect([said, await left(ports)]).toEqual([["Thank you for the three books."], 10_000]);
  });

  test("of a learner's own costs them its characters, once", async () => {
    const { said, textToSpeech } = counting();
    const ports = await school({ textToSpeech });
    const { audio_url } = await add(ports, LEARNER);
    for (let i = 0; i < 2; i++) expect((await ports.app.request(audio_url)).status).toBe(200);
    expect([said, await left(ports)]).toEqual([[MINE.text], 10_000 - MINE.text.length]);
    await call(ports, `/api/v1/admin/users/${LEARNER}/quotas`, ADMIN, put({ tts_chars_left: 3 }));
    const other = await add(ports, LEARNER, { text: "Four" });
    expect((await ports.app.request(other.audio_url)).status).toBe(403);
  });

  test("is made and paid once, too, where another voice stands in for one that is away", async () => {
    const { said, textToSpeech } = counting();
    const away = { ...brokenVoice(textToSpeech, "speech_failed"), voices: [{ ...english, engine: "away" }] };
    const ports = await school({ textToSpeech: chainedVoices([away, textToSpeech]) });
    const { audio_url } = await add(ports, LEARNER);
    const [schools] = (await call(ports, PHRASES, LEARNER)).body;
    for (const url of [audio_url, audio_url, schools.audio_url, schools.audio_url])
      expect((await ports.app.request(url)).status).toBe(200);
    expect([said, await left(ports)]).toEqual([[MINE.text, schools.text], 10_000 - MINE.text.length]);
  });

  test("has another address when the words change, and none without its signature", async () => {
    const ports = await school();
    const { id, audio_url } = await add(ports, LEARNER);
    const changed = (await call(ports, `${PHRASES}${id}`, LEARNER, put({ ...MINE, text: "Quite other" }))).body;
    expect((await ports.app.request(audio_url)).status).toBe(404);
    expect((await ports.app.request(changed.audio_url)).status).toBe(200);
    expect((await ports.app.request(changed.audio_url.replace(/\?.*/, ""))).status).toBe(403);
  });

  test("that a voice fails to make is refused when it is played; the phrase is there all the same", async () => {
    const ports = await school({ textToSpeech: brokenVoice(fakeTextToSpeech(), "speech_failed") });
    const { id, audio_url } = await add(ports, LEARNER);
    expect(id).toBeGreaterThan(0);
    expect((await ports.app.request(audio_url)).status).toBe(502);
    expect(await left(ports)).toBe(10_000);
  });

  test("is null in a language that no voice speaks", async () => {
    const ports = await school();
    expect(await add(ports, LEARNER, { text: "Saluton", language: "eo" })).toMatchObject({ audio_url: null });
  });
});
