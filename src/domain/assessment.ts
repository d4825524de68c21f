import type {
  AssessedWord,
  Assessment,
  Pronounced,
  PronunciationAttempt,
  ScoredSound,
  ScoredWord,
  Sound,
  SoundCount,
  WeakWord,
} from "./pronunciation.ts";
import { mean, tenths } from "./rounding.ts";
import { measureSpeech } from "./sound.ts";
import { ipaOf, isVowel } from "./sounds.ts";
import type { Samples } from "./speech.ts";
import { storable } from "./storable.ts";
import { wordsOf } from "./words.ts";

// What is made of a scorer's hearing: the scores, errors and measures that are shown and kept. The formulas are in
// docs/pronunciation.md; `scoring_version` belongs to the scorer's own numbers.

const times = ({ start_ms, end_ms }: Pick<ScoredWord, "start_ms" | "end_ms">) => ({
  ...(start_ms === null ? {} : { start_ms: Math.round(start_ms) }),
  ...(end_ms === null ? {} : { end_ms: Math.round(end_ms) }),
});

/** What the sounds of a weak word came to, as dictionaries write sounds; null where each of them was itself. */
function heardSounds(sounds: readonly ScoredSound[]): string | null {
  if (sounds.every(({ heard }) => heard === null)) return null;
  const heard = sounds.map((one) => one.heard ?? one.sound);
  // One sound that was heard in two places is one sound.
  return `/${heard
    .filter((sound, i) => sound !== heard[i - 1])
    .map(ipaOf)
    .join("")}/`;
}

/** A vowel in place of a consonant says where the sound lies, not how it was said. */
const guessed = ({ sound, score, heard }: ScoredSound): ScoredSound => ({
  sound,
  score: tenths(score),
  heard: heard !== null && isVowel(heard) === isVowel(sound) ? heard : null,
});

function assessed(word: ScoredWord, index: number, weakBelow: number): AssessedWord {
  const isWeak = word.said && (word.replaced || word.score < weakBelow);
  const sounds = word.replaced ? [] : word.sounds.map(guessed);
  return {
    index,
    word: word.text,
    score: word.said ? tenths(word.score) : 0,
    error_type: isWeak ? "Mispronunciation" : word.said ? "None" : "Omission",
    heard: word.heard === null ? (isWeak ? heardSounds(sounds) : null) : storable(word.heard),
    ...times(word),
    expected_phones: word.sounds.map(({ sound }) => sound),
    sounds,
  };
}

/** The words of the reference, each followed by what was added after it. */
function linesOf({ words, added, weak_below }: Pronounced): AssessedWord[] {
  const insertedAfter = (index: number) =>
    added
      .filter(({ after }) => after === index)
      .map((word): AssessedWord => {
        const text = storable(word.text);
        const nothing = { score: 0, error_type: "Insertion", expected_phones: [], sounds: [] } as const;
        return { index, word: text, heard: text, ...times(word), ...nothing };
      });
  return [
    ...insertedAfter(-1),
    ...words.flatMap((word, index) => [assessed(word, index, weak_below), ...insertedAfter(index)]),
  ];
}

/** The assessment of a reading: `completeness = 100 · said / all`, `overall = total · completeness / 100`, rounded to tenths. */
export function assess(pronounced: Pronounced, reference_text: string, samples: Samples): Assessment {
  const { words, added, engine, method, confidence, scoring_version } = pronounced;
  const said = words.filter((word) => word.said);
  const lines = linesOf(pronounced);
  const right = lines.filter(({ error_type }) => error_type === "None").map(({ word }) => word);
  const spoken = [...said, ...added].map(({ text }) => text).join(" ");
  const { duration_ms, speech_ms, wpm, articulation_rate, pause_count, pause_ratio } = measureSpeech(samples, {
    text: spoken,
  });
  const completeness = words.length === 0 ? 0 : said.length / words.length;
  const spokenCount = wordsOf(spoken).length;
  return {
    accuracy_score: tenths(pronounced.accuracy),
    fluency_score: tenths(pronounced.fluency),
    completeness_score: tenths(100 * completeness),
    prosody_score: null,
    overall_score: tenths(pronounced.total * completeness),
    transcribed_text: storable(pronounced.transcript),
    reference_text,
    words: lines,
    metrics: {
      duration_ms,
      speech_ms,
      wpm,
      // The same time, from the first to the last sound, for the words that came out right.
      wcpm: spokenCount === 0 ? 0 : tenths((wpm * wordsOf(right.join(" ")).length) / spokenCount),
      articulation_rate,
      pause_count,
      pause_ratio,
    },
    engine,
    method,
    confidence,
    scoring_version,
  };
}

/** Kept of one analysis; more is no help to whoever practises. */
const WEAK_WORDS = 20;

const byScore = (a: { readonly score: number }, b: { readonly score: number }) => a.score - b.score;

// The vowel of weak syllables is spoken carelessly by rights, and an r that no vowel follows is left out by the British.
const isTelling = ({ sound }: ScoredSound, next: ScoredSound | undefined): boolean =>
  sound !== "AH" && (sound !== "R" || (next !== undefined && isVowel(next.sound)));

/** What made a word weak: its weakest sound, and each in whose place another one was likelier; those of which something can be said. */
export function weakSounds({ error_type, sounds }: Pick<AssessedWord, "error_type" | "sounds">): ScoredSound[] {
  if (error_type !== "Mispronunciation") return [];
  const [weakest, ...others] = [...sounds].sort(byScore);
  if (!weakest) return [];
  const weak = [weakest, ...others.filter(({ heard }) => heard !== null)];
  return weak.filter((one) => isTelling(one, sounds[sounds.indexOf(one) + 1]));
}

const commonest = <T>(values: readonly T[]): T | null => {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
};

function countSounds(words: readonly AssessedWord[]): SoundCount[] {
  const weak = words.flatMap(weakSounds);
  const said = Map.groupBy(
    words.filter(({ error_type }) => error_type !== "Omission").flatMap(({ sounds }) => sounds),
    ({ sound }) => sound,
  );
  return [...said].map(([sound, all]): SoundCount => {
    const ofIt = weak.filter((one) => one.sound === sound);
    const heard = ofIt.map((one) => one.heard).filter((other): other is Sound => other !== null);
    const score = mean(all.map((one) => one.score)) ?? 0;
    return { sound, said: all.length, weak: ofIt.length, score, heard: commonest(heard) };
  });
}

function weakWordsOf(words: readonly AssessedWord[]): WeakWord[] {
  const weak = words.filter(({ error_type }) => error_type === "Mispronunciation").sort(byScore);
  return weak
    .slice(0, WEAK_WORDS)
    .map((line) => ({ word: line.word, score: line.score, sound: weakSounds(line)[0]?.sound ?? null }));
}

/** The parts of an assessment as they are kept. */
export function kept({
  words,
  ...assessment
}: Assessment): Pick<PronunciationAttempt, "assessment" | "words" | "weak_words" | "sound_counts"> {
  return { assessment, words, weak_words: weakWordsOf(words), sound_counts: countSounds(words) };
}
