import { fold } from "./words.ts";

// How a text hides words from people and shows them to a machine, and what it says without the disguise.

/** Zero-width and bidirectional marks, tags, variation selectors, fillers, control characters: nobody types them. */
const UNSEEN = /[\p{Cf}\p{Variation_Selector}\u115F\u1160\u3164\uFFA0]|(?![\t\n])\p{Cc}/gu;

/** The text as a person sees it on a page. */
export const visible = (text: string): string => text.replace(UNSEEN, "");

/** Whether a person sees nothing of it. */
export const isBlank = (text: string): boolean => visible(text).trim() === "";

/** ASCII written in the invisible block of tags, and bytes written in variation selectors: some models read them. */
function unseenWords(text: string): string {
  const codes = [...text].map((sign) => sign.codePointAt(0) ?? 0);
  const bytes = codes.flatMap((code) => {
    if (code >= 0xe0020 && code <= 0xe007e) return [code - 0xe0000];
    if (code >= 0xfe00 && code <= 0xfe0f) return [code - 0xfe00];
    return code >= 0xe0100 && code <= 0xe01ef ? [code - 0xe0100 + 16] : [];
  });
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

// Cyrillic and Greek letters that look like Latin ones.
const LOOKS = "аaеeоoрpсcхxуyіiѕsкkмmтtвbнhԁdјjοoαaεeιiνvρpυuτtκkηn";
const ALIKE = (LOOKS.match(/../g) ?? []).map(([foreign = "", latin = ""]) => [foreign, latin] as const);
const LATIN = new Map(ALIKE);
const CYRILLIC = new Map(ALIKE.filter(([foreign]) => /\p{Script=Cyrillic}/u.test(foreign)).map(([a, b]) => [b, a]));
const FIGURES = new Map(Object.entries({ 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", "@": "a", $: "s" }));

const replaced = (word: string, by: ReadonlyMap<string, string>) => [...word].map((one) => by.get(one) ?? one).join("");

const lettersOf = (word: string, script: RegExp) => word.match(script)?.length ?? 0;

/** A word of two alphabets in the one that most of it is in: `gіvе`, `бaлл`. */
function inOneAlphabet(word: string): string {
  const latin = lettersOf(word, /\p{Script=Latin}/gu);
  const foreign = lettersOf(word, /[\p{Script=Cyrillic}\p{Script=Greek}]/gu);
  if (foreign === 0) return word;
  // A whole word may be made of look-alikes.
  const asLatin = replaced(word, LATIN);
  if (!/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(asLatin)) return asLatin;
  return latin > 0 ? replaced(word, latin > foreign ? LATIN : CYRILLIC) : word;
}

/** Words of two alphabets, and words with figures for letters: `1gn0re`. */
const respelled = (text: string): string =>
  text.replace(/[\p{L}\d@$]+/gu, (word) => {
    const plain = inOneAlphabet(word);
    return /\p{L}/u.test(plain) && /[\d@$]/.test(plain) ? replaced(plain, FIGURES) : plain;
  });

/** `g i v e  m e` without the gaps inside words: two gaps are one between words, else all are taken out. */
const closedUp = (text: string): string =>
  text.replace(/(?<![\p{L}\d])(?:[\p{L}\d][ .\-_*·]{1,3}){5,}[\p{L}\d](?![\p{L}\d])/gu, (run) =>
    /\S {2,}\S/.test(run)
      ? run
          .replace(/ {2,}/g, "\u0000")
          .replace(/[ .\-_*·]/g, "")
          .replaceAll("\u0000", " ")
      : run.replace(/[ .\-_*·]/g, ""),
  );

function bytesOf(code: string): Uint8Array | null {
  if (/^(?:[\da-f]{2})+$/i.test(code))
    return Uint8Array.from(code.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  try {
    return Uint8Array.from(atob(code.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  } catch {
    return null;
  }
}

// A long word is made of these letters too: what comes out of it is no text.
const CODE = /[A-Za-z\d+/_-]{20,}={0,2}/g;

function decoded(code: string): string | null {
  const bytes = bytesOf(code);
  if (!bytes || bytes.length < 12) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /^[\p{L}\p{N}\p{P}\p{S}\s]+$/u.test(text) && /\p{L}{3}/u.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** True where a text carries readable words in base64 or hexadecimal: no learner answers like that. */
export const hasCode = (text: string): boolean =>
  (visible(text).match(CODE) ?? []).some((code) => decoded(code) !== null);

/** What a text says, each way that it can be read, in the spelling that `fold` makes. */
export function readingsOf(text: string): string[] {
  const plain = visible(text.replace(/[\u2028\u2029]/g, "\n"));
  const closed = closedUp(plain);
  const readings = [plain, unseenWords(text), closed, respelled(fold(plain)), [...plain].reverse().join("")];
  return [...new Set(readings)].filter(Boolean).map((reading) => fold(reading).replace(/[^\S\n]+/g, " "));
}
