import { languageName } from "../../domain/language_tags.ts";
import type { Voice } from "../../domain/voices.ts";

// One voice for each language that has a two-letter code, Karakalpak, which is spoken in Uzbekistan, and the kinds of English,
// Spanish and Portuguese that learners meet. Not Japanese, whose kanji espeak names instead of reading them, and not Chuvash,
// which has no numbers.
const LANGUAGES =
  `af am an ar as az ba be bg bn bs ca cs cy da de el eo es et eu fa fi fo fr ga gd gn gu he hi hr ht hu hy ia id io is
  it ka kaa kk kl kn ko ku ky la lb lt lv mi mk ml mr ms mt my ne nl no om or pa pl pt qu ro ru sd si sk sl sq sr sv sw ta
  te th ti tk tn tr tt ug uk ur uz vi zh`.split(/\s+/);
const KINDS = ["es-419", "pt-br"];

// Where espeak's own name is another.
const NAMES: Readonly<Record<string, string>> = { no: "nb", zh: "cmn", "en-gb": "en" };

const voiceOf = (tag: string, language: string): Voice => ({
  id: `espeak-${tag}`,
  language,
  name: languageName(tag),
  engine: "espeak-ng",
});

export const ESPEAK_VOICES: readonly Voice[] = [
  voiceOf("en-us", "en"),
  voiceOf("en-gb", "en"),
  ...LANGUAGES.map((tag) => voiceOf(tag, tag)),
  ...KINDS.map((tag) => voiceOf(tag, tag.slice(0, 2))),
];

/** How espeak itself calls a voice. */
export function espeakName({ id }: Voice): string {
  const tag = id.slice("espeak-".length);
  return NAMES[tag] ?? tag;
}
