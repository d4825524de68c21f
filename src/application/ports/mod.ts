import type { AuditEntry } from "../../domain/audit.ts";
import type { Avatar } from "../../domain/avatars.ts";
import type { ConversationMessage } from "../../domain/conversations.ts";
import type { Course, Enrolment } from "../../domain/courses.ts";
import type { Assignment, GradeRecord, StoredFile, SubmissionEvent } from "../../domain/homework.ts";
import type { StoredAnswer } from "../../domain/idempotency.ts";
import type { Job } from "../../domain/jobs.ts";
import type { Lesson } from "../../domain/lessons.ts";
import type { Notice } from "../../domain/notices.ts";
import type { Phrase } from "../../domain/phrases.ts";
import type { PracticeSession } from "../../domain/practice.ts";
import type { Spending } from "../../domain/quotas.ts";
import type { RefreshToken, Ticket, User } from "../../domain/users.ts";
import type { FileStore } from "./files.ts";
import type { Grammar } from "./grammar.ts";
import type { Jobs } from "./jobs.ts";
import type { Judge } from "./judge.ts";
import type { LanguageModel } from "./language_model.ts";
import type { Metrics } from "./metrics.ts";
import type { PronunciationScorer } from "./pronunciation.ts";
import type { Quotas } from "./quotas.ts";
import type { AudioDecoder, SpeechToText, TextToSpeech } from "./speech.ts";
import type { Clock, Log, Passwords, RateCounts, Signals, Signatures, Tokens } from "./system.ts";
import type { Conversations, Homeworks, PronunciationAttempts, Sessions, Submissions, Table } from "./tables.ts";
import type { WordLevels } from "./word_levels.ts";

/** What is stored, and can be changed in one transaction. */
export interface Stores {
  /** Removing one clears their name from courses, submissions and grades. */
  users: Table<User>;
  sessions: Sessions;
  refreshTokens: Table<RefreshToken>;
  tickets: Table<Ticket>;
  courses: Table<Course>;
  enrolments: Table<Enrolment>;
  lessons: Table<Lesson>;
  homeworks: Homeworks;
  assignments: Table<Assignment>;
  submissions: Submissions;
  submissionEvents: Table<SubmissionEvent>;
  grades: Table<GradeRecord>;
  files: Table<StoredFile>;
  notices: Table<Notice>;
  jobs: Table<Job>;
  audit: Table<AuditEntry>;
  answers: Table<StoredAnswer>;
  /** Removing one leaves its users to the first one. */
  avatars: Table<Avatar>;
  conversations: Conversations;
  messages: Table<ConversationMessage>;
  quotas: Quotas;
  spendings: Table<Spending>;
  phrases: Table<Phrase>;
  practiceSessions: Table<PracticeSession>;
  pronunciationAttempts: PronunciationAttempts;
}

/** The stores inside a transaction. */
export interface Transaction extends Stores {
  /** Waits until no other transaction holds the name, and holds it to the end of this one; shared holders wait for none of their kind. */
  lock(name: string, options?: { shared?: boolean }): Promise<void>;
}

/** Everything the outside world does for us. A use-case picks the few it needs. */
export interface Ports extends Stores {
  /** Runs the work in one transaction: all of it happens, or nothing. Inside, only the given stores may be used. */
  atomically<T>(work: (stores: Transaction) => Promise<T>): Promise<T>;
  /** Throws when the database does not answer. */
  checkDatabase(): Promise<void>;
  fileStore: FileStore;
  decoder: AudioDecoder;
  /** Null where this machine cannot recognise speech. */
  speechToText: SpeechToText | null;
  /** Null where none is configured. */
  languageModel: LanguageModel | null;
  /** The model whose judgement may be part of a grade; null where there is none, or only one that makes answers up. */
  grader: LanguageModel | null;
  textToSpeech: TextToSpeech;
  /** Null where this machine cannot judge pronunciation in any way. */
  pronunciation: PronunciationScorer | null;
  grammar: Grammar;
  judge: Judge;
  wordLevels: WordLevels;
  queue: Jobs;
  signals: Signals;
  tokens: Tokens;
  passwords: Passwords;
  signatures: Signatures;
  rates: RateCounts;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}
