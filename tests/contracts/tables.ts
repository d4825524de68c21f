import { describe, expect, test } from "bun:test";
import type { Ports, Stores } from "../../src/application/ports/mod.ts";
import type { Table } from "../../src/application/ports/tables.ts";
import type { Course } from "../../src/domain/courses.ts";
import type { Homework, Submission } from "../../src/domain/homework.ts";
import type { Phrase } from "../../src/domain/phrases.ts";
import type { PracticeSession } from "../../src/domain/practice.ts";
import type { PronunciationAttempt } from "../../src/domain/pronunciation.ts";
import type { User } from "../../src/domain/users.ts";
import { assessment, scored, soundsOf } from "../support/pronouncing.ts";

const at = "2026-01-01T00:00:00.000Z";
const stamp = { created_at: at, updated_at: at };
const course: Omit<Course, "id"> = {
  title: "English",
  description: "",
  level: "A1",
  language: "en",
  teacher_id: null,
  ...stamp,
};

/** What every Table must do; each `open` gives fresh, empty stores. */
export function tableContract(name: string, open: () => Promise<Stores>) {
  const filled = async (...titles: string[]): Promise<Table<Course>> => {
    const { courses } = await open();
    for (const title of titles) await courses.add({ ...course, title });
    return courses;
  };
  const titles = (rows: Course[]) => rows.map(({ title }) => title).join("");
  const first = { skip: 0, limit: 10 };

  describe(`${name} keeps the Table contract`, () => {
    test("find() gives what add() stored, and null for an unknown id", async () => {
      const { courses } = await open();
      const added = await courses.add(course);
      expect(added).toEqual({ ...course, id: 1 });
      expect(await courses.find(1)).toEqual(added);
      expect(await courses.find(404)).toBeNull();
    });

    test("addNew() stores nothing where a unique key is taken, whoever else adds it at the same time", async () => {
      const { courses, enrolments, users } = await open();
      await courses.add(course);
      await users.add(person("a@example.com"));
      const draft = { course_id: 1, user_id: 1, created_at: at };
      const added = await Promise.all(Array.from({ length: 5 }, () => enrolments.addNew(draft)));
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await enrolments.count({})).toBe(1);
    });

    test("add() fails where a unique key is taken", async () => {
      const { users } = await open();
      await users.add(person("a@example.com"));
      await expect(users.add(person("a@example.com"))).rejects.toThrow();
    });

    test("list() goes on after the last row seen, in either direction", async () => {
      const courses = await filled("a", "b", "c", "d");
      expect(titles(await courses.list({ skip: 0, limit: 2 }))).toBe("ab");
      expect(titles(await courses.list({ after: 2, skip: 0, limit: 2 }))).toBe("cd");
      expect(titles(await courses.list({ skip: 3, limit: 2 }))).toBe("d");
      expect(titles(await courses.list({ skip: 0, limit: 2, newestFirst: true }))).toBe("dc");
      expect(titles(await courses.list({ after: 3, skip: 0, limit: 2, newestFirst: true }))).toBe("ba");
    });

    test("list() filters by equality, null, before and in; what is undefined filters nothing", async () => {
      const courses = await filled("a", "b", "c");
      await courses.change({ title: "b" }, { level: "B1", updated_at: "2026-02-01T00:00:00.000Z" });
      const find = async (where: Parameters<typeof courses.count>[0]) =>
        titles(await courses.list({ ...first, where }));
      expect(await find({ level: "B1" })).toBe("b");
      expect(await find({ level: undefined })).toBe("abc");
      expect(await find({ teacher_id: null })).toBe("abc");
      expect(await find({ updated_at: { before: "2026-01-15T00:00:00.000Z" } })).toBe("ac");
      expect(await find({ title: { in: ["a", "c", "x"] } })).toBe("ac");
      expect(await find({ title: { in: [] } })).toBe("");
      expect(await find({ title: { not: "b" } })).toBe("ac");
      expect(await find({ teacher_id: { not: null } })).toBe("");
      expect(await find({ teacher_id: { not: 2 } })).toBe("abc");
      expect(await find({ teacher_id: { in: [2, null] } })).toBe("abc");
      expect(await find({ teacher_id: { in: [null] } })).toBe("abc");
      expect(await find({ teacher_id: { in: [2] } })).toBe("");
      expect(await courses.count({ level: "A1" })).toBe(2);
    });

    test("list() searches in fields, whatever the case, and takes no character for a wildcard", async () => {
      const courses = await filled("Essay", "50% off", "snake_case", "Oʻquv");
      const find = async (text: string) =>
        titles(await courses.list({ ...first, search: { text, in: ["title", "description"] } }));
      expect(await find("eSS")).toBe("Essay");
      expect(await find("%")).toBe("50% off");
      expect(await find("_")).toBe("snake_case");
      expect(await find("oʻq")).toBe("Oʻquv");
    });

    test("findBy() gives the newest that fits", async () => {
      const courses = await filled("a", "a");
      expect(await courses.findBy({ title: "a" })).toMatchObject({ id: 2 });
      expect(await courses.findBy({ title: "x" })).toBeNull();
    });

    test("change() changes those that fit and gives them; undefined leaves a field alone", async () => {
      const courses = await filled("a", "b");
      expect(await courses.change({ id: 1 }, { title: "A", level: undefined })).toEqual([
        { ...course, id: 1, title: "A" },
      ]);
      expect(await courses.change({ title: "gone" }, { title: "x" })).toEqual([]);
      expect(titles(await courses.list(first))).toBe("Ab");
    });

    test("change() is an atomic check-and-act: of many at once one wins", async () => {
      const courses = await filled("free");
      const taken = await Promise.all(
        Array.from({ length: 10 }, (_, i) => courses.change({ title: "free" }, { title: `taken ${i}` })),
      );
      expect(taken.flat()).toHaveLength(1);
    });

    test("remove() gives what it removed", async () => {
      const courses = await filled("a", "b");
      expect(titles(await courses.remove({ title: "a" }))).toBe("a");
      expect(await courses.remove({ title: "a" })).toEqual([]);
      expect(titles(await courses.list(first))).toBe("b");
    });
  });
}

