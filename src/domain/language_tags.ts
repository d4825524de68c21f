// Languages as people and packages write them: `uz`, `en-US`, `uz_UZ`, `UZ`.

// Codes by which the same languages go elsewhere.
const SAME: Readonly<Record<string, string>> = { nb: "no", nn: "no", cmn: "zh", iw: "he", in: "id", fil: "tl" };

/** The parts of a tag in small letters: language first, then script or region. */
export const subtags = (tag: string): readonly string[] => tag.trim().toLowerCase().split(/[-_]/);

/** The language of a tag, ISO 639-1 where there is such a code: `uz_UZ` and `UZ` are `uz`, `en-US` is `en`. */
export function baseLanguage(tag: string): string {
  const language = subtags(tag)[0] ?? "";
  return SAME[language] ?? language;
}

const NAMES = new Intl.DisplayNames("en", { type: "language" });

/** The English name of a language, or of a regional kind of it; the tag itself where it has none. Throws on what is no tag. */
export const languageName = (tag: string): string => NAMES.of(tag) ?? tag;
