import { AppError } from "./errors.ts";
import { type AutoGrade, WITH_CHECKS } from "./grading.ts";
import type { Assessment } from "./pronunciation.ts";
import type { SpeechMeasures } from "./sound.ts";
import type { HeardWord } from "./speech.ts";

type Criterion = AutoGrade["criteria"][number];
/** `engine` says who proposed the grade; grades of before a language model took part have none. */
type Analysis = AutoGrade["analysis"] & { readonly engine?: string };

export const HOMEWORK_KINDS = ["text", "oral", "mixed"] as const;
type HomeworkKind = (typeof HOMEWORK_KINDS)[number];

export type RubricItem = { readonly name: string; readonly max: number; readonly description: string };

export type Homework = {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly course_id: number;
  readonly lesson_id: number | null;
  readonly kind: HomeworkKind;
  /** What is to be read aloud, or the model answer of a written task. */
  readonly reference_text: string | null;
  /** ISO 639-1 of the answer. */
  readonly language: string;
  readonly due_at: string | null;
  readonly max_score: number;
  readonly rubric: readonly RubricItem[] | null;
  /** Null: as many as one likes. */
  readonly max_attempts: number | null;
  readonly allow_late: boolean;
  /** Taken from the score for each day begun after `due_at`. */
  readonly late_penalty_percent: number;
  readonly published: boolean;
  /** False: the learner sees the automatic grade only after the teacher's. */
  readonly auto_release: boolean;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
};

/** Gives a homework to one learner, who need not be enrolled. */
export type Assignment = {
  readonly id: number;
  readonly homework_id: number;
  readonly user_id: number;
  readonly created_at: string;
};

export const STATUSES = ["queued", "transcribing", "grading", "auto_graded", "graded", "failed"] as const;
export type Status = (typeof STATUSES)[number];

/** The states in which work goes on in the background. */
export const UNDER_WAY: readonly Status[] = ["queued", "transcribing", "grading"];

/** Why nobody can say how a text was pronounced; teachers see it as a flag. */
export type Unassessed = "pronunciation_unavailable" | "audio_unusable" | "wrong_text";

/** How a text that was read aloud was pronounced. */
export type AssessedReading = {
  readonly assessment: Assessment | null;
  /** Null where there is an assessment, and where nothing was said. */
  readonly flag: Unassessed | null;
  /** Whether it is among the learner's analyses: not before they may see their grade. */
  readonly recorded: boolean;
};

type Recognition = {
  readonly words: readonly HeardWord[];
  readonly speech: SpeechMeasures;
  readonly engine: string;
  /** Null without a text to read; what was recognised before pronunciation was assessed has none. */
  readonly pronunciation?: AssessedReading | null;
};

type FileReference = Pick<StoredFile, "id" | "key" | "name" | "mime" | "size">;

export type Submission = {
  readonly id: number;
  readonly homework_id: number;
  readonly user_id: number;
  /** From 1, for each learner and homework. */
  readonly attempt: number;
  readonly kind: "text" | "oral";
  readonly status: Status;
  readonly text: string | null;
  readonly transcript: string | null;
  /** What was recognised, kept between the steps so that none is done twice. */
  readonly recognition: Recognition | null;
  /** The recording. */
  readonly file_id: number | null;
  /** Everything that was handed in, in its order; kept here so that lists need no look-up each. */
  readonly files: readonly FileReference[];
  /** The grade in force before the penalty: the automatic one until a teacher grades. */
  readonly raw_score: number | null;
  /** The grade in force, less the penalty. */
  readonly score: number | null;
  readonly feedback: string | null;
  readonly criteria: readonly Criterion[] | null;
  readonly auto_score: number | null;
  readonly auto_feedback: string | null;
  readonly confidence: AutoGrade["confidence"] | null;
  readonly flags: readonly string[];
  readonly analysis: Analysis | null;
  readonly graded_by: number | null;
  readonly graded_at: string | null;
  readonly grade_count: number;
  readonly late: boolean;
  /** Points taken for being late. */
  readonly penalty: number;
  /** Why it failed: an error code. */
  readonly error: string | null;
  readonly version: number;
  readonly submitted_at: string;
  readonly created_at: string;
  readonly updated_at: string;
};

/** A change of a submission's state, in the order of ids; what its event stream tells. */
export type SubmissionEvent = {
  readonly id: number;
  readonly submission_id: number;
  readonly status: Status;
  readonly version: number;
  readonly created_at: string;
};

/** One grade that was given: the history is never rewritten. */
export type GradeRecord = {
  readonly id: number;
  readonly submission_id: number;
  readonly kind: "auto" | "teacher";
  /** Null for the automatic one. */
  readonly graded_by: number | null;
  readonly raw_score: number;
  readonly score: number;
  readonly feedback: string | null;
  readonly criteria: readonly Criterion[] | null;
  /** Why a teacher changed it. */
  readonly reason: string | null;
  /** Which formulas an automatic grade came from; null for a teacher's. */
  readonly grading_version: number | null;
  /** The language model's part in an automatic grade, kept for audit and shown to staff alone; null where none answered. */
  readonly model: ModelRecord | null;
  readonly created_at: string;
};

export type ModelRecord = {
  /** Who answered, e.g. `gemini gemini-2.5-flash`. */
  readonly engine: string;
  readonly prompt_version: number;
  /** The answer as it came, 20 000 characters of it at most. */
  readonly raw: string;
};

export type StoredFile = {
  readonly id: number;
  readonly owner_id: number;
  readonly submission_id: number;
  /** Where the file store keeps it; made by the server. */
  readonly key: string;
  /** As the learner called it; only ever shown, never a path. */
  readonly name: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly duration_ms: number | null;
  readonly created_at: string;
};

