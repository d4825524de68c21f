import type { Actor } from "../domain/access.ts";
import { ASSUMED_LEVEL, type Avatar } from "../domain/avatars.ts";
import { isBlank } from "../domain/disguises.ts";
import { AppError, type ErrorCode } from "../domain/errors.ts";
import { languageName } from "../domain/language_tags.ts";
import { charactersIn, firstSentences, saidText } from "../domain/reading.ts";
import { storable } from "../domain/storable.ts";
import { tokensIn } from "../domain/tokens.ts";
import { HISTORY_MESSAGES, HISTORY_TOKENS, recent, SPOKEN_MOST, tutorInstructions } from "../domain/tutor.ts";
import type { User } from "../domain/users.ts";
import { avatarOf } from "./avatars.ts";
import { keepTurn } from "./conversations.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import { ownRow } from "./own_rows.ts";
import type { LanguageModel, Prompt } from "./ports/language_model.ts";
import type { Ports } from "./ports/mod.ts";
import { type Bill, onQuota } from "./quotas.ts";
import { keptSpeech, type Speaking, spokenAnew } from "./speaking.ts";

export type Tutoring = Speaking &
  Pick<
    Ports,
    "atomically" | "quotas" | "spendings" | "avatars" | "conversations" | "messages" | "languageModel" | "clock" | "log"
  >;

/** The longest answer, in the model's tokens; what is said aloud is shorter. */
const ANSWER_TOKENS = 800;
const SPOKEN_TOKENS = 400;
/** No answer of so many tokens has more; a server that does not keep to them is not listened to without end. */
const ANSWER_CHARACTERS = 20_000;

const unfit = (why: string) => new AppError("ai_failed", {}, { cause: new Error(why) });

/** The part, or the refusal that comes before any quota is touched. */
function configured(model: LanguageModel | null): LanguageModel {
  if (!model) throw new AppError("ai_not_configured");
  return model;
}

type Learner = Actor & Pick<User, "language" | "level" | "avatar_id">;

export type Talk = {
  readonly actor: Learner;
  readonly requestId: string;
  /** Goes on with it; null begins a new one. */
  readonly sessionId: number | null;
  /** ISO 639-1: what is answered in, and spoken in. Null for the user's own. */
  readonly language: string | null;
};

/** Everything that the model has to know before the learner's words. */
export async function scene(ports: Tutoring, talk: Talk, spoken: boolean) {
  const model = configured(ports.languageModel);
  const conversation = talk.sessionId === null ? null : await ownRow(ports.conversations, talk.actor, talk.sessionId);
  const { actor } = talk;
  const avatar = await avatarOf(ports, actor.avatar_id);
  const language = talk.language ?? actor.language;
  const instructions = tutorInstructions({
    persona: avatar.persona,
    level: actor.level ?? ASSUMED_LEVEL,
    language: languageName(language),
    first_language: languageName(actor.language),
    spoken,
  });
  return { model, conversation, avatar, language, instructions };
}
export type Scene = Awaited<ReturnType<typeof scene>>;

/** What came before, within the budget, and the learner's new words. Its size does not grow with the conversation. */
export async function messagesFor(
  { messages }: Pick<Ports, "messages">,
  { model, conversation, instructions }: Scene,
  prompt: string,
  answerTokens: number,
): Promise<Prompt["messages"]> {
  const asked = { role: "user", text: prompt } as const;
  if (!conversation) return [asked];
  const { id, scenario } = conversation;
  const opening = scenario
    ? ([
        { role: "user", text: `Let us play this scene: ${scenario}` },
        { role: "assistant", text: "Gladly, let us play it." },
      ] as const)
    : [];
  const where = { conversation_id: id };
  const newest = await messages.list({ where, newestFirst: true, skip: 0, limit: HISTORY_MESSAGES });
  const rest = tokensIn(instructions) + tokensIn(prompt) + tokensIn(scenario ?? "") + answerTokens;
  const budget = Math.min(HISTORY_TOKENS, model.context_tokens - rest);
  const history = recent(newest.toReversed(), budget).map(({ role, text }) => ({ role, text }));
  return [...opening, ...history, asked];
}

