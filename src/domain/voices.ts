import { AppError } from "./errors.ts";
import { baseLanguage, subtags } from "./language_tags.ts";

export type Voice = {
  /** Names it in requests, e.g. `espeak-uz`; one for a region ends with it, e.g. `gtts-en-gb`. */
  readonly id: string;
  /** ISO 639-1 where there is such a code. */
  readonly language: string;
  /** For people, in English. */
  readonly name: string;
  /** Who speaks, e.g. `espeak-ng`. */
  readonly engine: string;
};

/**
 * The voice for a language tag, or that of the given id where it speaks the language. Where voices differ by region, the
 * tag's own is taken. Refuses with `voice_unavailable` and the languages that there are.
 */
export function chosenVoice(
  voices: readonly Voice[],
  { language, voice }: { readonly language: string; readonly voice?: string | undefined },
): Voice {
  const known = voices.filter((one) => one.language === baseLanguage(language));
  const region = subtags(language)[1];
  const [first] = known;
  // Of the engine that is asked first, whichever else has a voice of that region.
  const isOfRegion = ({ id, engine }: Voice) =>
    region !== undefined && engine === first?.engine && id.endsWith(`-${region}`);
  const chosen = voice ? known.find(({ id }) => id === voice) : (known.find(isOfRegion) ?? first);
  if (chosen) return chosen;
  const languages = [...new Set(voices.map((one) => one.language))].sort();
  throw new AppError("voice_unavailable", { language, ...(voice ? { voice } : {}), languages });
}
