import { type Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
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
import type { Conversation } from "../../domain/conversations.ts";
import type { Homework, Submission } from "../../domain/homework.ts";
import type { PronunciationAttempt } from "../../domain/pronunciation.ts";
import type { Session, User } from "../../domain/users.ts";
import type { Database } from "./connect.ts";

// Both drivers take objects for jsonb only as text; an array would become a Postgres array.
const stored = (value: unknown) => (typeof value === "object" && value !== null ? JSON.stringify(value) : value);

function condition(field: string, wanted: unknown): RawBuilder<SqlBool> {
  const column = sql.ref(field);
  if (wanted === null) return sql`${column} is null`;
  if (typeof wanted !== "object" || wanted === undefined) return sql`${column} = ${wanted}`;
  if ("not" in wanted) return sql`${column} is distinct from ${wanted.not}`;
  if ("before" in wanted) return sql`${column} < ${wanted.before}`;
  if ("in" in wanted && Array.isArray(wanted.in)) {
    const values = wanted.in.filter((value) => value !== null);
    const among = values.length === 0 ? sql<SqlBool>`false` : sql<SqlBool>`${column} in (${sql.join(values)})`;
    return values.length === wanted.in.length ? among : sql`(${among} or ${column} is null)`;
  }
  throw new Error(`no such condition on ${field}`);
}

const all = (conditions: RawBuilder<SqlBool>[]) =>
  conditions.length === 0 ? sql<SqlBool>`true` : sql.join<SqlBool>(conditions, sql` and `);

const fits = <T extends object>(where: Where<T>) =>
  all(
    Object.entries(where)
      .filter(([, wanted]) => wanted !== undefined)
      .map(([field, wanted]) => condition(field, wanted)),
  );

const contains = (column: string, text: string) =>
  sql<SqlBool>`${sql.ref(column)} ilike ${`%${text.replace(/[\\%_]/g, "\\$&")}%`}`;

/** Records without rules of their own: one set of statements serves every table. */
export function postgresTable<T extends { readonly id: number }>(db: Kysely<Database>, name: string): Table<T> {
  const table = sql.table(name);
  const rows = async (query: RawBuilder<T>) => (await query.execute(db)).rows;
  const insert = (draft: Omit<T, "id">, conflict: RawBuilder<unknown>) => {
    const columns = sql.join(Object.keys(draft).map((column) => sql.ref(column)));
    const values = sql.join(Object.values(draft).map(stored));
    return rows(sql`insert into ${table} (${columns}) values (${values}) ${conflict} returning *`);
  };
  return {
    add: async (draft) => {
      const [row] = await insert(draft, sql``);
      if (!row) throw new Error(`${name}: an insert returned nothing`);
      return row;
    },
    addNew: async (draft) => (await insert(draft, sql`on conflict do nothing`))[0] ?? null,
    find: async (id) => (await rows(sql`select * from ${table} where id = ${id}`))[0] ?? null,
    findBy: async (where) =>
      (await rows(sql`select * from ${table} where ${fits(where)} order by id desc limit 1`))[0] ?? null,
    list: ({ where = {}, search, after, skip, limit, newestFirst = false }: Query<T>) => {
      const conditions = [fits(where)];
      if (after !== undefined) conditions.push(newestFirst ? sql<SqlBool>`id < ${after}` : sql<SqlBool>`id > ${after}`);
      if (search)
        conditions.push(
          sql`(${sql.join(
            search.in.map((column) => contains(column, search.text)),
            sql` or `,
          )})`,
        );
      const order = newestFirst ? sql`id desc` : sql`id`;
      return rows(sql`select * from ${table} where ${all(conditions)} order by ${order} offset ${skip} limit ${limit}`);
    },
    change: (where, changes) => {
      const set = Object.entries(changes)
        .filter(([, value]) => value !== undefined)
        .map(([column, value]) => sql`${sql.ref(column)} = ${stored(value)}`);
      return rows(sql`update ${table} set ${sql.join(set)} where ${fits(where)} returning *`);
    },
    remove: (where) => rows(sql`delete from ${table} where ${fits(where)} returning *`),
    count: async (where) => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${table} where ${fits(where)}`.execute(db);
      return rows[0]?.n ?? 0;
    },
  };
}

export function postgresSessions(db: Kysely<Database>): Sessions {
  return {
    ...postgresTable<Session>(db, "sessions"),
    holder: async (sessionId) => {
      const { rows } = await sql<User>`
        select users.* from sessions join users on users.id = sessions.user_id
        where sessions.id = ${sessionId} and sessions.revoked_at is null and users.is_active`.execute(db);
      return rows[0] ?? null;
    },
    sweep: async (before) => {
      await sql`delete from sessions where created_at < ${before}
        and not exists (select from refresh_tokens r where r.session_id = sessions.id)`.execute(db);
    },
  };
}

export function postgresConversations(db: Kysely<Database>): Conversations {
  return {
    ...postgresTable<Conversation>(db, "conversations"),
    keep: async (id, said, at) => {
      const lines = said.map(({ role, text }, place) => sql`(${place}::int, ${role}::text, ${text}::text)`);
      // The row of the conversation is the lock: no message has its id before the turn ahead is through.
      const { rows } = await sql`
        with counted as (
          update conversations set message_count = message_count + ${said.length}::int, updated_at = ${at}::timestamptz
          where id = ${id} returning id
        )
        insert into messages (conversation_id, role, text, created_at)
        select counted.id, line.role, line.text, ${at}::timestamptz
        from counted, (values ${sql.join(lines)}) as line (place, role, text)
        order by line.place returning id`.execute(db);
      return rows.length > 0;
    },
  };
}

export function postgresHomeworks(db: Kysely<Database>): Homeworks {
  const list = async (whose: RawBuilder<unknown>, page: Parameters<Homeworks["listForLearner"]>[1]) => {
    const { after = null, lessonId = null, skip, limit } = page;
    const { rows } = await sql<Homework>`
      select homeworks.* from homeworks
      where ${whose}
        and (${after}::int is null or id < ${after}) and (${lessonId}::int is null or lesson_id = ${lessonId})
      order by id desc offset ${skip} limit ${limit}`.execute(db);
    return rows;
  };
  return {
    ...postgresTable<Homework>(db, "homeworks"),
    listForLearner: (userId, page) =>
      list(
        sql`published and homeworks.id in (
          select h.id from enrolments e join homeworks h on h.course_id = e.course_id where e.user_id = ${userId}
          union select a.homework_id from assignments a where a.user_id = ${userId}
        )`,
        page,
      ),
    listForTeacher: (teacherId, page) =>
      list(sql`exists (select from courses c where c.id = homeworks.course_id and c.teacher_id = ${teacherId})`, page),
  };
}

export function postgresSubmissions(db: Kysely<Database>): Submissions {
  return {
    ...postgresTable<Submission>(db, "submissions"),
    list: postgresTable<Submission>(db, "submissions_in_short").list,
    latest: async (userId, homeworkIds) => {
      if (homeworkIds.length === 0) return [];
      const { rows } = await sql<Submission>`
        select distinct on (homework_id) * from submissions_in_short
        where user_id = ${userId} and homework_id in (${sql.join(homeworkIds)})
        order by homework_id, attempt desc`.execute(db);
      return rows;
    },
  };
}

export const postgresPronunciationAttempts = (db: Kysely<Database>): PronunciationAttempts => ({
  ...postgresTable<PronunciationAttempt>(db, "pronunciation_attempts"),
  list: postgresTable<PronunciationAttempt>(db, "pronunciation_attempts_in_short").list,
});
