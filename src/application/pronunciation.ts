import type { Actor } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import type { PronunciationAttempt } from "../domain/pronunciation.ts";
import { assessSpeech, checkSound, keepAttempt, type ReadText, scorerFor } from "./assessed_speech.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import { decoded, spokenLanguages } from "./listening.ts";
import { seenPhrase } from "./phrases.ts";
import type { Ports } from "./ports/mod.ts";
import { joinSession, openSession } from "./practice.ts";
import { onQuota } from "./quotas.ts";
import { takeShare } from "./shares.ts";

type Analysing = Pick<
  Ports,
  | "atomically"
  | "quotas"
  | "spendings"
  | "decoder"
  | "pronunciation"
  | "phrases"
  | "practiceSessions"
  | "pronunciationAttempts"
  | "clock"
  | "log"
>;

type Sent = {
  readonly actor: Actor & { readonly language: string };
  readonly requestId: string;
  readonly bytes: Uint8Array;
};

type Attempted = Receipt<PronunciationAttempt>;

const LONGEST_MS = 3 * 60_000;
/** Of one user's side by side: who sends long readings by the dozen does not fill the one queue that all wait in. */
const AT_ONCE = 2;
// A proxy in front gives up after a minute: whoever gets its answer must not have paid for another.
const PATIENCE_MS = 50_000;

/** Assesses how a text was read aloud, in its own language where none is named, and keeps it; on the quota of analyses. */
export const analyseText =
  (ports: Analysing) =>
  async (
    { text, language, ...sent }: Sent & { readonly text: string; readonly language: string | null },
    receipt: Attempted = noReceipt,
  ): Promise<PronunciationAttempt> => {
    const [own = "en"] = spokenLanguages(sent.actor.language, text);
    const read = { text, language: language ?? own };
    return analyse(ports, sent, read, { source: "free", phrase_id: null, session_id: null }, receipt);
  };

/** The same of a phrase that the caller may see; the attempt joins the session, where one is named that is not over. */
export const analysePhrase =
  (ports: Analysing) =>
  async (
    { phraseId, sessionId, ...sent }: Sent & { readonly phraseId: number; readonly sessionId: number | null },
    receipt: Attempted = noReceipt,
  ): Promise<PronunciationAttempt> => {
    const phrase = await seenPhrase(ports, sent.actor, phraseId);
    if (sessionId !== null) await openSession(ports, sent.actor, sessionId);
    return analyse(ports, sent, phrase, { source: "phrase", phrase_id: phraseId, session_id: sessionId }, receipt);
  };

async function analyse(
  ports: Analysing,
  { actor, requestId, bytes }: Sent,
  { text, language }: ReadText,
  about: Pick<PronunciationAttempt, "source" | "phrase_id" | "session_id">,
  receipt: Attempted,
): Promise<PronunciationAttempt> {
  const scorer = scorerFor(ports, { text, language });
  const { samples, duration_ms } = await decoded(ports, actor, bytes);
  if (duration_ms > LONGEST_MS) throw new AppError("audio_too_long", { max_minutes: LONGEST_MS / 60_000 });
  checkSound(samples, text);
  const leave = takeShare(scorer, actor.id, AT_ONCE);
  if (!leave) throw new AppError("busy", { retry_after: 5 });
  const spender = { actor, purpose: "pronunciation", requestId };
  return onQuota(ports)(spender, { pronunciation: 1 }, async (bill) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const assessment = await assessSpeech(scorer, samples, { text, language }, { signal });
    return ports.atomically(async (stores) => {
      if (about.session_id !== null) await joinSession(stores, actor, about.session_id);
      const draft = { ...about, user_id: actor.id, language, created_at: ports.clock.now().toISOString() };
      const attempt = await keepAttempt(stores, draft, assessment);
      await bill.pay(stores, { pronunciation: 1 });
      await receipt(stores, attempt);
      return attempt;
    });
  }).finally(leave);
}
