import type { Ports, Stores } from "../../application/ports/mod.ts";
import type { AuditEntry } from "../../domain/audit.ts";
import type { Avatar } from "../../domain/avatars.ts";
import type { ConversationMessage } from "../../domain/conversations.ts";
import type { Course, Enrolment } from "../../domain/courses.ts";
import type { Assignment, GradeRecord, StoredFile, SubmissionEvent } from "../../domain/homework.ts";
import type { StoredAnswer } from "../../domain/idempotency.ts";
import type { Job } from "../../domain/jobs.ts";
import type { Lesson } from "../../domain/lessons.ts";
import type { Notice } from "../../domain/notices.ts";
import type { PracticeSession } from "../../domain/practice.ts";
import type { Spending } from "../../domain/quotas.ts";
import type { RefreshToken, Ticket, User } from "../../domain/users.ts";
import { fakeLanguageModel } from "../ai/fake_model.ts";
import { fakeSpeechToText } from "../ai/fake_speech.ts";
import { fakeTextToSpeech } from "../ai/fake_voice.ts";
import { wavDecoder } from "../audio/wav.ts";
import { fakePronunciation } from "../pronunciation/fake.ts";
import { memoryFiles } from "./files.ts";
import { noGrammar } from "./grammar.ts";
import { memoryJobs } from "./jobs.ts";
import { memoryJudge } from "./judge.ts";
import { memoryQuotas } from "./quotas.ts";
import {
  memoryClock,
  memoryLog,
  memoryMetrics,
  memoryPasswords,
  memoryRates,
  memorySignals,
  memorySignatures,
  memoryTokens,
} from "./system.ts";
import {
  memoryConversations,
  memoryHomeworks,
  memoryPhrases,
  memoryPronunciationAttempts,
  memorySessions,
  memorySubmissions,
  memoryTable,
} from "./tables.ts";
import { memoryWordLevels } from "./word_levels.ts";

function memoryStores() {
  const users = memoryTable<User>([["email"]]);
  const refreshTokens = memoryTable<RefreshToken>([["hash"]]);
  const courses = memoryTable<Course>();
  const enrolments = memoryTable<Enrolment>([["course_id", "user_id"]]);
  const assignments = memoryTable<Assignment>([["homework_id", "user_id"]]);
  const submissions = memorySubmissions();
  const grades = memoryTable<GradeRecord>();
  const avatars = memoryTable<Avatar>([["type"]]);
  const spendings = memoryTable<Spending>();
  const messages = memoryTable<ConversationMessage>();
  const pronunciationAttempts = memoryPronunciationAttempts();
  const phrases = memoryPhrases(pronunciationAttempts);
  return {
    users: {
      ...users,
      remove: async (where) => {
        const gone = await users.remove(where);
        const ids = { in: gone.map(({ id }) => id) };
        await courses.change({ teacher_id: ids }, { teacher_id: null });
        await submissions.change({ graded_by: ids }, { graded_by: null });
        await grades.change({ graded_by: ids }, { graded_by: null });
        await phrases.change({ author_id: ids }, { author_id: null });
        return gone;
      },
    },
    courses,
    enrolments,
    assignments,
    sessions: memorySessions(users, refreshTokens),
    refreshTokens,
    tickets: memoryTable<Ticket>([["hash"]]),
    lessons: memoryTable<Lesson>(),
    homeworks: memoryHomeworks({ courses, enrolments, assignments }),
    submissions,
    submissionEvents: memoryTable<SubmissionEvent>(),
    grades,
    files: memoryTable<StoredFile>([["key"]]),
    notices: memoryTable<Notice>(),
    jobs: memoryTable<Job>([["key"]]),
    audit: memoryTable<AuditEntry>(),
    answers: memoryTable<StoredAnswer>([["user_id", "key"]]),
    avatars,
    conversations: memoryConversations(messages),
    messages,
    quotas: memoryQuotas(spendings),
    spendings,
    phrases,
    practiceSessions: memoryTable<PracticeSession>(),
    pronunciationAttempts,
  } satisfies Stores;
}

/** A whole outside world that lives in this process. Tests override what they look at. */
export function memoryPorts(override: Partial<Ports> = {}) {
  const stores = memoryStores();
  const clock = override.clock ?? memoryClock();
  return {
    ...stores,
    atomically: oneAtATime((work) => allOrNothing(stores, () => work({ ...stores, lock: async () => {} }))),
    checkDatabase: async () => {},
    fileStore: memoryFiles(),
    decoder: wavDecoder(),
    speechToText: fakeSpeechToText(),
    languageModel: fakeLanguageModel(),
    grader: null,
    textToSpeech: fakeTextToSpeech(),
    pronunciation: fakePronunciation(),
    grammar: noGrammar,
    judge: memoryJudge,
    wordLevels: memoryWordLevels(),
    queue: memoryJobs({ backoffMs: 1 }),
    signals: memorySignals(),
    tokens: memoryTokens,
    passwords: memoryPasswords,
    signatures: memorySignatures,
    rates: memoryRates(clock),
    clock,
    log: memoryLog(),
    metrics: memoryMetrics(),
    ...override,
  } satisfies Ports;
}

/** Transactions queue up, as on one connection. */
function oneAtATime(run: Ports["atomically"]): Ports["atomically"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(() => run(work));
    last = turn.catch(() => {});
    return turn;
  };
}

/** Work that throws leaves every row as it was. */
async function allOrNothing<T>(stores: ReturnType<typeof memoryStores>, work: () => Promise<T>): Promise<T> {
  const tables: Map<number, unknown>[] = Object.values(stores).map(({ rows }) => rows);
  const before = tables.map((rows) => [...rows]);
  try {
    return await work();
  } catch (error) {
    for (const [i, rows] of tables.entries()) {
      rows.clear();
      for (const [id, row] of before[i] ?? []) rows.set(id, row);
    }
    throw error;
  }
}
