import { keepAttempt } from "../../src/application/assessed_speech.ts";
import type { Ports } from "../../src/application/ports/mod.ts";
import type { PronunciationScorer } from "../../src/application/ports/pronunciation.ts";
import { assess } from "../../src/domain/assessment.ts";
import type {
  Assessment,
  Pronounced,
  PronunciationAttempt,
  ScoredSound,
  ScoredWord,
} from "../../src/domain/pronunciation.ts";
import { writtenWords } from "../../src/domain/words.ts";
import { noise as whiteNoise } from "./noise.ts";
import { LEARNER, wav } from "./school.ts";

/** Four syllables a second of a tone, with a little noise: what the checks of the sound take for speech. */
export function syllables(seconds = 2, loudness = 0.3, noise = 0.001): Float32Array {
  const random = whiteNoise();
  return Float32Array.from({ length: seconds * 16_000 }, (_, i) => {
    const isVoiced = i % 4000 < 2400;
    const sample = (isVoiced ? loudness * Math.sin(i / 8) : 0) + 2 * noise * random();
    return Math.max(-1, Math.min(1, sample));
  });
}

/** The same as a file. */
export const reading = (seconds?: number, loudness?: number, noise?: number): File =>
  wav(Int16Array.from(syllables(seconds, loudness, noise), (sample) => sample * 32_767));

/** Sounds as `TH:S 20` (heard as another, with its score), or `IH` (right). */
export const soundsOf = (written: string): ScoredSound[] =>
  written.split(",").map((one) => {
    const [, sound = "", heard = null, score = "95"] = /^(\w+)(?::(\w+))?(?: (\d+))?$/.exec(one.trim()) ?? [];
    return { sound, heard, score: Number(score) };
  });

export const scored = (text: string, changes: Partial<ScoredWord> = {}): ScoredWord => ({
  text,
  start: 0,
  end: text.length,
  said: true,
  score: 90,
  replaced: false,
  heard: null,
  start_ms: null,
  end_ms: null,
  sounds: [],
  ...changes,
});

export const pronounced = (words: readonly ScoredWord[], changes: Partial<Pronounced> = {}): Pronounced => ({
  words,
  added: [],
  transcript: words.map(({ text }) => text).join(" "),
  accuracy: 80,
  fluency: 70,
  total: 75,
  wrong_text: false,
  weak_below: 60,
  confidence: "high",
  engine: "test",
  method: "acoustic",
  scoring_version: 1,
  ...changes,
});

/** A scorer that answers what is made of the text. */
export const scorer = (
  make: (text: string) => Pronounced | Promise<Pronounced> = (text) =>
    pronounced(writtenWords(text).map((word) => scored(word.text))),
): PronunciationScorer => ({
  engine: "test",
  languages: ["en"],
  score: async (_, { text }) => make(text),
  stop: async () => {},
});

const MOMENT = syllables(0.5);

/** An assessment of a few words with that overall score. */
export const assessment = (words: readonly ScoredWord[], changes: Partial<Pronounced> = {}): Assessment =>
  assess(pronounced(words, changes), words.map(({ text }) => text).join(" "), MOMENT);

type About = Partial<Pick<PronunciationAttempt, "user_id" | "source" | "phrase_id" | "session_id" | "created_at">>;

/** Keeps an attempt of a learner, without a recording. */
export const attempted = (
  ports: Pick<Ports, "pronunciationAttempts">,
  made: Assessment = assessment([scored("hello")]),
  about: About = {},
): Promise<PronunciationAttempt> => {
  const draft = { user_id: LEARNER, source: "free", phrase_id: null, session_id: null, language: "en" } as const;
  return keepAttempt(ports, { ...draft, created_at: "2026-01-01T00:00:00.000Z", ...about }, made);
};
