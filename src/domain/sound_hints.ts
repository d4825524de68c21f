import { weakSounds } from "./assessment.ts";
import { CLUSTERS, FINAL_CONSONANTS, HARD_CONSONANTS } from "./hard_consonants.ts";
import type { HintLanguage, Tip } from "./hard_sounds.ts";
import { HARD_VOWELS } from "./hard_vowels.ts";
import type { AssessedWord, ScoredSound, Sound } from "./pronunciation.ts";
import { ipaOf, isVowel } from "./sounds.ts";

// What to do about a weak word. Nothing is said of the vowel of weak syllables (AH), nor of stress: neither is heard well enough.

const HARD = { ...HARD_CONSONANTS, ...HARD_VOWELS };

const of = <T>(table: Readonly<Record<Sound, T>>, sound: Sound): T | undefined =>
  Object.hasOwn(table, sound) ? table[sound] : undefined;

const compare = ({ uz, en, pair: [right, other] }: Tip, language: HintLanguage): string =>
  language === "uz" ? `${uz}. Solishtiring: ${right} – ${other}.` : `${en}. Compare: ${right} – ${other}.`;

function aboutSound(sound: Sound, tip: Tip, language: HintLanguage): string {
  const named = language === "uz" ? `/${ipaOf(sound)}/ tovushi` : `The sound /${ipaOf(sound)}/`;
  return `${named}: ${compare(tip, language)}`;
}

function aboutConfusion(sound: Sound, heard: Sound, tip: Tip, language: HintLanguage): string {
  const [right, other] = [`/${ipaOf(sound)}/`, `/${ipaOf(heard)}/`];
  const named =
    language === "uz"
      ? `${right} oʻrniga ${other}ga oʻxshash tovush eshitildi`
      : `Something like ${other} was heard for ${right}`;
  return `${named}: ${compare(tip, language)}`;
}

/** What to do about a sound, whatever word it is in; null where it is not one of the hard ones. */
export function soundHint(sound: Sound, heard: Sound | null, language: HintLanguage): string | null {
  const hard = of(HARD, sound);
  const instead = heard === null ? undefined : of(hard?.instead ?? {}, heard);
  if (heard !== null && instead) return aboutConfusion(sound, heard, instead, language);
  if (hard) return aboutSound(sound, hard, language);
  const final = of(FINAL_CONSONANTS, sound);
  return final ? aboutSound(sound, final, language) : null;
}

/** Whether the sound stands among consonants that begin or end its word. */
function cluster(sounds: readonly Sound[], at: number): "first" | "last" | null {
  const [before, after] = [sounds.slice(0, at), sounds.slice(at + 1)];
  const isConsonant = (sound: Sound) => !isVowel(sound);
  const isConsonantHere = isConsonant(sounds[at] ?? "");
  if (!isConsonantHere || sounds.length < 3) return null;
  if (after.every(isConsonant) && (after.length > 0 || isConsonant(before.at(-1) ?? "AH"))) return "last";
  return before.every(isConsonant) && (before.length > 0 || isConsonant(after[0] ?? "AH")) ? "first" : null;
}

function hintAt(sounds: readonly ScoredSound[], weak: ScoredSound, language: HintLanguage): string | null {
  const { sound, heard } = weak;
  const [at, last] = [sounds.indexOf(weak), sounds.length - 1];
  // Inside a word nobody takes the voice of these away.
  const isPlain = !Object.hasOwn(FINAL_CONSONANTS, sound) || at === last;
  const said = isPlain ? soundHint(sound, heard, language) : null;
  if (said !== null) return said;
  const place = cluster(
    sounds.map((one) => one.sound),
    at,
  );
  return place && `${CLUSTERS[place].named[language]}: ${compare(CLUSTERS[place], language)}`;
}

/** What to do about a weak word: about the weakest of its sounds of which there is something to say; null where there is none. */
export function hintFor(word: Pick<AssessedWord, "error_type" | "sounds">, language: HintLanguage): string | null {
  for (const weak of weakSounds(word)) {
    const hint = hintAt(word.sounds, weak, language);
    if (hint !== null) return hint;
  }
  return null;
}