const phrase: Omit<Phrase, "id" | "user_id" | "author_id"> = {
  text: "Three thin thumbs",
  translation: null,
  level: "A1",
  language: "en",
  phonetic_hint: null,
  ...stamp,
};

const practice: Omit<PracticeSession, "id"> = {
  user_id: 1,
  status: "active",
  level: null,
  phrase_ids: [1],
  average_accuracy: null,
  average_overall: 71.5,
  attempt_count: 0,
  xp: 0,
  started_at: at,
  completed_at: null,
};

const { words, ...whole } = assessment([scored("three", { sounds: soundsOf("TH:S 12, R, IY") })]);
const pronounced: Omit<PronunciationAttempt, "id"> = {
  user_id: 1,
  source: "phrase",
  phrase_id: 1,
  session_id: 1,
  language: "en",
  assessment: whole,
  words,
  weak_words: [{ word: "three", score: 31.5, sound: "TH" }],
  sound_counts: [{ sound: "TH", said: 2, weak: 1, score: 40.5, heard: null }],
  created_at: at,
};

export const person = (email: string): Omit<User, "id"> => ({
  email,
  full_name: null,
  role: "user",
  is_active: true,
  password_hash: "x",
  language: "uz",
  level: null,
  avatar_id: null,
  ...stamp,
});

const homework = (changes: Partial<Homework> = {}): Omit<Homework, "id"> => ({
  title: "Essay",
  description: "",
  course_id: 1,
  lesson_id: null,
  kind: "mixed",
  reference_text: null,
  language: "en",
  due_at: null,
  max_score: 100,
  rubric: [{ name: "Task", max: 10, description: "" }],
  max_attempts: null,
  allow_late: true,
  late_penalty_percent: 2.5,
  published: true,
  auto_release: true,
  version: 1,
  ...stamp,
  ...changes,
});

