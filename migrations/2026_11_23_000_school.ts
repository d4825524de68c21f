import { type Kysely, sql } from "kysely";

// biome-ignore lint/suspicious/noExplicitAny: a migration is frozen in time and must not see today's schema
export async function up(db: Kysely<any>): Promise<void> {
  // Plain SQL, one statement each: a migration is read more often than it is written.
  const statements = `
    create table users (
      id int generated always as identity primary key,
      email text not null unique,
      full_name text,
      role text not null,
      is_active boolean not null,
      password_hash text not null,
      language text not null,
      level text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create table sessions (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      created_at timestamptz not null,
      revoked_at timestamptz
    );
    create index sessions_by_user on sessions (user_id);
    create table refresh_tokens (
      id int generated always as identity primary key,
      session_id int not null references sessions on delete cascade,
      hash text not null unique,
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index refresh_tokens_by_session on refresh_tokens (session_id);
    create index refresh_tokens_by_end on refresh_tokens (expires_at);
    create table tickets (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      session_id int not null references sessions on delete cascade,
      hash text not null unique,
      expires_at timestamptz not null
    );
    create table courses (
      id int generated always as identity primary key,
      title text not null,
      description text not null,
      level text not null,
      language text not null,
      teacher_id int references users on delete set null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index courses_by_teacher on courses (teacher_id);
    create table enrolments (
      id int generated always as identity primary key,
      course_id int not null references courses on delete cascade,
      user_id int not null references users on delete cascade,
      created_at timestamptz not null,
      unique (user_id, course_id)
    );
    create index enrolments_by_course on enrolments (course_id, id);
    create table lessons (
      id int generated always as identity primary key,
      course_id int not null references courses on delete cascade,
      title text not null,
      content text not null,
      position int not null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index lessons_by_course on lessons (course_id, position);
    create table homeworks (
      id int generated always as identity primary key,
      title text not null,
      description text not null,
      course_id int not null references courses on delete cascade,
      lesson_id int references lessons on delete set null,
      kind text not null,
      reference_text text,
      language text not null,
      due_at timestamptz,
      max_score double precision not null,
      rubric json,
      max_attempts int,
      allow_late boolean not null,
      late_penalty_percent double precision not null,
      published boolean not null,
      auto_release boolean not null,
      version int not null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index homeworks_by_course on homeworks (course_id, id);
    create index homeworks_by_lesson on homeworks (lesson_id, id);
    create table assignments (
      id int generated always as identity primary key,
      homework_id int not null references homeworks on delete cascade,
      user_id int not null references users on delete cascade,
      created_at timestamptz not null,
      unique (user_id, homework_id)
    );
    create index assignments_by_homework on assignments (homework_id);
    create table submissions (
      id int generated always as identity primary key,
      homework_id int not null references homeworks,
      user_id int not null references users on delete cascade,
      attempt int not null,
      kind text not null,
      status text not null,
      text text,
      transcript text,
      recognition json,
      file_id int,
      files json not null,
      raw_score double precision,
      score double precision,
      feedback text,
      criteria json,
      auto_score double precision,
      auto_feedback text,
      confidence text,
      flags json not null,
      analysis json,
      graded_by int references users on delete set null,
      graded_at timestamptz,
      grade_count int not null,
      late boolean not null,
      penalty double precision not null,
      error text,
      version int not null,
      submitted_at timestamptz not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      unique (user_id, homework_id, attempt)
    );
    create view submissions_in_short as select
      id, homework_id, user_id, attempt, kind, status, text, transcript, null::json as recognition, file_id, files,
      raw_score, score, feedback, criteria, auto_score, auto_feedback, confidence, flags, null::json as analysis,
      graded_by, graded_at, grade_count, late, penalty, error, version, submitted_at, created_at, updated_at
      from submissions;
    create index submissions_by_user on submissions (user_id, id);
    create index submissions_by_homework on submissions (homework_id, id);
    create index submissions_by_homework_status on submissions (homework_id, status, id);
    create table submission_events (
      id int generated always as identity primary key,
      submission_id int not null references submissions on delete cascade,
      status text not null,
      version int not null,
      created_at timestamptz not null
    );
    create index submission_events_by_submission on submission_events (submission_id, id);
    create table grades (
      id int generated always as identity primary key,
      submission_id int not null references submissions on delete cascade,
      kind text not null,
      graded_by int references users on delete set null,
      raw_score double precision not null,
      score double precision not null,
      feedback text,
      criteria json,
      reason text,
      grading_version int,
      created_at timestamptz not null
    );
    create index grades_by_submission on grades (submission_id, id);
    create index grades_by_teacher on grades (graded_by) where graded_by is not null;
    create index submissions_by_teacher on submissions (graded_by) where graded_by is not null;
    create table files (
      id int generated always as identity primary key,
      owner_id int not null references users on delete cascade,
      submission_id int not null references submissions on delete cascade,
      key text not null unique,
      name text not null,
      mime text not null,
      size int not null,
      sha256 text not null,
      duration_ms int,
      created_at timestamptz not null
    );
    create index files_by_submission on files (submission_id);
    create index files_by_owner on files (owner_id);
    create table notices (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      kind text not null,
      params json not null,
      read_at timestamptz,
      created_at timestamptz not null
    );
    create index notices_by_user on notices (user_id, id);
    create index notices_unread on notices (user_id, id) where read_at is null;
    create table jobs (
      id int generated always as identity primary key,
      key text not null unique,
      kind text not null,
      subject_id int not null,
      state text not null,
      attempts int not null,
      error text,
      request_id text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    );
    create index jobs_by_state on jobs (state, id);
    create index jobs_open on jobs (updated_at) where state in ('waiting', 'queued');
    create index jobs_by_subject on jobs (subject_id);
    create table audit (
      id int generated always as identity primary key,
      actor_id int,
      action text not null,
      subject text not null,
      details json not null,
      created_at timestamptz not null
    );
    create index audit_by_subject on audit (subject, id);
    create table answers (
      id int generated always as identity primary key,
      user_id int not null references users on delete cascade,
      key text not null,
      fingerprint text not null,
      status int,
      headers json not null,
      body json,
      lease_until timestamptz not null,
      created_at timestamptz not null,
      unique (user_id, key)
    );
    create index answers_by_age on answers (created_at)`;
  for (const statement of statements.split(";")) await sql.raw(statement).execute(db);
}
