import { type Kysely, sql } from "kysely";

// biome-ignore lint/suspicious/noExplicitAny: a migration is frozen in time and must not see today's schema
export async function up(db: Kysely<any>): Promise<void> {
  const statements = `
    create table avatars (
      id int generated always as identity primary key,
      type text not null unique,
      name text not null,
      picture text,
      persona text not null,
      description text not null,
      created_at timestamptz not null
    );
    alter table users add column avatar_id int references avatars on delete set null;
    create index users_by_avatar on users (avatar_id) where avatar_id is not null;
    create table conversations (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      title text not null,
      scenario text,
      message_count int not null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index conversations_by_user on conversations (user_id, id);
    create table messages (
      id int generated always as identity primary key,
      conversation_id int not null references conversations on delete cascade,
      role text not null,
      text text not null,
      created_at timestamptz not null
    );
    create index messages_by_conversation on messages (conversation_id, id);
    create table quotas (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      meter text not null,
      allowance int not null,
      remaining int not null check (remaining >= 0),
      source text not null,
      period int not null,
      renews_at timestamptz not null,
      unique (user_id, meter)
    );
    create table spendings (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      meter text not null,
      amount int not null,
      period int not null,
      state text not null,
      purpose text not null,
      request_id text,
      lease_until timestamptz not null,
      created_at timestamptz not null
    );
    create index spendings_by_user on spendings (user_id, id);
    create index spendings_open on spendings (lease_until) where state = 'reserved';
    alter table grades add column model json`;
  for (const statement of statements.split(";")) await sql.raw(statement).execute(db);
}