const handedIn = (changes: Partial<Submission> = {}): Omit<Submission, "id"> => ({
  homework_id: 1,
  user_id: 1,
  attempt: 1,
  kind: "text",
  status: "grading",
  text: "Salom",
  transcript: null,
  recognition: null,
  file_id: null,
  files: [],
  raw_score: null,
  score: null,
  feedback: null,
  criteria: null,
  auto_score: null,
  auto_feedback: null,
  confidence: null,
  flags: [],
  analysis: null,
  graded_by: null,
  graded_at: null,
  grade_count: 0,
  late: false,
  penalty: 0,
  error: null,
  version: 1,
  submitted_at: at,
  ...stamp,
  ...changes,
});

/** The stores that answer questions of their own. */
export function schoolContract(name: string, open: () => Promise<Stores>) {
  const filled = async () => {
    const stores = await open();
    for (const email of ["learner@example.com", "teacher@example.com"]) await stores.users.add(person(email));
    for (const teacher_id of [2, null]) await stores.courses.add({ ...course, teacher_id });
    await stores.lessons.add({ course_id: 1, title: "L", content: "", position: 1, ...stamp });
    return stores;
  };
  const all = { skip: 0, limit: 10 };
  const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);

  describe(`${name} keeps the contract of the school's stores`, () => {
    test("a session has a holder until it is revoked or its user deactivated", async () => {
      const { users, sessions } = await filled();
      const session = await sessions.add({ user_id: 1, created_at: at, revoked_at: null });
      expect(await sessions.holder(session.id)).toMatchObject({ id: 1, email: "learner@example.com" });
      expect(await sessions.holder(404)).toBeNull();
      await users.change({ id: 1 }, { is_active: false });
      expect(await sessions.holder(session.id)).toBeNull();
      await users.change({ id: 1 }, { is_active: true });
      await sessions.change({ id: session.id }, { revoked_at: at });
      expect(await sessions.holder(session.id)).toBeNull();
    });

    test("a learner lists what is published for their courses or assigned to them, newest first", async () => {
      const { homeworks, enrolments, assignments } = await filled();
      await homeworks.add(homework({ lesson_id: 1 }));
      await homeworks.add(homework({ published: false }));
      await homeworks.add(homework({ course_id: 2 }));
      await homeworks.add(homework({ course_id: 2 }));
      expect(await homeworks.listForLearner(1, all)).toEqual([]);
      await enrolments.add({ course_id: 1, user_id: 1, created_at: at });
      await assignments.add({ homework_id: 4, user_id: 1, created_at: at });
      expect(ids(await homeworks.listForLearner(1, all))).toEqual([4, 1]);
      expect(ids(await homeworks.listForLearner(1, { ...all, after: 4 }))).toEqual([1]);
      expect(ids(await homeworks.listForLearner(1, { ...all, lessonId: 1 }))).toEqual([1]);
    });

    test("a teacher lists their own courses' homework, drafts too", async () => {
      const { homeworks } = await filled();
      for (const changes of [{}, { published: false }, { course_id: 2 }]) await homeworks.add(homework(changes));
      expect(ids(await homeworks.listForTeacher(2, all))).toEqual([2, 1]);
      expect(await homeworks.listForTeacher(1, all)).toEqual([]);
    });

    test("latest() gives the newest attempt of each homework, of this user alone", async () => {
      const { homeworks, submissions } = await filled();
      for (let i = 0; i < 3; i++) await homeworks.add(homework());
      await submissions.add(handedIn());
      await submissions.add(handedIn({ attempt: 2 }));
      await submissions.add(handedIn({ homework_id: 2 }));
      await submissions.add(handedIn({ user_id: 2, attempt: 7 }));
      const found = await submissions.latest(1, [1, 2, 3]);
      expect(found.map(({ homework_id, attempt }) => [homework_id, attempt])).toEqual([
        [1, 2],
        [2, 1],
      ]);
      expect(await submissions.latest(1, [])).toEqual([]);
    });

    test("who leaves is named no more by courses and grades", async () => {
      const { users, courses, homeworks, submissions, grades } = await filled();
      await homeworks.add(homework());
      await submissions.add(handedIn({ graded_by: 2 }));
      const given = { submission_id: 1, kind: "teacher", graded_by: 2, raw_score: 1, score: 1 } as const;
      await grades.add({
        ...given,
        feedback: null,
        criteria: null,
        reason: null,
        grading_version: null,
        model: null,
        created_at: at,
      });
      await users.remove({ id: 2 });
      expect(await courses.find(1)).toMatchObject({ teacher_id: null });
      expect(await submissions.find(1)).toMatchObject({ graded_by: null });
      expect(await grades.find(1)).toMatchObject({ graded_by: null });
    });

    test("a session is forgotten when it is old and nothing can continue it", async () => {
      const { sessions, refreshTokens } = await filled();
      for (const created_at of ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"])
        await sessions.add({ user_id: 1, created_at, revoked_at: null });
      await refreshTokens.add({ session_id: 2, hash: "h", expires_at: "2026-04-01T00:00:00.000Z", used_at: null });
      await sessions.sweep("2026-02-01T00:00:00.000Z");
      expect(ids(await sessions.list(all))).toEqual([2, 3]);
    });

    test("lists of submissions leave out what is long; one has it all", async () => {
      const { homeworks, submissions } = await filled();
      await homeworks.add(homework());
      const speech = { duration_ms: 1, speech_ms: 1, wpm: 1, articulation_rate: null, pause_count: 0, pause_ratio: 0 };
      const measures = { ...speech, longest_pause_ms: 0, clipping: 0, level_db: -20, silent: false };
      const recognition = { words: [], engine: "test", speech: measures };
      await submissions.add(handedIn({ recognition }));
      expect(await submissions.list(all)).toMatchObject([{ recognition: null, analysis: null, text: "Salom" }]);
      expect(await submissions.latest(1, [1])).toMatchObject([{ recognition: null }]);
      expect(await submissions.find(1)).toMatchObject({ recognition });
    });

    test("what is said in a conversation is kept in its order and counted; turns at once do not mix", async () => {
      const { conversations, messages } = await filled();
      const draft = { user_id: 1, title: "T", scenario: null, message_count: 0, ...stamp };
      for (let i = 0; i < 2; i++) await conversations.add(draft);
      const later = "2026-01-02T00:00:00.123Z";
      const turn = (i: number) =>
        conversations.keep(
          1,
          [
            { role: "user", text: `q${i}` },
            { role: "assistant", text: `a${i}` },
          ],
          later,
        );
      expect(await Promise.all(Array.from({ length: 20 }, (_, i) => turn(i)))).not.toContain(false);
      const kept = await messages.list({ skip: 0, limit: 99 });
      expect(kept).toHaveLength(40);
      for (const [i, message] of kept.entries()) {
        const before = kept[i - 1];
        if (i % 2 === 1) expect(message).toMatchObject({ role: "assistant", text: before?.text.replace("q", "a") });
        else expect(message).toMatchObject({ conversation_id: 1, role: "user", created_at: later });
      }
      expect(await conversations.find(1)).toMatchObject({ title: "T", message_count: 40, updated_at: later });
      expect(await conversations.find(2)).toEqual({ ...draft, id: 2 });
    });

    test("nothing is kept of a conversation that is gone", async () => {
      const { conversations, messages } = await filled();
      await conversations.add({ user_id: 1, title: "T", scenario: null, message_count: 0, ...stamp });
      await conversations.keep(1, [{ role: "user", text: "q" }], at);
      await conversations.remove({ id: 1 });
      expect(await conversations.keep(1, [{ role: "user", text: "q" }], at)).toBe(false);
      expect(await messages.count({})).toBe(0);
    });

    test("lists of pronunciations leave out their words; a phrase that goes is named no more", async () => {
      const { phrases, practiceSessions, pronunciationAttempts } = await filled();
      await phrases.add({ ...phrase, user_id: null, author_id: 1 });
      await practiceSessions.add(practice);
      await pronunciationAttempts.add(pronounced);
      expect(await pronunciationAttempts.list(all)).toMatchObject([{ ...pronounced, words: null }]);
      expect(await pronunciationAttempts.find(1)).toEqual({ ...pronounced, id: 1 });
      await phrases.remove({ id: 1 });
      expect(await pronunciationAttempts.find(1)).toMatchObject({ phrase_id: null, session_id: 1 });
    });

    test("the school keeps the phrases of who leaves", async () => {
      const { users, phrases } = await filled();
      await phrases.add({ ...phrase, user_id: null, author_id: 2 });
      await users.remove({ id: 2 });
      expect(await phrases.find(1)).toMatchObject({ author_id: null, text: phrase.text });
    });

    test("an attempt is there once", async () => {
      const { homeworks, submissions } = await filled();
      await homeworks.add(homework());
      await submissions.add(handedIn());
      expect(await submissions.addNew(handedIn())).toBeNull();
    });

    test("lists, numbers with a fraction and times come back as they were stored", async () => {
      const { homeworks, submissions } = await filled();
      const stored = await homeworks.add(homework({ due_at: "2026-03-01T18:30:00.123Z" }));
      expect(await homeworks.find(stored.id)).toEqual({ ...homework({ due_at: "2026-03-01T18:30:00.123Z" }), id: 1 });
      const criteria = [{ name: "task", score: 7.5, max: 10, evidence: ["oʻzim"], comment: "" }];
      const { id } = await submissions.add(handedIn({ criteria, flags: ["too_short"], score: 7.5 }));
      expect(await submissions.find(id)).toMatchObject({ criteria, flags: ["too_short"], score: 7.5 });
    });
  });
}