const DAY_MS = 24 * 60 * 60 * 1000;

export const isLate = ({ due_at }: Pick<Homework, "due_at">, submittedAt: string): boolean =>
  due_at !== null && Date.parse(submittedAt) > Date.parse(due_at);

/** Refuses a hand-in that the homework does not take: of the wrong kind, after its end, or one too many. */
export function checkHandIn(homework: Homework, kind: Submission["kind"], attempts: number, at: string): void {
  if (homework.kind !== "mixed" && homework.kind !== kind) throw new AppError("wrong_kind", { kind: homework.kind });
  if (isLate(homework, at) && !homework.allow_late) throw new AppError("closed", { due_at: homework.due_at });
  if (homework.max_attempts !== null && attempts >= homework.max_attempts)
    throw new AppError("attempts_exhausted", { max_attempts: homework.max_attempts });
}

/** Points as they are kept: two decimals. */
const rounded = (points: number) => Math.round(points * 100) / 100;

/** The share of the score that each day begun after the due date takes, in points, never more than the score. */
function latePenalty(homework: Homework, submittedAt: string, rawScore: number): number {
  if (!isLate(homework, submittedAt)) return 0;
  const days = Math.ceil((Date.parse(submittedAt) - Date.parse(homework.due_at ?? submittedAt)) / DAY_MS);
  return rounded(Math.min(rawScore, (rawScore * days * homework.late_penalty_percent) / 100));
}

/** Score, penalty and lateness as they follow from the raw score, today's due date and the time of handing in. */
export function settle(homework: Homework, submission: Pick<Submission, "submitted_at">, raw_score: number | null) {
  const late = isLate(homework, submission.submitted_at);
  if (raw_score === null) return { raw_score, score: null, penalty: 0, late };
  const penalty = latePenalty(homework, submission.submitted_at, raw_score);
  return { raw_score, score: rounded(raw_score - penalty), penalty, late };
}

/** What of a reading's pronunciation counts for the homework as it stands: a text that was changed meanwhile was not read. */
export function countedReading(
  { reference_text }: Pick<Homework, "reference_text">,
  { kind, recognition }: Pick<Submission, "kind" | "recognition">,
): Pick<AssessedReading, "assessment" | "flag"> {
  if (kind !== "oral" || reference_text === null) return { assessment: null, flag: null };
  const { assessment, flag } = recognition?.pronunciation ?? { assessment: null, flag: "pronunciation_unavailable" };
  const isStale = assessment !== null && assessment.reference_text !== reference_text;
  return isStale ? { assessment: null, flag: "pronunciation_unavailable" } : { assessment, flag };
}

/** A reading's assessment as it joins the learner's analyses, once; null where there is none, or it is there already. */
export function unrecorded(recognition: Recognition | null) {
  const reading = recognition?.pronunciation;
  if (!recognition || !reading?.assessment || reading.recorded) return null;
  return {
    assessment: reading.assessment,
    changes: { recognition: { ...recognition, pronunciation: { ...reading, recorded: true } } },
  };
}

/** Whose reading it is, and of what, as analyses are kept. */
export const readingBy = ({ user_id }: Submission, { language }: Homework, created_at: string) =>
  ({ user_id, source: "homework", phrase_id: null, session_id: null, language, created_at }) as const;

export type TeacherGrade = {
  readonly score: number;
  readonly feedback: string | null;
  readonly criteria: readonly Criterion[] | null;
};

/** What a teacher's grade changes; allowed from any state, and final. */
export function grade(
  homework: Homework,
  submission: Submission,
  { score, feedback, criteria }: TeacherGrade,
  { by, at }: { by: number; at: string },
) {
  if (score < 0 || score > homework.max_score)
    throw new AppError("score_out_of_range", { score, max_score: homework.max_score });
  return {
    ...settle(homework, submission, score),
    status: "graded",
    feedback,
    // Those of the automatic grade stay in the history: beside another score they would not add up.
    criteria,
    graded_by: by,
    graded_at: at,
    grade_count: submission.grade_count + 1,
    error: null,
  } as const;
}

/** What the automatic grade changes: a proposal, in force until a teacher grades. */
export function proposeGrade(homework: Homework, submission: Submission, auto: AutoGrade) {
  return {
    ...settle(homework, submission, auto.score),
    status: "auto_graded",
    feedback: auto.feedback,
    criteria: auto.criteria,
    auto_score: auto.score,
    auto_feedback: auto.feedback,
    confidence: auto.confidence,
    flags: auto.flags,
    analysis: { ...auto.analysis, engine: auto.engine },
    grade_count: submission.grade_count + 1,
    error: null,
  } as const;
}

const HIDDEN = {
  score: null,
  raw_score: null,
  feedback: null,
  criteria: null,
  auto_score: null,
  auto_feedback: null,
  confidence: null,
  analysis: null,
  penalty: 0,
} as const;

/** That a language model took part is the learner's to know; which one helps only those who try to talk it round. */
function unnamed(analysis: Analysis | null): Analysis | null {
  if (!analysis?.engine?.endsWith(WITH_CHECKS)) return analysis;
  return { ...analysis, engine: `language model${WITH_CHECKS}` };
}

/** What a learner may see of their own submission: no flags, no model's name, and no automatic grade that is not released. */
export function asLearnerSees(homework: Homework, submission: Submission): Submission {
  const unreleased = !homework.auto_release && submission.status !== "graded";
  return { ...submission, analysis: unnamed(submission.analysis), ...(unreleased ? HIDDEN : {}), flags: [] };
}
