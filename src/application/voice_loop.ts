import { z } from "zod";
import { isBlank } from "../domain/disguises.ts";
import { AppError } from "../domain/errors.ts";
import { isSilent } from "../domain/sound.ts";
import { storable } from "../domain/storable.ts";
import { SPOKEN_MOST } from "../domain/tutor.ts";
import { checkedCorrections, type TutorCorrection } from "../domain/tutor_corrections.ts";
import { keepAttempt } from "./assessed_speech.ts";
import { keepTurn } from "./conversations.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import { readingScorer } from "./judged_reading.ts";
import { decoded, hear, recogniserOf, spokenLanguages } from "./listening.ts";
import type { Ports } from "./ports/mod.ts";
import { onQuota } from "./quotas.ts";
import { messagesFor, type Reply, scene, type Talk, type Tutoring, voiced } from "./tutor.ts";
import { judgeTurn, readText, type SpokenReading } from "./voice_loop_reading.ts";

type Talking = Tutoring & Pick<Ports, "decoder" | "speechToText" | "grammar" | "pronunciation">;

/** A turn of a conversation, not a lecture. */
const LONGEST_MS = 3 * 60_000;
const ANSWER_TOKENS = 700;

/** Words of the model as they are kept. */
const words = (most: number) => z.string().max(most).overwrite(storable);

/** What the model answers to what was said. */
const SpokenReply = z.object({
  reply: words(2000)
    .refine((text) => !isBlank(text))
    .describe("The answer to what the learner said, in character"),
  corrections: z
    .array(
      z.object({
        original: words(200).describe("The learner's own words, exactly as in the transcript"),
        corrected: words(200),
        explanation: words(400).describe("Why, in simple Uzbek"),
      }),
    )
    .max(5)
    .describe("Mistakes of grammar and choice of words in the learner's English; empty where there are none"),
  advice: words(600).describe("One thing to practise next, in simple Uzbek"),
});

const TASK =
  "The learner's last message is the transcript of what they said aloud: it has no punctuation of their own, and the recogniser may have misheard a word. " +
  "Answer it in `reply`. List real mistakes of their English in `corrections`, and give one piece of `advice`; explanations and advice are in simple Uzbek, in Latin letters.";

export type VoiceReply = Omit<Reply, "text"> & {
  readonly transcript: string;
  readonly spoken_language: string;
  readonly ai_text: string;
  readonly corrections: readonly TutorCorrection[];
  readonly advice: string;
  /** Null without a text to read. */
  readonly reading: SpokenReading | null;
};

type Sent = Talk & { readonly bytes: Uint8Array; readonly referenceText: string | null };

/** Listens, answers, corrects, speaks, and judges the reading of a text: all of it on the quotas that it takes, or nothing. */
export const voiceLoop =
  (ports: Talking) =>
  async (sent: Sent, receipt: Receipt<VoiceReply> = noReceipt): Promise<VoiceReply> => {
    const set = await scene(ports, sent, true);
    const speechToText = recogniserOf(ports);
    const { samples, duration_ms } = await decoded(ports, sent.actor, sent.bytes);
    if (duration_ms > LONGEST_MS) throw new AppError("audio_too_long", { max_minutes: LONGEST_MS / 60_000 });
    if (isSilent(samples)) throw new AppError("audio_silent");
    const read = readText(sent.actor.language, sent.referenceText);
    const scorer = read && readingScorer(ports, read);
    const spender = { actor: sent.actor, purpose: "voice_loop", requestId: sent.requestId };
    const most = { stt: 1, llm: 1, tts: SPOKEN_MOST, pronunciation: scorer ? 1 : 0 };
    return onQuota(ports)(spender, most, async (bill) => {
      const heard = await hear(speechToText, samples, spokenLanguages(sent.actor.language, sent.referenceText));
      if (heard.text === "") throw new AppError("audio_silent");
      const messages = await messagesFor(ports, set, heard.text, ANSWER_TOKENS);
      const instructions = `${set.instructions}\n${TASK}`;
      const [{ value }, byRules, reading] = await Promise.all([
        set.model.answer({ instructions, messages, max_tokens: ANSWER_TOKENS }, SpokenReply),
        // Rules only add to what the model says.
        ports.grammar.check(heard.text, heard.language).catch(() => []),
        read && judgeTurn(ports, scorer, read, { samples, transcript: heard }),
      ]);
      const corrections = heard.language === "en" ? checkedCorrections(heard.text, byRules, value.corrections) : [];
      const { characters, ...sound } = await voiced(ports, value.reply, set.language);
      return ports.atomically(async (stores) => {
        const turn = { prompt: heard.text, reply: value.reply };
        const reply = {
          transcript: heard.text,
          spoken_language: heard.language,
          ai_text: value.reply,
          corrections,
          advice: value.advice,
          reading: reading && { assessment: reading.assessment, missing: reading.missing },
          ...sound,
          avatar: set.avatar,
          language: set.language,
          engine: set.model.engine,
          session_id: await keepTurn(ports)(stores, sent.actor, set.conversation, turn),
        };
        if (read && reading?.scored) {
          const about = { source: "voice_loop", phrase_id: null, session_id: null, language: read.language } as const;
          const draft = { ...about, user_id: sent.actor.id, created_at: ports.clock.now().toISOString() };
          await keepAttempt(stores, draft, reading.assessment);
        }
        await bill.pay(stores, { stt: 1, llm: 1, tts: characters, pronunciation: reading?.cost ?? 0 });
        await receipt(stores, reply);
        return reply;
      });
    });
  };