type Atomic = Stores & Pick<Ports, "atomically" | "checkDatabase">;

export function atomicallyContract(name: string, open: () => Promise<Atomic>) {
  describe(`${name} keeps the atomically() contract`, () => {
    test("work that throws leaves nothing behind", async () => {
      const ports = await open();
      await ports.atomically(({ courses }) => courses.add(course));
      const failing = ports.atomically(async ({ courses, users }) => {
        await courses.add(course);
        await courses.change({ id: 1 }, { title: "changed" });
        await users.add(person("a@example.com"));
        throw new Error("stop");
      });
      await expect(failing).rejects.toThrow("stop");
      expect(await ports.courses.list({ skip: 0, limit: 9 })).toMatchObject([{ title: "English" }]);
      expect(await ports.users.count({})).toBe(0);
    });

    test("who holds a lock is alone until the end of the transaction", async () => {
      const ports = await open();
      let inside = 0;
      const seen = await Promise.all(
        Array.from({ length: 5 }, () =>
          ports.atomically(async ({ lock, courses }) => {
            await lock("door");
            inside += 1;
            await courses.count({});
            const alone = inside === 1;
            inside -= 1;
            return alone;
          }),
        ),
      );
      expect(seen).toEqual([true, true, true, true, true]);
    });

    test("what one transaction says in a conversation stands together, whoever speaks at the same time", async () => {
      const { users, conversations, messages, atomically } = await open();
      await users.add(person("a@example.com"));
      await conversations.add({ user_id: 1, title: "T", scenario: null, message_count: 0, ...stamp });
      await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          atomically(async (stores) => {
            await stores.conversations.keep(1, [{ role: "user", text: `${i}` }], at);
            await stores.messages.count({});
            await stores.conversations.keep(1, [{ role: "assistant", text: `${i}` }], at);
          }),
        ),
      );
      const said = (await messages.list({ skip: 0, limit: 99 })).map(({ text }) => text);
      expect(said).toHaveLength(16);
      for (let i = 0; i < 16; i += 2) expect(said[i + 1]).toBe(said[i] ?? "");
      expect(await conversations.find(1)).toMatchObject({ message_count: 16 });
    });

    test("the database answers", async () => expect((await open()).checkDatabase()).resolves.toBeUndefined());
  });
}
