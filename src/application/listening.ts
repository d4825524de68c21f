import type { Actor } from "../domain/access.ts";
import { isBlank } from "../domain/disguises.ts";
import { AppError } from "../domain/errors.ts";
import { languageSigns } from "../domain/language.ts";
import { isSilent } from "../domain/sound.ts";
import type { HeardWord, Samples, Transcript } from "../domain/speech.ts";
import { storable } from "../domain/storable.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import type { Ports } from "./ports/mod.ts";
import type { Recording, SpeechToText } from "./ports/speech.ts";
import { onQuota } from "./quotas.ts";
import { takeShare } from "./shares.ts";

type Listening = Pick<Ports, "atomically" | "quotas" | "spendings" | "decoder" | "speechToText" | "clock" | "log">;

/** Recordings of one user that are worked on side by side: who sends many does not stand in others' way. */
const AT_ONCE = 2;

/** The recogniser, or the refusal that comes before any quota is touched. */
export function recogniserOf({ speechToText }: Pick<Ports, "speechToText">): SpeechToText {
  if (!speechToText) throw new AppError("recognition_unavailable");
  return speechToText;
}

/** Decodes a recording, on one of the few places that each user has. */
export async function decoded(
  { decoder }: Pick<Ports, "decoder">,
  { id }: Actor,
  bytes: Uint8Array,
): Promise<Recording> {
  const leave = takeShare(decoder, id, AT_ONCE);
  if (!leave) throw new AppError("busy", { retry_after: 5 });
  return decoder.decode(bytes).finally(leave);
}

const confidenceOf = (words: readonly HeardWord[]) =>
  words.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, words.length);

/** Ten minutes of the fastest speech are 20 000. */
const LONGEST_TEXT = 50_000;

/** A transcript as it is kept, empty where nobody sees anything of it; nobody said what has no end. */
function believable(heard: Transcript): Transcript {
  if (heard.text.length > LONGEST_TEXT)
    throw new AppError("recognition_failed", {}, { cause: new Error("the transcript is longer than it may be") });
  return isBlank(heard.text) ? { ...heard, text: "", words: [] } : { ...heard, text: storable(heard.text) };
}

/**
 * Writes down what is said in one of the languages that the speaker may be speaking. Where the recogniser hears another
 * one, it listens again in each of them, and the one it is surest of counts.
 */
export async function hear(
  speechToText: SpeechToText,
  samples: Samples,
  among: readonly string[],
  signal?: AbortSignal,
): Promise<Transcript> {
  const listen = async (language?: string) => believable(await speechToText.transcribe(samples, { language, signal }));
  const [only, ...others] = among;
  if (only && others.length === 0) return listen(only);
  const heard = await listen();
  if (heard.text === "" || among.length === 0 || among.includes(heard.language)) return heard;
  const tries: Transcript[] = [];
  for (const language of among) tries.push(await listen(language));
  return tries.reduce((best, one) => (confidenceOf(one.words) > confidenceOf(best.words) ? one : best));
}

/** What a user may be speaking: their own language and the one that they learn. A reference text decides, where there is one. */
export function spokenLanguages(own: string, referenceText: string | null): readonly string[] {
  const guess = referenceText === null ? "unknown" : languageSigns(referenceText).guess;
  if (guess !== "unknown") return [guess];
  return referenceText === null ? [...new Set(["en", own])] : ["en"];
}

export type Heard = Transcript & { readonly duration_ms: number };

type Sent = {
  readonly actor: Actor & { readonly language: string };
  readonly requestId: string;
  readonly bytes: Uint8Array;
  /** Forces one; null listens for the user's two. */
  readonly language: string | null;
};

/** Writes down a recording, on the quota of recognitions. Silence is an empty text, and costs nothing. */
export const transcribe =
  (ports: Listening) =>
  async ({ actor, requestId, bytes, language }: Sent, receipt: Receipt<Heard> = noReceipt): Promise<Heard> => {
    const speechToText = recogniserOf(ports);
    const { samples, duration_ms } = await decoded(ports, actor, bytes);
    if (isSilent(samples)) {
      const { engine } = speechToText;
      const nothing = { text: "", language: language ?? "en", words: [], engine, duration_ms };
      await ports.atomically((stores) => receipt(stores, nothing));
      return nothing;
    }
    return onQuota(ports)({ actor, purpose: "stt", requestId }, { stt: 1 }, async (bill) => {
      const among = language === null ? spokenLanguages(actor.language, null) : [language];
      const heard = { ...(await hear(speechToText, samples, among)), duration_ms };
      await ports.atomically(async (stores) => {
        await bill.pay(stores, { stt: heard.text === "" ? 0 : 1 });
        await receipt(stores, heard);
      });
      return heard;
    });
  };

/** Longer silence between two words begins a new segment, as does the end of a sentence. */
const GAP_MS = 700;

/** A transcript in pieces that can be shown as subtitles; times are seconds. */
export function segmentsOf(words: readonly HeardWord[]): { start: number; end: number; text: string }[] {
  const groups: HeardWord[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const goesOn = last && word.start_ms - last.end_ms < GAP_MS && !/[.!?…]$/.test(last.text);
    if (group && goesOn) group.push(word);
    else groups.push([word]);
  }
  return groups.flatMap((group) => {
    const [first, last] = [group[0], group.at(-1)];
    if (!first || !last) return [];
    const text = group.map((word) => word.text).join(" ");
    return [{ start: first.start_ms / 1000, end: last.end_ms / 1000, text }];
  });
}
