import type { Sound } from "./pronunciation.ts";

// The sounds of English: as dictionaries write them, and where spelling shows those that Uzbek speakers find hard.

const IPA: Readonly<Record<Sound, string>> = {
  ...{ AA: "ɑ", AE: "æ", AH: "ʌ", AO: "ɔː", AW: "aʊ", AY: "aɪ", EH: "e", ER: "ɜː", EY: "eɪ", IH: "ɪ", IY: "iː" },
  ...{ OW: "əʊ", OY: "ɔɪ", UH: "ʊ", UW: "uː", B: "b", CH: "tʃ", D: "d", DH: "ð", F: "f", G: "ɡ", HH: "h" },
  ...{ JH: "dʒ", K: "k", L: "l", M: "m", N: "n", NG: "ŋ", P: "p", R: "r", S: "s", SH: "ʃ", T: "t", TH: "θ" },
  ...{ V: "v", W: "w", Y: "j", Z: "z", ZH: "ʒ" },
};

/** A sound as dictionaries write it, without slashes; a scorer's own sign stays as it is. */
export const ipaOf = (sound: Sound): string => IPA[sound] ?? sound;

const VOWELS: ReadonlySet<Sound> = new Set("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split(" "));
export const isVowel = (sound: Sound): boolean => VOWELS.has(sound);

// th is voiced in words of grammar and between vowels of family words, voiceless in the rest.
const VOICED_TH =
  /^(?:the|this|that|these|those|they|them|their|theirs|there|then|than|though|thus|with|without|clothes|breathe|smooth)$|ther/;

// Right for most words that learners meet, and used for what to offer next, never for a score.
const SPELLED: readonly (readonly [Sound, RegExp])[] = [
  ["W", /^(?:w(?!r|ho)|one$|once$)|(?<=[^aeo])w|q(?=u)|wh(?!o)/],
  ["V", /v|^of$/],
  ["F", /f(?!$)|ph|(?:^if|[^o]f)$|ff/],
  ["NG", /ng(?!e|i)|nk|nc[kt]|nx/],
  ["IY", /ee|^(?:he|she|we|me|be)$|ea(?!d|lth|sure|ther|r)|ie(?=ld|ve|ce)|^(?:these|people)$/],
  ["IH", /(?:^|[^aeou])i(?=[^aeiouyrgw](?!e))/],
  ["AE", /(?:^|[^aeouw])a(?=[^aeiouyrwl](?!e|i|[aou]))(?!the)/],
  ["EY", /(?<![eo])a(?=[^aeiouwxrvg]e[sd]?$)|ai(?!r)|(?<!d)ay|eigh|^(?:great|page|age|cave|gave|save|wave)/],
  ["OW", /(?<!o)o(?=[^aeiourwvm]e[sd]?$)|oa(?!r)|old|^(?:go|no|so|home|open|over|know|show|snow|blow|hope|don)$/],
  ["UW", /oo(?![kdr])|[bdfr]ood$|food|ew$|ue$|^(?:two|who|do|to|you|school|blue)$/],
  ["UH", /ook|ould|good|stood|^(?:full|pull|put|push)/],
  ["ER", /^(?:wor[dkls]|girl|first|third|bird|shirt|nurse|turn|learn|early|heard|her|were|burn|world|thirt)/],
  ["R", /^r|wr|(?<=[bcdfgkptw])r|rr|r(?=[aiouy]|e.)/],
  ["ZH", /[aeiou]sion|[ae]sur|usual/],
  ["JH", /j|dge|^ge(?!t)|^gi(?!ve|rl)|age$|[rn]ge$/],
  ["HH", /^h(?!our|onest)/],
  ["B", /b$/],
  ["D", /[^e]d$|^[a-z]{1,2}ed$|[td]ed$/],
  ["G", /[^n]g$/],
  ["Z", /(?<!^(?:thi|ye|u|bu|ga|plu))(?:(?<=[aeiouybdglmnrvw]|th)s)$|(?<=[aeiou])se$|ze$|^(?:is|was|has|his|as)$/],
  ["S", /^s[cklmnptw]/],
];

// Said in passing: nobody practises a sound by them.
const IN_PASSING: ReadonlySet<string> = new Set(
  "a an the and to of is was are am be in on it at as for or has have had do you we he she me".split(" "),
);

/** The hard sounds that a written English word has, as far as its spelling shows. */
function hardSoundsOf(word: string): Sound[] {
  const th: Sound[] = !word.includes("th") ? [] : VOICED_TH.test(word) ? ["DH"] : ["TH"];
  return [...th, ...SPELLED.filter(([, spelling]) => spelling.test(word)).map(([sound]) => sound)];
}

/** The hard sounds of an English text, each with the words that show it. */
export function hardSoundsIn(text: string): Map<Sound, string[]> {
  const found = new Map<Sound, string[]>();
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    if (IN_PASSING.has(word)) continue;
    for (const sound of hardSoundsOf(word)) found.set(sound, [...(found.get(sound) ?? []), word]);
  }
  return found;
}
