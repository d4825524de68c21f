import { AppError } from "../domain/errors.ts";
import type { AutoGrade } from "../domain/grading.ts";
import {
  countedReading,
  type Homework,
  type ModelRecord,
  proposeGrade,
  readingBy,
  type Submission,
  UNDER_WAY,
  unrecorded,
} from "../domain/homework.ts";
import { FILES_ONLY } from "../domain/jobs.ts";
import { measureSpeech } from "../domain/sound.ts";
import { keepAttempt } from "./assessed_speech.ts";
import { assess } from "./assessing.ts";
import { assessHomework } from "./homework_pronunciation.ts";
import { notify } from "./notices.ts";
import type { Ports, Transaction } from "./ports/mod.ts";
import type { Changes } from "./ports/tables.ts";
import { changeSubmission, tellChange } from "./submissions.ts";

type Grading = Pick<
  Ports,
  | "atomically"
  | "submissions"
  | "homeworks"
  | "files"
  | "fileStore"
  | "decoder"
  | "speechToText"
  | "pronunciation"
  | "grammar"
  | "judge"
  | "grader"
  | "log"
  | "signals"
  | "clock"
>;

/** What no further attempt will mend: the submission fails at once and says why. */
const HOPELESS = new Set([
  "file_missing",
  "recognition_unavailable",
  "unsupported_audio",
  "audio_empty",
  "audio_unreadable",
  "audio_too_short",
  "audio_too_long",
]);

/**
 * Takes a submission from where it stands to `auto_graded`. Each step ends in one transaction that changes it only from
 * the state it was read in, so a second delivery of the same job, or a teacher's grade in between, is left in peace.
 * Gives why it can only fail, where that is so.
 */
export const processSubmission =
  (ports: Grading) =>
  async (submissionId: number, jobKey: string, signal: AbortSignal): Promise<string | null> => {
    const fail = failSubmission(ports);
    try {
      let submission = await ports.submissions.find(submissionId);
      if (submission?.status === "queued") submission = await step(ports, submission, { status: "transcribing" });
      if (submission?.status === "transcribing") {
        const changes = await recognise(ports, submission, signal);
        signal.throwIfAborted();
        submission = await step(ports, submission, changes);
      }
      if (submission && isFilesOnly(submission)) return await fail(submissionId, jobKey, FILES_ONLY);
      if (submission?.status === "grading") await gradeIt(ports, submission, jobKey, signal);
      else if (!submission || !UNDER_WAY.includes(submission.status))
        // Graded by the teacher meanwhile, or by another delivery: nothing is left to do.
        await ports.atomically((stores) => endJob(stores, jobKey, ports.clock.now()));
      return null;
    } catch (error) {
      if (!(error instanceof AppError && HOPELESS.has(error.code))) throw error;
      return fail(submissionId, jobKey, error.code);
    }
  };

async function step(ports: Grading, submission: Submission, changes: Changes<Submission>): Promise<Submission | null> {
  const at = ports.clock.now().toISOString();
  const changed = await ports.atomically((stores) => changeSubmission(stores, submission, changes, at));
  if (changed) tellChange(ports.signals, changed);
  return changed ?? ports.submissions.find(submission.id);
}

async function recognise(ports: Grading, submission: Submission, signal: AbortSignal): Promise<Changes<Submission>> {
  const homework = await ports.homeworks.find(submission.homework_id);
  const file = submission.file_id === null ? null : await ports.files.find(submission.file_id);
  const audio = file && (await ports.fileStore.get(file.key));
  if (!homework || !audio) throw new AppError("file_missing");
  if (!ports.speechToText) throw new AppError("recognition_unavailable");
  const { samples } = await ports.decoder.decode(await audio.bytes(), { signal });
  const transcript = await ports.speechToText.transcribe(samples, { language: homework.language, signal });
  const { text, words, engine } = transcript;
  const pronunciation = await assessHomework(ports, homework, { samples, transcript, signal });
  const recognition = { words, engine, speech: measureSpeech(samples, transcript), pronunciation };
  return { status: "grading", transcript: text, recognition };
}

const isFilesOnly = ({ kind, text, files, status }: Submission): boolean =>
  status === "grading" && kind === "text" && !text && files.length > 0;

/** The words that are judged: what was said, else what was written. */
const answerOf = ({ kind, transcript, text }: Submission): string => (kind === "oral" ? transcript : text) ?? "";

/** Judged outside the transaction, since that takes its time; again where the homework was changed meanwhile. */
async function gradeIt(ports: Grading, first: Submission, jobKey: string, signal: AbortSignal): Promise<void> {
  for (let submission = first; ; ) {
    const homework = await ports.homeworks.find(submission.homework_id);
    if (!homework) throw new AppError("file_missing");
    const counted = await judge(ports, homework, submission, signal);
    signal.throwIfAborted();
    const answer = answerOf(submission);
    const proposal = await assess(ports, homework, submission, { answer, counted, signal });
    signal.throwIfAborted();
    const outcome = await ports.atomically((stores) =>
      settleGrade(stores, homework, submission, proposal, jobKey, ports),
    );
    if (outcome !== "changed") {
      if (outcome) tellChange(ports.signals, outcome);
      return;
    }
    submission = (await ports.submissions.find(submission.id)) ?? submission;
  }
}

