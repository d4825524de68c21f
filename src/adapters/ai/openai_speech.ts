import { z } from "zod";
import type { SpeechToText } from "../../application/ports/speech.ts";
import { baseLanguage, languageName } from "../../domain/language_tags.ts";
import { headersOf, isOpenAi, type OpenAiOptions } from "./openai.ts";
import { type Heard, transcribed } from "./sent_sound.ts";
import { vendor } from "./vendor.ts";
import { failure, isFailure } from "./vendor_failure.ts";
import { vendorFetch } from "./vendor_fetch.ts";
import { LANGUAGES } from "./whisper.ts";

/** What OpenAI takes as a language; another one is refused, so it is left to be recognised. Uzbek is not among them. */
const OPENAI_LANGUAGES =
  `en ru af ar az be bg bs ca cs cy da de el es et fa fi fr gl he hi hr hu hy id is it ja kk kn ko lt lv mi mk mr ms ne nl no pl
  pt ro sk sl sr sv sw ta th tl tr uk ur vi zh`.split(/\s+/);

const Said = z.object({
  text: z.string(),
  language: z.string().optional(),
  words: z
    .array(z.object({ word: z.string(), start: z.number(), end: z.number(), probability: z.number().optional() }))
    .optional()
    .catch(undefined),
});

/** Speech recognition by any server that speaks OpenAI's protocol: OpenAI, faster-whisper, vLLM. */
export function openAiSpeechToText(options: OpenAiOptions): SpeechToText {
  const { baseUrl, apiKey = "", model, patience } = options;
  const engine = `openai ${model}`;
  const { call, stop } = vendor(engine, [apiKey], patience);
  const languages = isOpenAi(options) ? OPENAI_LANGUAGES : [...LANGUAGES];
  // Some models, e.g. gpt-4o-transcribe, give the text alone, from the first refusal on.
  let givesWords = true;

  const ask = (wav: Uint8Array<ArrayBuffer>, language: string | undefined, hasWords: boolean, signal: AbortSignal) => {
    const form = new FormData();
    form.set("file", new File([wav], "speech.wav", { type: "audio/wav" }));
    form.set("model", model);
    form.set("temperature", "0");
    if (language) form.set("language", language);
    form.set("response_format", hasWords ? "verbose_json" : "json");
    if (hasWords) form.set("timestamp_granularities[]", "word");
    const headers = headersOf(options);
    return vendorFetch(`${baseUrl}/audio/transcriptions`, { method: "POST", headers, body: form, signal });
  };

  return {
    engine,
    languages,
    transcribe: (samples, { language, signal } = {}) => {
      const wanted = language && languages.find((known) => known === baseLanguage(language));
      return transcribed(samples, { engine, language: wanted, signal }, (wav, ended) =>
        call(
          async (abort) => {
            if (givesWords) {
              const refused = await ask(wav, wanted, true, abort).catch((error) => {
                if (isFailure(error) && error.kind === "refused" && error.status === 400) return error;
                throw error;
              });
              if (refused instanceof Response) return heardIn(await refused.text());
              const heard = await ask(wav, wanted, false, abort).catch((error) => {
                // Refused again, it is not the words that the server dislikes.
                throw isFailure(error) && error.kind === "refused" ? refused : error;
              });
              givesWords = false;
              return heardIn(await heard.text());
            }
            return heardIn(await (await ask(wav, wanted, false, abort)).text());
          },
          { signal: ended },
        ),
      );
    },
    stop,
  };
}

function heardIn(json: string): Heard {
  const read = Said.safeParse(JSON.parse(json));
  if (!read.success) throw failure("unfit", "the answer has no text");
  const { text, language, words } = read.data;
  return {
    text,
    language: codeOf(language),
    words: words?.length
      ? words.map(({ word, start, end, probability = Number.NaN }) => ({
          text: word,
          start_ms: start * 1000,
          end_ms: end * 1000,
          confidence: probability,
        }))
      : undefined,
  };
}

/** OpenAI names a language in English, `uzbek`; others give its code. */
function codeOf(language: string | undefined): string | undefined {
  const name = language?.toLowerCase();
  return [...LANGUAGES].find((code) => code === name || languageName(code).toLowerCase() === name);
}
