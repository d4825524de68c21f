import { AppError } from "../domain/errors.ts";
import { chosenVoice, type Voice } from "../domain/voices.ts";
import type { Ports } from "./ports/mod.ts";
import type { Speech } from "./ports/speech.ts";

// Speech is kept under what it was made of: the same text in the same voice is made once, and costs once.

export type Speaking = Pick<Ports, "textToSpeech" | "fileStore" | "clock" | "log">;

const SPEECH_FOLDER = "speech/";

type Wanted = { readonly text: string; readonly language: string; readonly voice?: string | undefined };

/** Where speech of that voice is kept: anew each month, so that what is given out today is not swept tomorrow. */
async function speechKey({ clock }: Pick<Speaking, "clock">, voice: Voice, text: string): Promise<string> {
  const made = JSON.stringify([voice.engine, voice.id, voice.language, text]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(made));
  const month = clock.now().toISOString().slice(0, 7);
  return `${SPEECH_FOLDER}${month}-${new Uint8Array(digest).toHex()}.mp3`;
}

/** Speech that was made before; null where it is new. A store that is away has none. */
export async function keptSpeech(ports: Speaking, wanted: Wanted): Promise<{ key: string; content: Blob } | null> {
  const key = await speechKey(ports, chosenVoice(ports.textToSpeech.voices, wanted), wanted.text);
  const content = await ports.fileStore.get(key).catch(() => null);
  return content && { key, content };
}

/** The same in the first voice or one that stood in for it while it was away; null where none has made it. */
export async function keptByAnyEngine(ports: Speaking, wanted: Omit<Wanted, "voice">): Promise<string | null> {
  const { voices } = ports.textToSpeech;
  const first = chosenVoice(voices, wanted);
  const engines = new Set(voices.filter(({ language }) => language === first.language).map(({ engine }) => engine));
  for (const engine of engines) {
    const voice = chosenVoice(
      voices.filter((one) => one.engine === engine),
      wanted,
    );
    const kept = await keptSpeech(ports, { ...wanted, voice: voice.id });
    if (kept) return kept.key;
  }
  return null;
}

/** Keeps what was spoken. Whoever listened has heard it all the same, so a failure is only logged; null then. */
export async function keepSpeech(
  { fileStore, clock, log }: Pick<Speaking, "fileStore" | "clock" | "log">,
  { voice }: Pick<Speech, "voice">,
  text: string,
  pieces: readonly Uint8Array[],
): Promise<string | null> {
  const key = await speechKey({ clock }, voice, text);
  try {
    await fileStore.put(key, Buffer.concat(pieces));
    return key;
  } catch (error) {
    log.warn("speech could not be kept", { message: String(error) });
    return null;
  }
}

/** Speaks the whole text and keeps it; gives where. */
export async function spokenAnew(ports: Speaking, wanted: Wanted): Promise<string> {
  const speech = await ports.textToSpeech.speak(wanted.text, wanted);
  const pieces: Uint8Array[] = [];
  for await (const piece of speech.sound) pieces.push(piece);
  const key = await keepSpeech(ports, speech, wanted.text, pieces);
  if (key === null) throw new AppError("speech_failed");
  return key;
}

/** A month, and the day for which the last address that was given out plays. */
const KEPT_MS = 33 * 24 * 60 * 60_000;

/** Removes speech of a month that is over: whoever wants it again has it made again. */
export const sweepSpeech =
  ({ fileStore, clock }: Pick<Ports, "fileStore" | "clock">) =>
  async (): Promise<number> => {
    const before = clock.now().getTime() - KEPT_MS;
    const old = (await fileStore.list()).filter(
      ({ key, written }) => key.startsWith(SPEECH_FOLDER) && written.getTime() < before,
    );
    for (const { key } of old) await fileStore.remove(key);
    return old.length;
  };
