import token from "gtts/lib/gToken.js";
import { languageName } from "../../domain/language_tags.ts";
import type { Voice } from "../../domain/voices.ts";

// What the package gtts knows of the service. Its main module brings `request` and 70 packages more for one GET, and 0.2 s of
// each start; its languages and its query are spelt here, and a test compares them.

/** Its languages by our names, the preferred kind of each first; the value is the service's name. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ en: "en", "en-us": "en-us", "en-gb": "en-uk", "en-au": "en-au" },
  ...{ es: "es", "es-es": "es-es", "es-us": "es-us", pt: "pt", "pt-br": "pt-br" },
  ...{ zh: "zh", "zh-cn": "zh-cn", "zh-tw": "zh-tw", yue: "zh-yue" },
  ...Object.fromEntries(
    "af sq ar hy ca hr cs da nl eo fi fr de el ht hi hu is id it ja ko la lv mk no pl ro ru sr sk sw sv ta th tr vi cy"
      .split(" ")
      .map((language) => [language, language]),
  ),
};

export const GTTS_VOICES: readonly Voice[] = Object.keys(LANGUAGES).map((tag) => ({
  id: `gtts-${tag}`,
  language: tag.split("-")[0] ?? tag,
  name: languageName(tag),
  engine: "gtts",
}));

/** The service refuses longer texts. */
export const MOST_CHARACTERS = 200;

/** The path and query for one piece of a text. */
export function gttsPath(parts: readonly string[], index: number, { id }: Voice): string {
  const part = parts[index] ?? "";
  const query = new URLSearchParams({
    ie: "UTF-8",
    q: part,
    tl: LANGUAGES[id.slice("gtts-".length)] ?? "",
    total: String(parts.length),
    idx: String(index),
    client: "tw-ob",
    textlen: String(part.length),
    tk: token(part),
  });
  return `/translate_tts?${query}`;
}

export const GTTS_HEADERS = {
  Referer: "http://translate.google.com/",
  "User-Agent":
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/47.0.2526.106 Safari/537.36",
};
