import { languageSigns } from "./language.ts";
import { uzbekSpelling } from "./uzbek.ts";
import { uzbekDecimal, uzbekNumber, uzbekOrdinal } from "./uzbek_numbers.ts";

// An Uzbek text as it is said: letters in one spelling, numbers and abbreviations in words.

const MONTHS = "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr".split(" ");

const UNITS: Readonly<Record<string, string>> = {
  ...{ kg: "kilogramm", g: "gramm", km: "kilometr", m: "metr", sm: "santimetr", mm: "millimetr", l: "litr" },
  ...{ mln: "million", mlrd: "milliard", "%": "foiz", $: "dollar", "€": "yevro" },
};
const UNIT = /(?<=\d)\s?(mlrd|mln|kg|km|sm|mm|[gml]|[%$€])(?![\p{L}ʻ])/gu;

const WRITTEN: readonly (readonly [RegExp, string])[] = [
  [/(?<!\p{L})h\.\s?k\.?(?!\p{L})/giu, "hokazo"],
  // A case ending may follow: AQSHda.
  [/(?<!\p{L})AQS[Hh](?!\p{Lu})/gu, "Amerika Qoʻshma Shtatlari"],
  [/(?<!\p{L})BMT(?!\p{Lu})/gu, "Birlashgan Millatlar Tashkiloti"],
  [/№\s?/g, "raqam "],
  [/&/g, " va "],
  [/\+(?=\s?\d)/g, "plyus "],
  [/(?<![\p{L}\p{N}])[-−](?=\d)/gu, "minus "],
];

const ROMAN: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100 };
const CENTURY = /(?<!\p{L})([IVXLC]{1,6})(?:\s|-)(?=asr)/gu;

const romanNumber = (numeral: string): number => {
  const values = [...numeral].map((letter) => ROMAN[letter] ?? 0);
  return values.reduce((sum, value, i) => sum + (value < (values[i + 1] ?? 0) ? -value : value), 0);
};

const DATE =
  /(?<![\d.])(\d{1,2})\.(0?[1-9]|1[0-2])\.(\d{4})(?![\d.]*\d)(?:-?\s?y(?:il)?(?![\p{L}]))?\.?(?=\s|$|[,;:!?)])/gu;
const TIME = /(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])/g;
// A hyphen before a word makes it an ordinal: 5-sinf; before another number it is a range.
const NUMBER =
  /(\d{1,3}(?:[ \u00A0\u202F]\d{3})+(?![\d-])|\d+)(?:[.,](\d+)(?![.,]?\d))?(?:(-)(?=\p{L})(?:i?nchi(?!\p{L})|chi(?!\p{L}))?)?/gu;

const plain = (digits: string) => digits.replace(/^0+(?=.)/, "");

/** As it is said, in Latin letters with ʻ (U+02BB) and ʼ (U+02BC). */
export function spokenUzbek(text: string): string {
  let said = uzbekSpelling(text).replace(UNIT, (_, unit: string) => ` ${UNITS[unit] ?? unit}`);
  for (const [pattern, words] of WRITTEN) said = said.replace(pattern, words);
  return said
    .replace(CENTURY, (_, numeral: string) => `${uzbekOrdinal(String(romanNumber(numeral)))} `)
    .replace(DATE, (_, day: string, month: string, year: string) => {
      return `${uzbekOrdinal(plain(day))} ${MONTHS[Number(month) - 1]} ${uzbekOrdinal(year)} yil`;
    })
    .replace(TIME, (_, hour: string, minute: string) => `${uzbekNumber(plain(hour))} ${uzbekNumber(minute)}`)
    .replace(NUMBER, (_, digits: string, fraction: string | undefined, hyphen: string | undefined) => {
      const whole = digits.replace(/\D/g, "");
      if (fraction) return uzbekDecimal(whole, fraction);
      return hyphen ? `${uzbekOrdinal(whole)} ` : uzbekNumber(whole);
    });
}

const QUOTED = /[“"«„][^“”"«»„\n]{1,300}[”"»]/g;

// Spellings that Uzbek does not have, in its own words and in those it borrowed.
const ENGLISH_SPELLING =
  /w|c(?!h)|th|ph|oo|ee|igh|ea[cdmps]|eak(?!s)|eat(?:s|ing|er)?$|[^aeiou]y$|[^aeiou]le$|[aeiou][^aeiou]e$|[bcdfglnprst]ed$/i;

function isEnglish(quoted: string): boolean {
  const words = quoted.match(/\p{L}[\p{L}'’]*/gu) ?? [];
  if (words.length === 0 || /[^\p{Script=Latin}\P{L}]|[og]['ʻ‘’`]/iu.test(quoted)) return false;
  const { uzbek, english } = languageSigns(quoted);
  const spelt = words.filter((word) => ENGLISH_SPELLING.test(word)).length / words.length;
  // `morning` ends like an Uzbek word, and `good` speaks for both.
  return Math.max(english, spelt) >= Math.max(0.5, uzbek);
}

/** A stretch of a text, and whether it is to be said as English. */
type Stretch = { readonly text: string; readonly isEnglish: boolean };

/** Takes apart what an Uzbek text says by itself, and what it quotes in English: `"good morning" deng`. In doubt it is Uzbek. */
export function quotedEnglish(text: string): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(QUOTED)) {
    if (!isEnglish(match[0])) continue;
    found.push({ text: text.slice(from, match.index), isEnglish: false }, { text: match[0], isEnglish: true });
    from = match.index + match[0].length;
  }
  return [...found, { text: text.slice(from), isEnglish: false }];
}
