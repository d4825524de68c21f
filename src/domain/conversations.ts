/** A conversation with an avatar. */
export type Conversation = {
  readonly id: number;
  readonly user_id: number;
  readonly title: string;
  /** What is played, in the learner's words, e.g. `At the airport`; null for a free talk. */
  readonly scenario: string | null;
  readonly message_count: number;
  readonly created_at: string;
  readonly updated_at: string;
};

/** What was said in one. */
export type ConversationMessage = {
  readonly id: number;
  readonly conversation_id: number;
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly created_at: string;
};

/** A conversation's title: the beginning of its first question, in whole words where one fits, and at most 60 letters. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split(/\s+/).join(" ");
  const cut = [...line].slice(0, 60).join("");
  return cut.length < line.length ? `${cut.replace(/\s+\S*$/, "") || cut}…` : line;
}
