import { type Kysely, sql } from "kysely";

// biome-ignore lint/suspicious/noExplicitAny: a migration is frozen in time and must not see today's schema
export async function up(db: Kysely<any>): Promise<void> {
  const statements = `
    create table phrases (
      id int generated always as identity primary key,
      user_id int references users on delete cascade,
      author_id int references users on delete set null,
      text text not null,
      translation text,
      level text not null,
      language text not null,
      phonetic_hint text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index phrases_by_user on phrases (user_id, id);
    create table practice_sessions (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      status text not null,
      level text,
      phrase_ids json not null,
      average_accuracy double precision,
      average_overall double precision,
      attempt_count int not null,
      xp int not null,
      started_at timestamptz not null,
      completed_at timestamptz
    );
    create index practice_sessions_by_user on practice_sessions (user_id, id);
    create table pronunciation_attempts (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      source text not null,
      phrase_id int references phrases on delete set null,
      session_id int references practice_sessions on delete set null,
      language text not null,
      assessment json not null,
      words json not null,
      weak_words json not null,
      sound_counts json not null,
      created_at timestamptz not null
    );
    create view pronunciation_attempts_in_short as select
      id, user_id, source, phrase_id, session_id, language, assessment, null::json as words, weak_words, sound_counts,
      created_at
      from pronunciation_attempts;
    create index pronunciation_attempts_by_user on pronunciation_attempts (user_id, id);
    create index pronunciation_attempts_by_session on pronunciation_attempts (session_id, id) where session_id is not null;
    create index pronunciation_attempts_by_phrase on pronunciation_attempts (phrase_id) where phrase_id is not null`;
  for (const statement of statements.split(";")) await sql.raw(statement).execute(db);
}
