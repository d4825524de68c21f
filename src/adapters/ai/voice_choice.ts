import type { Voice } from "../../application/ports/speech.ts";
import { AppError } from "../../domain/errors.ts";

// Codes by which the same languages go elsewhere.
const SAME: Readonly<Record<string, string>> = { nb: "no", nn: "no", cmn: "zh", iw: "he", in: "id", fil: "tl" };

const subtags = (tag: string) => tag.trim().toLowerCase().split(/[-_]/);

/** The language of a tag, ISO 639-1 where there is such a code: `uz_UZ` and `UZ` are `uz`, `en-US` is `en`. */
function languageOf(tag: string): string {
  const language = subtags(tag)[0] ?? "";
  return SAME[language] ?? language;
}

/** `voice_unavailable`, with the languages there are. */
const noVoice = (language: string, voices: readonly Voice[]) =>
  new AppError("voice_unavailable", {
    language,
    languages: [...new Set(voices.map((voice) => voice.language))].sort().join(", "),
  });

/** What is wanted of these; a tag's region chooses among a language's voices where it can. Refuses with `voice_unavailable`. */
export function chosenVoice(
  voices: readonly Voice[],
  { language, voice }: { language: string; voice?: string | undefined },
): Voice {
  const known = voices.filter((one) => one.language === languageOf(language));
  const region = subtags(language)[1];
  const chosen = voice
    ? known.find(({ id }) => id === voice)
    : (known.find(({ id }) => region !== undefined && id.endsWith(`-${region}`)) ?? known[0]);
  if (!chosen) throw noVoice(language, voices);
  return chosen;
}

/** The name of a language or a regional kind of it, in English. */
export const languageName = (tag: string): string => new Intl.DisplayNames(["en"], { type: "language" }).of(tag) ?? tag;
