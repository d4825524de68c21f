import { describe, expect, test } from "bun:test";
import {
  ADMIN,
  call,
  LEARNER,
  OTHER_LEARNER,
  post,
  type School,
  STRANGER,
  school,
  TEACHER,
} from "../support/school.ts";
import { autoGraded, openStream, SUBMISSIONS } from "../support/stories.ts";

const NOTICES = "/api/v1/notifications/";
const STREAM = `${NOTICES}stream`;
const at = "2026-01-01T00:00:00.000Z";

const tell = (ports: School, user_id: number, title = "Essay 1") =>
  ports.notices.add({
    user_id,
    kind: "homework_assigned",
    params: { homework_id: 1, title },
    read_at: null,
    created_at: at,
  });
const unread = async (ports: School, as = LEARNER) =>
  (await call(ports, `${NOTICES}unread-count`, as)).body.unread_count;
const ids = async (ports: School, query = "") =>
  (await call(ports, `${NOTICES}${query}`, LEARNER)).body.map(({ id }: { id: number }) => id);

test("one sees one's own, newest first, and how many are unread", async () => {
  const ports = await school();
  for (const user of [LEARNER, OTHER_LEARNER, LEARNER]) await tell(ports, user);
  const { body } = await call(ports, NOTICES, LEARNER);
  expect(body).toEqual(
    [3, 1].map((id) => ({
      id,
      kind: "homework_assigned",
      text: "Sizga yangi vazifa berildi: «Essay 1».",
      params: { homework_id: 1, title: "Essay 1" },
      is_read: false,
      read_at: null,
      created_at: at,
    })),
  );
  expect([await unread(ports), await unread(ports, OTHER_LEARNER), await unread(ports, ADMIN)]).toEqual([2, 1, 0]);
});

test("reading one is done once; another's is not there to be read", async () => {
  const ports = await school();
  for (const user of [LEARNER, LEARNER, OTHER_LEARNER]) await tell(ports, user);
  const read = (id: number, as = LEARNER) => call(ports, `${NOTICES}${id}/read`, as, { method: "PATCH" });
  const first = await read(1);
  expect(first).toMatchObject({ status: 200, body: { id: 1, is_read: true, read_at: at } });
  expect((await read(1)).body).toEqual(first.body);
  expect(await unread(ports)).toBe(1);
  expect(await ids(ports, "?unread=true")).toEqual([2]);
  for (const id of [3, 99]) expect((await read(id)).body).toMatchObject({ status: 404, code: "not_found" });
  expect((await read(3, ADMIN)).body.code).toBe("not_found");
  expect(await unread(ports, OTHER_LEARNER)).toBe(1);
});

test("unread=false is what was read", async () => {
  const ports = await school();
  for (const user of [LEARNER, LEARNER]) await tell(ports, user);
  await call(ports, `${NOTICES}1/read`, LEARNER, { method: "PATCH" });
  expect(await ids(ports, "?unread=false")).toEqual([1]);
});

test("reading all is one's own alone", async () => {
  const ports = await school();
  for (const user of [LEARNER, LEARNER, OTHER_LEARNER]) await tell(ports, user);
  const all = () => call(ports, `${NOTICES}read-all`, LEARNER, { method: "POST" });
  expect((await all()).body).toEqual({ marked: 2 });
  expect((await all()).body).toEqual({ marked: 0 });
  expect([await unread(ports), await unread(ports, OTHER_LEARNER)]).toEqual([0, 1]);
});

test("unread=perhaps is 422", async () =>
  expect((await call(await school(), `${NOTICES}?unread=perhaps`, LEARNER)).body.code).toBe("invalid_input"));

