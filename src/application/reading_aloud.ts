import type { Actor } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import { charactersIn, isSpeakable, readable } from "../domain/reading.ts";
import { chosenVoice } from "../domain/voices.ts";
import { noReceipt, type Receipt } from "./idempotency.ts";
import type { Ports } from "./ports/mod.ts";
import type { Speech } from "./ports/speech.ts";
import { type Bill, onQuota, reserve } from "./quotas.ts";
import { keepSpeech, keptSpeech, type Speaking, spokenAnew } from "./speaking.ts";

type Reading = Speaking & Pick<Ports, "atomically" | "quotas" | "spendings">;

type Wanted = {
  readonly actor: Actor;
  readonly requestId: string;
  readonly text: string;
  readonly language: string;
  readonly voice?: string | undefined;
};

/** MP3 as it is made, or as it was kept, which costs nothing. */
export type ReadAloud = {
  readonly engine: string;
  readonly isNew: boolean;
  readonly sound: Blob | AsyncIterable<Uint8Array>;
};

/** What can be said of the text; refuses where nothing can, and where no voice speaks the language. */
function sayable(ports: Reading, { text, language, voice: id }: Wanted) {
  const wanted = { text: readable(text), language, voice: id };
  const voice = chosenVoice(ports.textToSpeech.voices, wanted);
  if (!isSpeakable(wanted.text)) throw new AppError("nothing_to_say");
  return { wanted, voice };
}

/**
 * Reads a text aloud, on the quota of characters. Resolves with the first sound; whoever leaves before the end has paid, and
 * finds the whole of it when they come again. What breaks on our side costs nothing.
 */
export const readAloud =
  (ports: Reading) =>
  async (asked: Wanted): Promise<ReadAloud> => {
    const { wanted, voice } = sayable(ports, asked);
    const kept = await keptSpeech(ports, wanted);
    if (kept) return { engine: voice.engine, isNew: false, sound: kept.content };
    const characters = charactersIn(wanted.text);
    const spender = { actor: asked.actor, purpose: "tts", requestId: asked.requestId };
    const bill = await reserve(ports)(spender, { tts: characters });
    try {
      const speech = await ports.textToSpeech.speak(wanted.text, wanted);
      return { engine: speech.voice.engine, isNew: true, sound: paidFor(ports, wanted.text, speech, bill, characters) };
    } catch (error) {
      await bill.giveBack();
      throw error;
    }
  };

async function* paidFor(ports: Reading, text: string, speech: Speech, bill: Bill, characters: number) {
  const pieces: Uint8Array[] = [];
  const sound = speech.sound[Symbol.asyncIterator]();
  const pay = () => ports.atomically((stores) => bill.pay(stores, { tts: characters })).catch(() => bill.giveBack());
  let isOver = false;
  try {
    for (let next = await sound.next(); !next.done; next = await sound.next()) {
      pieces.push(next.value);
      yield next.value;
    }
    isOver = true;
    await keepSpeech(ports, speech, text, pieces);
    await pay();
  } catch (error) {
    isOver = true;
    await bill.giveBack();
    throw error;
  } finally {
    // The listener has left, and has paid: the rest is made all the same, so that it is there when they come again.
    if (!isOver) {
      await pay();
      void finish(ports, text, speech, sound, pieces);
    }
  }
}

/** More than 5 000 characters of any language take. */
const MOST_BYTES = 32 * 1024 * 1024;

async function finish(
  ports: Reading,
  text: string,
  speech: Speech,
  sound: AsyncIterator<Uint8Array>,
  pieces: Uint8Array[],
): Promise<void> {
  let bytes = 0;
  try {
    for (let next = await sound.next(); !next.done; next = await sound.next()) {
      pieces.push(next.value);
      bytes += next.value.length;
      if (bytes > MOST_BYTES) return void (await sound.return?.());
    }
    await keepSpeech(ports, speech, text, pieces);
  } catch (error) {
    ports.log.warn("speech that nobody waits for broke off", { message: String(error) });
  }
}

/** The same for a call that may be repeated: the sound is whole and kept before it is paid for. Gives where it is kept. */
export const readAloudOnce =
  (ports: Reading) =>
  async (asked: Wanted, receipt: Receipt<string> = noReceipt): Promise<string> => {
    const { wanted } = sayable(ports, asked);
    const kept = await keptSpeech(ports, wanted);
    if (kept) {
      await ports.atomically((stores) => receipt(stores, kept.key));
      return kept.key;
    }
    const characters = charactersIn(wanted.text);
    const spender = { actor: asked.actor, purpose: "tts", requestId: asked.requestId };
    return onQuota(ports)(spender, { tts: characters }, async (bill) => {
      const key = await spokenAnew(ports, wanted);
      await ports.atomically(async (stores) => {
        await bill.pay(stores, { tts: characters });
        await receipt(stores, key);
      });
      return key;
    });
  };
