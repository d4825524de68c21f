import type { TextToSpeech, Voice } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { type GeminiOptions, geminiClient, readGemini } from "./gemini.ts";
import type { Mp3Encoder } from "./mp3.ts";
import { speechFailure } from "./sent_sound.ts";
import { vendor } from "./vendor.ts";
import { failure } from "./vendor_failure.ts";

/** What Google names for the voices of Gemini 2.5. Uzbek is not among them. */
const LANGUAGES = "en ru ar bn de es fr hi id it ja ko mr nl pl pt ro ta te th tr uk vi".split(" ");
const SPEAKER = "Kore";

/** Characters in one request: the first one short, so that the sound begins early, each one far within the time there is. */
const FIRST = 120;
const LONGEST = 400;

type Options = GeminiOptions & { readonly encoder: Mp3Encoder };

/** Speech by Gemini, some sentences at a time; the next ones are made while one is played. Stops its encoder too. */
export function geminiVoice(options: Options): TextToSpeech {
  const { apiKey, model, patience, encoder } = options;
  const engine = `gemini ${model}`;
  const client = geminiClient(options);
  const { call, stop } = vendor(engine, [apiKey], patience);
  const voices: Voice[] = LANGUAGES.map((language) => ({ id: `gemini-${language}`, language, name: SPEAKER, engine }));

  const say = async (text: string, signal: AbortSignal): Promise<Uint8Array> => {
    const { samples, rate } = await call(
      async (abortSignal) => {
        const { models } = await client();
        const answer = await models.generateContent({
          model,
          // Without a word about what to do it answers a question instead of reading it.
          contents: [{ role: "user", parts: [{ text: `Read this aloud, word for word:\n\n${text}` }] }],
          config: {
            responseModalities: ["AUDIO"],
            speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: SPEAKER } } },
            abortSignal,
          },
        });
        const { data, mimeType = "" } = readGemini(answer).sound ?? {};
        if (!data) throw failure("unfit", "the answer has no sound");
        return { samples: numbersOf(data), rate: Number(/rate=(\d+)/.exec(mimeType)?.[1] ?? 24_000) };
      },
      { signal },
    );
    return encoder.encode(samples, rate);
  };

  return {
    voices,
    speak: async (text, { language, voice, signal }) => {
      const code = language.toLowerCase().split(/[-_]/)[0];
      const found = voices.find((one) => one.language === code && (voice === undefined || one.id === voice));
      if (!found) throw new AppError("voice_unavailable", { language });
      if (signal?.aborted) throw new AppError("speech_failed", {}, { cause: signal.reason });
      if (!/[\p{L}\p{N}]/u.test(text)) throw new AppError("speech_failed");
      const end = new AbortController();
      const abort = () => end.abort(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      const fail = (error: unknown): never => {
        throw signal?.aborted ? new AppError("speech_failed", {}, { cause: signal.reason }) : speechFailure(error);
      };
      const close = () => {
        signal?.removeEventListener("abort", abort);
        end.abort();
      };
      const sound = spoken(portions(text), (portion) => say(portion, end.signal), fail, close);
      const first = await sound.next();
      return { voice: found, sound: withFirst(first, sound) };
    },
    stop: async () => {
      await Promise.all([stop(), encoder.stop()]);
    },
  };
}

async function* spoken(
  texts: readonly string[],
  say: (text: string) => Promise<Uint8Array>,
  fail: (error: unknown) => never,
  close: () => void,
) {
  const make = (i: number) => {
    const text = texts[i];
    const made = text === undefined ? undefined : say(text);
    // Nobody may be left to hear that it failed.
    made?.catch(() => {});
    return made;
  };
  try {
    let next = make(0);
    for (let i = 1; next; i++) {
      const sound = await next.catch(fail);
      next = make(i);
      yield sound;
    }
  } finally {
    close();
  }
}

async function* withFirst(first: IteratorResult<Uint8Array>, rest: AsyncGenerator<Uint8Array>) {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function numbersOf(base64: string): Int16Array {
  const bytes = Uint8Array.fromBase64(base64);
  return new Int16Array(bytes.buffer, 0, Math.floor(bytes.length / 2));
}

/** Whole sentences where they fit, whole words where a sentence does not. */
export function portions(text: string): string[] {
  const cut: string[] = [];
  for (const sentence of text.match(/\S[\s\S]*?(?:[.!?…]+(?=\s)|\n|$)/g) ?? []) {
    for (const piece of sentence
      .trim()
      .match(new RegExp(`\\S[\\s\\S]{0,${LONGEST - 1}}(?!\\S)|\\S{1,${LONGEST}}`, "g")) ?? []) {
      const last = cut.at(-1);
      const room = cut.length === 1 ? FIRST : LONGEST;
      if (last !== undefined && last.length + piece.length < room) cut[cut.length - 1] = `${last} ${piece}`;
      else cut.push(piece);
    }
  }
  return cut.filter((piece) => /[\p{L}\p{N}]/u.test(piece));
}
