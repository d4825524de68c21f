import type { Actor } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import { checkHandIn, type Homework, isLate, type StoredFile, type Submission } from "../domain/homework.ts";
import { FILES_ONLY, gradeJobKey, gradingJob } from "../domain/jobs.ts";
import { EXTENSIONS } from "../domain/media_types.ts";
import { isSilent } from "../domain/sound.ts";
import { type Seeing, seeHomework } from "./homework.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import type { Ports, Transaction } from "./ports/mod.ts";
import { takeShare } from "./shares.ts";

export type Upload = { readonly name: string; readonly mime: string; readonly bytes: Uint8Array };
type HandIn = { actor: Actor; homeworkId: number; requestId: string; receipt?: Receipt<Submission> | undefined };
type HandingIn = Pick<Ports, "atomically" | "clock" | "fileStore" | "files" | "decoder" | "signals" | keyof Seeing> & {
  /** Hands the outbox's new rows to the queue. */
  relay(): void;
};

/** A written answer, perhaps with files beside it. It is graded in the background. */
export const submitText =
  (ports: HandingIn) =>
  async ({ text, files, ...handIn }: HandIn & { text: string; files: Upload[] }): Promise<Submission> => {
    const homework = await seeHomework(ports, handIn.actor, handIn.homeworkId);
    if (homework.kind === "oral") throw new AppError("wrong_kind", { kind: homework.kind });
    return store(ports, homework, handIn, { kind: "text", text }, files);
  };

/** Recordings of one learner that are looked at side by side: who sends many does not stand in others' way. */
const AT_ONCE = 2;
type SpokenAnswer = { audio: Upload; text: string | null; documents: Upload[] };

/** A spoken answer. When this resolves, the recording and the row are durable: from then on it is never lost. */
export const submitOral =
  (ports: HandingIn) =>
  async ({ audio, text, documents, ...handIn }: HandIn & SpokenAnswer): Promise<Submission> => {
    const homework = await seeHomework(ports, handIn.actor, handIn.homeworkId);
    // Before the work of decoding, and once more in the transaction, which alone can tell for sure.
    checkHandIn(homework, "oral", 0, ports.clock.now().toISOString());
    const leave = takeShare(ports.decoder, handIn.actor.id, AT_ONCE);
    if (!leave) throw new AppError("busy", { retry_after: 5 });
    const { samples, duration_ms, mime } = await ports.decoder.decode(audio.bytes).finally(leave);
    if (isSilent(samples)) throw new AppError("audio_silent");
    return store(ports, homework, handIn, { kind: "oral", text }, [{ ...audio, mime, duration_ms }, ...documents]);
  };

type Answer = Pick<Submission, "kind" | "text">;

type StoredUpload = Omit<StoredFile, "id" | "submission_id" | "owner_id" | "created_at">;

async function putFiles(
  { fileStore }: Pick<Ports, "fileStore">,
  folder: string,
  uploads: (Upload & { duration_ms?: number })[],
): Promise<StoredUpload[]> {
  const put: StoredUpload[] = [];
  try {
    for (const { name, mime, bytes, duration_ms } of uploads) {
      const key = `homework/${folder}/${crypto.randomUUID()}.${EXTENSIONS[mime] ?? "bin"}`;
      const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
      put.push({
        key,
        name,
        mime,
        size: bytes.length,
        sha256: new Uint8Array(digest).toHex(),
        duration_ms: duration_ms ?? null,
      });
      await fileStore.put(key, bytes);
    }
    return put;
  } catch (error) {
    dropFiles(fileStore, put);
    throw error;
  }
}

/**
 * What was stored for nothing. Nobody waits for it, since a store that is away would have them wait once more; and a
 * failure must not hide the real one. The sweep finds what is left.
 */
function dropFiles(fileStore: Ports["fileStore"], put: readonly { key: string }[]): void {
  for (const { key } of put) fileStore.remove(key).catch(() => {});
}

async function store(
  ports: HandingIn,
  { id: homeworkId }: Homework,
  { actor, requestId, receipt = noReceipt }: HandIn,
  answer: Answer,
  uploads: (Upload & { duration_ms?: number })[],
): Promise<Submission> {
  const put = await putFiles(ports, answer.kind === "oral" ? "audio" : "files", uploads);
  const at = ports.clock.now().toISOString();
  try {
    const submission = await ports.atomically(async (stores) => {
      // Shared: a class hands in side by side, while nobody changes or deletes the homework.
      await stores.lock(`homework ${homeworkId}`, { shared: true });
      await stores.lock(`hand-in ${homeworkId} ${actor.id}`);
      const homework = await seeHomework(stores, actor, homeworkId);
      const own = { homework_id: homeworkId, user_id: actor.id };
      // What failed on our side does not count as an attempt; files that only a person can read are no failure of ours.
      const failed = await stores.submissions.count({ ...own, status: "failed", error: { not: FILES_ONLY } });
      const counted = (await stores.submissions.count(own)) - failed;
      checkHandIn(homework, answer.kind, counted, at);
      const [latest] = await stores.submissions.latest(actor.id, [homeworkId]);
      const submission = await addSubmission(stores, homework, actor, answer, (latest?.attempt ?? 0) + 1, at, put);
      await stores.jobs.add(gradingJob(gradeJobKey(submission.id, 1), submission.id, requestId, at));
      await receipt(stores, submission);
      return submission;
    });
    ports.relay();
    return submission;
  } catch (error) {
    // A commit whose answer was lost is a commit: what a row names stays.
    const named = await ports.files.findBy({ key: put[0]?.key ?? "" }).catch(() => "unknown");
    if (named === null) dropFiles(ports.fileStore, put);
    throw error;
  }
}

async function addSubmission(
  stores: Transaction,
  homework: Homework,
  actor: Actor,
  { kind, text }: Answer,
  attempt: number,
  at: string,
  put: StoredUpload[],
): Promise<Submission> {
  const added = await stores.submissions.add({
    homework_id: homework.id,
    user_id: actor.id,
    attempt,
    kind,
    status: kind === "oral" ? "queued" : "grading",
    text,
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
    late: isLate(homework, at),
    penalty: 0,
    error: null,
    version: 1,
    submitted_at: at,
    created_at: at,
    updated_at: at,
  });
  const { id: submission_id, status, version } = added;
  await stores.submissionEvents.add({ submission_id, status, version, created_at: at });
  const files: StoredFile[] = [];
  for (const file of put)
    files.push(await stores.files.add({ ...file, owner_id: actor.id, submission_id, created_at: at }));
  const [first] = files;
  if (!first) return added;
  const references = files.map(({ id, key, name, mime, size }) => ({ id, key, name, mime, size }));
  const [whole] = await stores.submissions.change({ id: submission_id }, { file_id: first.id, files: references });
  return whole ?? added;
}