/** The voice of an answer; a voice that fails takes nothing away from the rest. */
export type Voiced = {
  /** Where the sound is kept; null where there is none. */
  readonly audio_key: string | null;
  readonly characters: number;
  /** Why there is no sound, or not of all; null where all is well. */
  readonly warning: ErrorCode | "speech_cut" | null;
};

const UNSPOKEN: Voiced = { audio_key: null, characters: 0, warning: null };

export async function voiced(ports: Tutoring, text: string, language: string): Promise<Voiced> {
  const said = saidText(text);
  const spoken = firstSentences(said, SPOKEN_MOST);
  try {
    const wanted = { text: spoken, language };
    const kept = await keptSpeech(ports, wanted);
    const audio_key = kept?.key ?? (await spokenAnew(ports, wanted));
    const warning = spoken.length < said.length ? "speech_cut" : null;
    return { audio_key, characters: kept ? 0 : charactersIn(spoken), warning };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ports.log.warn("an answer stays without a voice", { code: error.code, message: String(error.cause ?? "") });
    return { ...UNSPOKEN, warning: error.code };
  }
}

export type Reply = Omit<Voiced, "characters"> & {
  readonly text: string;
  readonly avatar: Avatar;
  readonly session_id: number;
  readonly language: string;
  readonly engine: string;
};

type Question = Talk & {
  readonly prompt: string;
  readonly speak: boolean;
  /** Called with each piece of the answer as it comes. */
  readonly onPiece?: (piece: string) => void;
};

/**
 * Answers a question in the character of the user's avatar, and keeps both. It is finished and kept even if whoever asked
 * has gone meanwhile: they find it in the conversation.
 */
export const ask =
  (ports: Tutoring) =>
  async (question: Question, receipt: Receipt<Reply> = noReceipt): Promise<Reply> => {
    const { prompt, speak, onPiece = () => {} } = question;
    const set = await scene(ports, question, speak);
    const max_tokens = speak ? SPOKEN_TOKENS : ANSWER_TOKENS;
    const messages = await messagesFor(ports, set, prompt, max_tokens);
    const spender = { actor: question.actor, purpose: "ask", requestId: question.requestId };
    return onQuota(ports)(spender, { llm: 1, tts: speak ? SPOKEN_MOST : 0 }, async (bill) => {
      let text = "";
      for await (const piece of set.model.stream({ instructions: set.instructions, messages, max_tokens })) {
        text += piece;
        if (text.length > ANSWER_CHARACTERS) throw unfit("the answer is longer than it may be");
        onPiece(piece);
      }
      text = storable(text).trim();
      // The vendors' own look for an empty answer does not know what nobody can see.
      if (isBlank(text)) throw unfit("the answer is empty");
      const { characters, ...sound } = speak ? await voiced(ports, text, set.language) : UNSPOKEN;
      return keepReply(ports, question, set, { text, ...sound }, { bill, characters, receipt });
    });
  };

type Settling = { bill: Bill; characters: number; receipt: Receipt<Reply> };

function keepReply(
  ports: Tutoring,
  question: Question,
  { conversation, avatar, language, model }: Scene,
  answer: Pick<Reply, "text" | "audio_key" | "warning">,
  { bill, characters, receipt }: Settling,
): Promise<Reply> {
  return ports.atomically(async (stores) => {
    const turn = { prompt: question.prompt, reply: answer.text };
    const session_id = await keepTurn(ports)(stores, question.actor, conversation, turn);
    const reply = { ...answer, avatar, session_id, language, engine: model.engine };
    await bill.pay(stores, { llm: 1, tts: characters });
    await receipt(stores, reply);
    return reply;
  });
}
