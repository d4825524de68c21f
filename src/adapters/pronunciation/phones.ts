import type { Sound } from "../../domain/pronunciation.ts";
import { isVowel as isVowelSound } from "../../domain/sounds.ts";

/** Place of a phone in PHONES: what every table of the phone probe is ordered by. */
export type Phone = number;

/** Phones of one way to say a word; never empty. */
export type Pronunciation = readonly Phone[];

/** CMUdict's 39 phones without stress, then silence: the order of the probe's columns. */
export const PHONES: readonly Sound[] =
  "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH SIL".split(" ");

export const PHONE_COUNT = PHONES.length;
export const SILENCE: Phone = PHONE_COUNT - 1;

const INDEX: ReadonlyMap<string, Phone> = new Map(PHONES.map((phone, i) => [phone, i]));
const VOWELS: ReadonlySet<Phone> = new Set(PHONES.flatMap((sound, phone) => (isVowelSound(sound) ? [phone] : [])));

export const isVowel = (phone: Phone): boolean => VOWELS.has(phone);

export const soundOf = (phone: Phone): Sound => PHONES[phone] ?? "SIL";

/** Phones as CMUdict writes them, stress left out: `TH R IY1`. What is no phone is left out. */
export const phonesOf = (written: string): Phone[] =>
  written.split(/\s+/).flatMap((phone) => INDEX.get(phone.replace(/\d$/, "")) ?? []);

/** The first of those that are alike. */
export const distinct = (ways: readonly Pronunciation[]): Pronunciation[] => [
  ...new Map(ways.map((phones) => [phones.join(" "), phones])).values(),
];
