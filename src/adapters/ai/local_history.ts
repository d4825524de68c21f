import type { Message } from "../../application/ports/language_model.ts";
import type { History, Loaded } from "./llama.ts";
import type { Asked } from "./local.ts";

// What of a conversation a small context has room for.

type Room = Pick<Loaded, "chat" | "model"> & { readonly context_tokens: number };

/** What a template puts around a message, about. */
const AROUND = 8;

/** No tokenizer makes so few tokens of a text, and some take very long over one. */
const MOST_LETTERS = 32;

/** So that the library never cuts by itself. */
const SPARE = 16;

/**
 * The newest messages for which there is room beside the instructions and the answer, whose share is at most half. Null
 * where the last message alone is too long.
 */
export function fittingHistory({ instructions, messages, max_tokens }: Asked, { chat, model, context_tokens }: Room) {
  const answer = Math.max(1, Math.min(max_tokens, Math.floor(context_tokens / 2)));
  const room = context_tokens - answer - SPARE;
  const tokensOf = (text: string) =>
    text.length > context_tokens * MOST_LETTERS ? Number.POSITIVE_INFINITY : model.tokenize(text).length + AROUND;
  const all = alternating(messages);
  let left = room - tokensOf(instructions);
  let from = all.length;
  for (; from > 0; from--) {
    left -= tokensOf(all[from - 1]?.text ?? "");
    if (left < 0) break;
  }
  for (; from < all.length; from++) {
    // Templates want the user to begin.
    if (all[from]?.role !== "user") continue;
    const history = historyOf(instructions, all.slice(from));
    const { contextText } = chat.chatWrapper.generateContextState({ chatHistory: history });
    // Counted again as a whole: a template may write more around it than was guessed.
    if (contextText.tokenize(model.tokenizer).length <= room) return { history, answer_tokens: answer };
  }
  return null;
}

/** Two of one role in a row become one: templates refuse them. */
function alternating(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role === message.role) joined[joined.length - 1] = { ...last, text: `${last.text}\n\n${message.text}` };
    else joined.push(message);
  }
  return joined;
}

const historyOf = (instructions: string, messages: readonly Message[]): History => [
  ...(instructions ? [{ type: "system" as const, text: instructions }] : []),
  ...messages.map(({ role, text }) =>
    role === "user" ? { type: "user" as const, text } : { type: "model" as const, response: [text] },
  ),
  { type: "model", response: [] },
];
