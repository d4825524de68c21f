import { AppError } from "../domain/errors.ts";
import type { Phrase } from "../domain/phrases.ts";
import { isSpeakable, readable } from "../domain/reading.ts";
import type { Ports } from "./ports/mod.ts";
import { readAloudOnce } from "./reading_aloud.ts";
import { keptByAnyEngine, type Speaking, spokenAnew } from "./speaking.ts";

// A phrase's sound has an address before it is made: it is made for whoever plays it first, so that a list of phrases waits for
// no voice, and a voice that is away keeps nobody from adding one.

type Sounding = Speaking & Pick<Ports, "atomically" | "quotas" | "spendings" | "phrases" | "users">;

/** A key that names a phrase and, by a digest, its words: another text has another address. */
const KEY = /^phrases\/(\d{1,9})-[0-9a-f]{16}\.mp3$/;

export const isPhraseSound = (key: string): boolean => KEY.test(key);

/** Where the sound of a phrase plays; null where no voice speaks its language, or it has nothing to say. */
export async function phraseSoundKey(
  { textToSpeech }: Pick<Ports, "textToSpeech">,
  { id, text, language }: Pick<Phrase, "id" | "text" | "language">,
): Promise<string | null> {
  const isVoiced = textToSpeech.voices.some((voice) => voice.language === language);
  if (!isVoiced || !isSpeakable(text)) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify([language, text])));
  return `phrases/${id}-${new Uint8Array(digest).toHex().slice(0, 16)}.mp3`;
}

/**
 * Gives where the sound behind such a key is kept, and makes it first where it is not. The school's phrases cost nobody
 * anything; the first sound of a learner's own costs them its characters, as `/ai/tts` would.
 */
export function phraseSounds(ports: Sounding) {
  // A class that plays a new phrase at the same moment has it made once.
  const making = new Map<string, Promise<string>>();
  return async (key: string, requestId: string): Promise<string> => {
    const phrase = await ports.phrases.find(Number(KEY.exec(key)?.[1]));
    if (!phrase || (await phraseSoundKey(ports, phrase)) !== key) throw new AppError("not_found");
    const made = making.get(key) ?? make(ports, phrase, requestId).finally(() => making.delete(key));
    making.set(key, made);
    return made;
  };
}

async function make(ports: Sounding, { user_id, text, language }: Phrase, requestId: string): Promise<string> {
  const wanted = { text: readable(text), language };
  // A player asks for one sound in several pieces: none of them is made, or paid for, anew.
  const kept = await keptByAnyEngine(ports, wanted);
  if (kept !== null) return kept;
  if (user_id === null) return spokenAnew(ports, wanted);
  const owner = await ports.users.find(user_id);
  if (!owner) throw new AppError("not_found");
  return readAloudOnce(ports)({ actor: owner, requestId, text, language });
}