test("each is worded in the reader's language", async () => {
  const ports = await school();
  const { score } = await autoGraded(ports);
  await call(ports, `${SUBMISSIONS}/1/grade`, TEACHER, post({ score: 87 }));
  const words = async (language: string) => {
    const { body } = await call(ports, NOTICES, LEARNER, { headers: { "accept-language": language } });
    return body.map(({ text }: { text: string }) => text);
  };
  expect(await words("uz")).toEqual([
    "Oʻqituvchi «Essay 1» vazifasini baholadi: 87/100 ball.",
    `«Essay 1» vazifasi avtomatik tekshirildi: ${score}/100 ball. Yakuniy bahoni oʻqituvchi qoʻyadi.`,
  ]);
  expect(await words("en-GB")).toEqual([
    "Your teacher graded “Essay 1”: 87/100 points.",
    `“Essay 1” was checked automatically: ${score}/100 points. Your teacher has the last word.`,
  ]);
});

describe("the stream", () => {
  test("tells what comes, not what was", async () => {
    const ports = await school();
    await tell(ports, LEARNER, "old");
    const stream = await openStream(ports, STREAM, LEARNER, { "accept-language": "en" });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    expect(stream.headers.get("x-accel-buffering")).toBe("no");
    expect(await stream.raw()).toStartWith("retry: ");
    await autoGraded(ports);
    const [event] = await stream.next(1);
    expect(event).toMatchObject({ id: "2", event: "notification", data: { id: 2, kind: "homework_auto_graded" } });
    expect(event?.data.text).toStartWith("“Essay 1” was checked automatically");
    await stream.close();
  });

  test("reaches every open page of the user, and nobody else's", async () => {
    const ports = await school();
    const pages = await Promise.all([1, 2].map(() => openStream(ports, STREAM, STRANGER)));
    const other = await openStream(ports, STREAM, OTHER_LEARNER);
    await Promise.all([...pages, other].map((page) => page.raw()));
    await call(ports, "/api/v1/homework/1/assign", TEACHER, post({ user_ids: [STRANGER] }));
    for (const page of pages) expect(await page.next(1)).toMatchObject([{ data: { kind: "homework_assigned" } }]);
    const silent = await Promise.race([other.next(1), Bun.sleep(100).then(() => "silent")]);
    expect(silent).toBe("silent");
    for (const page of [...pages, other]) await page.close();
  });

  test("goes on after Last-Event-ID, however many were missed", async () => {
    const ports = await school();
    for (let i = 0; i < 150; i++) await tell(ports, LEARNER);
    const few = await openStream(ports, STREAM, LEARNER, { "last-event-id": "148" });
    expect((await few.next(2)).map(({ id }) => id)).toEqual(["149", "150"]);
    await few.close();
    const many = await openStream(ports, STREAM, LEARNER, { "last-event-id": "0" });
    const all = await Promise.race([many.next(150), Bun.sleep(1000).then(() => [])]);
    expect(all).toHaveLength(150);
    await many.close();
  });

  test("of another user begins where one is, not where they are", async () => {
    const ports = await school();
    await tell(ports, OTHER_LEARNER);
    const stream = await openStream(ports, STREAM, LEARNER, { "last-event-id": "0" });
    const told = await Promise.race([stream.next(1), Bun.sleep(100).then(() => "silent")]);
    expect(told).toBe("silent");
    await stream.close();
  });

  test("ends with the sign-in at its next look", async () => {
    const ports = await school();
    const stream = await openStream(ports, STREAM, LEARNER);
    await stream.raw();
    await call(ports, "/api/v1/logout", LEARNER, { method: "POST" });
    await tell(ports, LEARNER);
    ports.signals.wake(`notices ${LEARNER}`);
    expect(await Promise.race([stream.ended(), Bun.sleep(1000).then(() => "open")])).toEqual([]);
  });

  test("is not for strangers, and refuses an id that is none", async () => {
    const ports = await school();
    expect((await call(ports, STREAM)).status).toBe(401);
    const { body } = await call(ports, STREAM, LEARNER, { headers: { "last-event-id": "x" } });
    expect(body).toMatchObject({ status: 422, code: "invalid_input" });
  });
});
