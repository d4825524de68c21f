import type {
  Conversations,
  Homeworks,
  PronunciationAttempts,
  Query,
  Sessions,
  Submissions,
  Table,
  Where,
} from "../../application/ports/tables.ts";
import type { Conversation, ConversationMessage } from "../../domain/conversations.ts";
import type { Course, Enrolment } from "../../domain/courses.ts";
import type { Assignment, Homework, Submission } from "../../domain/homework.ts";
import type { Phrase } from "../../domain/phrases.ts";
import type { PronunciationAttempt } from "../../domain/pronunciation.ts";
import type { RefreshToken, Session, User } from "../../domain/users.ts";

type Rows<T> = { readonly rows: Map<number, T> };

function meets(value: unknown, condition: unknown): boolean {
  if (condition === undefined) return true;
  if (typeof condition !== "object" || condition === null) return value === condition;
  if ("not" in condition) return value !== condition.not;
  if ("in" in condition) return Array.isArray(condition.in) && condition.in.includes(value);
  return "before" in condition && value !== null && String(value) < String(condition.before);
}

const fits = <T extends object>(row: T, where: Where<T>): boolean =>
  Object.entries(where).every(([field, condition]) => meets(Reflect.get(row, field), condition));

/** One page of rows that are in the order of their ids. */
function pageOf<T extends { readonly id: number }>(rows: T[], { after, skip, limit, newestFirst = false }: Query<T>) {
  const sorted = rows.sort((a, b) => (newestFirst ? b.id - a.id : a.id - b.id));
  const rest = after === undefined ? sorted : sorted.filter(({ id }) => (newestFirst ? id < after : id > after));
  return rest.slice(skip, skip + limit);
}

type Unique<T> = readonly (keyof T & string)[];

/** Plain records in this process; `unique` lists the keys, each of one or more fields, that no two rows share. */
export function memoryTable<T extends { readonly id: number }>(unique: Unique<T>[] = []): Table<T> & Rows<T> {
  const rows = new Map<number, T>();
  let lastId = 0;
  const all = (where: Where<T>) => [...rows.values()].filter((row) => fits(row, where));
  const taken = (draft: Omit<T, "id">) =>
    unique.some((fields) =>
      [...rows.values()].some((row) => fields.every((field) => Reflect.get(draft, field) === row[field])),
    );
  const insert = (draft: Omit<T, "id">): T => {
    // Safe because a draft is the record without its id.
    const row = { ...structuredClone(draft), id: ++lastId } as unknown as T;
    rows.set(row.id, row);
    return row;
  };
  return {
    rows,
    add: async (draft) => {
      if (taken(draft)) throw new Error("a unique key is taken");
      return insert(draft);
    },
    addNew: async (draft) => (taken(draft) ? null : insert(draft)),
    find: async (id) => rows.get(id) ?? null,
    findBy: async (where) => all(where).sort((a, b) => b.id - a.id)[0] ?? null,
    list: async ({ where = {}, search, ...page }) => {
      const needle = search?.text.toLowerCase();
      const found = all(where).filter(
        (row) =>
          needle === undefined ||
          search?.in.some((field) =>
            String(row[field] ?? "")
              .toLowerCase()
              .includes(needle),
          ),
      );
      return pageOf(found, page);
    },
    change: async (where, changes) =>
      all(where).map((row) => {
        const given = Object.entries(structuredClone(changes)).filter(([, value]) => value !== undefined);
        const changed = { ...row, ...Object.fromEntries(given) };
        rows.set(row.id, changed);
        return changed;
      }),
    remove: async (where) => {
      const gone = all(where);
      for (const { id } of gone) rows.delete(id);
      return gone;
    },
    count: async (where) => all(where).length,
  };
}

export function memorySessions(users: Rows<User>, refreshTokens: Rows<RefreshToken>): Sessions & Rows<Session> {
  const table = memoryTable<Session>();
  return {
    ...table,
    holder: async (sessionId) => {
      const session = table.rows.get(sessionId);
      const user = session && session.revoked_at === null ? users.rows.get(session.user_id) : undefined;
      return user?.is_active ? user : null;
    },
    sweep: async (before) => {
      const alive = new Set([...refreshTokens.rows.values()].map(({ session_id }) => session_id));
      for (const { id, created_at } of table.rows.values())
        if (created_at < before && !alive.has(id)) table.rows.delete(id);
    },
  };
}

export function memoryConversations(messages: Table<ConversationMessage>): Conversations & Rows<Conversation> {
  const table = memoryTable<Conversation>();
  return {
    ...table,
    keep: async (id, said, at) => {
      const found = table.rows.get(id);
      if (!found) return false;
      table.rows.set(id, { ...found, message_count: found.message_count + said.length, updated_at: at });
      // Begun at once, none of which waits for anything: nobody comes between them.
      await Promise.all(said.map((line) => messages.add({ ...line, conversation_id: id, created_at: at })));
      return true;
    },
    remove: async (where) => {
      const gone = await table.remove(where);
      await messages.remove({ conversation_id: { in: gone.map(({ id }) => id) } });
      return gone;
    },
  };
}

type School = { courses: Rows<Course>; enrolments: Rows<Enrolment>; assignments: Rows<Assignment> };

export function memoryHomeworks(school: School): Homeworks & Rows<Homework> {
  const table = memoryTable<Homework>();
  const list = (fit: (row: Homework) => boolean, { lessonId, ...page }: Parameters<Homeworks["listForLearner"]>[1]) =>
    pageOf(
      [...table.rows.values()].filter((row) => fit(row) && (lessonId === undefined || row.lesson_id === lessonId)),
      { ...page, newestFirst: true },
    );
  return {
    ...table,
    listForLearner: async (userId, page) => {
      const courses = new Set(
        [...school.enrolments.rows.values()].filter((row) => row.user_id === userId).map((row) => row.course_id),
      );
      const given = new Set(
        [...school.assignments.rows.values()].filter((row) => row.user_id === userId).map((row) => row.homework_id),
      );
      return list((row) => row.published && (courses.has(row.course_id) || given.has(row.id)), page);
    },
    listForTeacher: async (teacherId, page) =>
      list((row) => school.courses.rows.get(row.course_id)?.teacher_id === teacherId, page),
  };
}

export function memorySubmissions(): Submissions & Rows<Submission> {
  const table = memoryTable<Submission>([["homework_id", "user_id", "attempt"]]);
  const inShort = (row: Submission): Submission => ({ ...row, recognition: null, analysis: null });
  return {
    ...table,
    list: async (query) => (await table.list(query)).map(inShort),
    latest: async (userId, homeworkIds) =>
      homeworkIds.flatMap((homeworkId) => {
        const own = [...table.rows.values()].filter((s) => s.user_id === userId && s.homework_id === homeworkId);
        return own
          .sort((a, b) => b.attempt - a.attempt)
          .slice(0, 1)
          .map(inShort);
      }),
  };
}

export function memoryPronunciationAttempts(): PronunciationAttempts & Rows<PronunciationAttempt> {
  const table = memoryTable<PronunciationAttempt>();
  return { ...table, list: async (query) => (await table.list(query)).map((row) => ({ ...row, words: null })) };
}

export function memoryPhrases(attempts: Table<PronunciationAttempt>): Table<Phrase> & Rows<Phrase> {
  const table = memoryTable<Phrase>();
  return {
    ...table,
    remove: async (where) => {
      const gone = await table.remove(where);
      await attempts.change({ phrase_id: { in: gone.map(({ id }) => id) } }, { phrase_id: null });
      return gone;
    },
  };
}