async function settleGrade(
  stores: Transaction,
  judged: Homework,
  submission: Submission,
  { auto, model }: { auto: AutoGrade; model: ModelRecord | null },
  jobKey: string,
  { clock }: Pick<Ports, "clock">,
): Promise<Submission | "changed" | null> {
  await stores.lock(`homework ${judged.id}`);
  const homework = await stores.homeworks.find(judged.id);
  if (homework && homework.version !== judged.version) return "changed";
  if (!homework) throw new AppError("file_missing");
  const now = clock.now();
  // What the learner may not see yet is none of their analyses yet.
  const reading = homework.auto_release ? unrecorded(submission.recognition) : null;
  const changes = { ...proposeGrade(homework, submission, auto), ...reading?.changes };
  const graded = await changeSubmission(stores, submission, changes, now.toISOString());
  if (graded) {
    await stores.grades.add({
      submission_id: graded.id,
      kind: "auto",
      graded_by: null,
      raw_score: auto.score,
      score: graded.score ?? auto.score,
      feedback: changes.feedback,
      criteria: changes.criteria,
      reason: null,
      grading_version: auto.grading_version,
      model,
      created_at: now.toISOString(),
    });
    if (reading) await keepAttempt(stores, readingBy(graded, homework, now.toISOString()), reading.assessment);
    await tellAuthor(stores, homework, graded, now);
  } else if ((await stores.submissions.find(submission.id))?.status === "grading") return "changed";
  // Also where a teacher graded meanwhile, or another delivery: nothing is left to do.
  await endJob(stores, jobKey, now);
  return graded;
}

async function judge({ grammar, judge }: Grading, homework: Homework, submission: Submission, signal: AbortSignal) {
  const { recognition } = submission;
  const answer = answerOf(submission);
  const { assessment, flag } = countedReading(homework, submission);
  const counted = await judge.grade(
    {
      kind: submission.kind,
      language: homework.language,
      answer,
      reference_text: homework.reference_text,
      task: `${homework.title}\n${homework.description}`,
      speech: recognition?.speech ?? null,
      heard: recognition?.words ?? null,
      pronunciation: assessment,
      corrections: await grammar.check(answer, homework.language, { signal }),
      max_score: homework.max_score,
    },
    { signal },
  );
  return flag === null ? counted : { ...counted, flags: [...counted.flags, flag] };
}

async function tellAuthor(stores: Transaction, homework: Homework, graded: Submission, now: Date): Promise<void> {
  const params = { submission_id: graded.id, homework_id: homework.id, title: homework.title };
  if (!homework.auto_release) return notify(stores, graded.user_id, "homework_checked", params, now);
  const score = { score: graded.score ?? 0, max_score: homework.max_score };
  return notify(stores, graded.user_id, "homework_auto_graded", { ...params, ...score }, now);
}

async function endJob(stores: Transaction, key: string, now: Date): Promise<void> {
  await stores.jobs.change(
    { key, state: { in: ["waiting", "queued"] } },
    { state: "done", error: null, updated_at: now.toISOString() },
  );
}

/** Ends a submission that no attempt could grade; its author is told, and a teacher can still grade it by ear. Gives the reason. */
export const failSubmission =
  (ports: Pick<Ports, "atomically" | "signals" | "clock">) =>
  async (submissionId: number, jobKey: string, reason: string): Promise<string> => {
    const now = ports.clock.now();
    const failed = await ports.atomically(async (stores) => {
      const failed = await markFailed(stores, submissionId, reason, now);
      // The job last, as every other transaction has it: in the other order two of them could wait for each other.
      await stores.jobs.change(
        { key: jobKey, state: { in: ["waiting", "queued"] } },
        { state: "failed", error: reason, updated_at: now.toISOString() },
      );
      return failed;
    });
    if (failed) tellChange(ports.signals, failed);
    return reason;
  };

async function markFailed(stores: Transaction, submissionId: number, reason: string, now: Date) {
  const submission = await stores.submissions.find(submissionId);
  const homework = submission && (await stores.homeworks.find(submission.homework_id));
  if (!submission || !homework || !UNDER_WAY.includes(submission.status)) return null;
  const changes = { status: "failed", error: reason } as const;
  const failed = await changeSubmission(stores, submission, changes, now.toISOString());
  // Changed between the two lines above: undone with its transaction, and tried again.
  if (!failed) throw new AppError("stale_version", { version: submission.version });
  const params = { submission_id: failed.id, homework_id: homework.id, title: homework.title };
  await notify(stores, failed.user_id, "homework_failed", params, now);
  return failed;
}
