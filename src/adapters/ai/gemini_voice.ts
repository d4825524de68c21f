import type { TextToSpeech } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";
import { pieces, readable } from "../../domain/reading.ts";
import { chosenVoice, type Voice } from "../../domain/voices.ts";
import { type GeminiOptions, geminiClient, readGemini } from "./gemini.ts";
import type { Mp3Encoder } from "./mp3.ts";
import { oneAhead } from "./one_ahead.ts";
import { speechFailure } from "./sent_sound.ts";
import { vendor } from "./vendor.ts";
import { failure } from "./vendor_failure.ts";

/** What Google names for the voices of Gemini 2.5. Uzbek is not among them. */
const LANGUAGES = "en ru ar bn de es fr hi id it ja ko mr nl pl pt ro ta te th tr uk vi".split(" ");
const SPEAKER = "Kore";

/** UTF-16 code units in one request: its sound is made far within the time there is. */
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
    speak: async (text, { signal, ...wanted }) => {
      const voice = chosenVoice(voices, wanted);
      const parts = pieces(readable(text), LONGEST);
      const [first] = parts;
      if (first === undefined) throw new AppError("speech_failed", {}, { cause: new Error("there is nothing to say") });
      const left = new AbortController();
      const end = AbortSignal.any([left.signal, ...(signal ? [signal] : [])]);
      const made = (part: string) =>
        say(part, end).catch((error) => {
          throw signal?.aborted ? new AppError("speech_failed", {}, { cause: signal.reason }) : speechFailure(error);
        });
      const nth = (i: number) => (parts[i] === undefined ? undefined : made(parts[i]));
      return { voice, sound: oneAhead(await made(first), nth, left) };
    },
    stop: async () => {
      await Promise.all([stop(), encoder.stop()]);
    },
  };
}

function numbersOf(base64: string): Int16Array {
  const bytes = Uint8Array.fromBase64(base64);
  return new Int16Array(bytes.buffer, 0, Math.floor(bytes.length / 2));
}
