import type { Note } from "../../application/health.ts";
import type { AppError, ErrorCode } from "../../domain/errors.ts";
import type { Notice } from "../../domain/notices.ts";
import type { Reason } from "../../domain/practise_next.ts";
import { ipaOf } from "../../domain/sounds.ts";
import { en } from "./en.ts";
import { uz, type Words } from "./uz.ts";

const LANGUAGES = { uz, en };
export type Language = keyof typeof LANGUAGES;

/** Uzbek unless the client asks for English before it. */
export const LANGUAGE_CODES = Object.keys(LANGUAGES);
export const languageOf = (code: string): Language => (code === "en" ? "en" : "uz");

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
// A school's day is Tashkent's.
const shownTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Tashkent",
  dateStyle: "short",
  timeStyle: "short",
});

function shown(value: unknown, { terms }: Words): string {
  if (Array.isArray(value)) return value.join(", ");
  if (value === undefined || value === null) return "…";
  const text = String(value);
  if (TIME.test(text)) return shownTime.format(new Date(text)).replaceAll("/", ".");
  return terms[text] ?? text;
}

/** A title is its owner's word and a learner's word is itself, whatever ours are, and a field's name is the API's. */
const OWN = new Set(["title", "field", "word"]);

function fill(sentence: string, params: object, words: Words): string {
  const values = new Map(Object.entries(params));
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value: unknown = values.get(name);
    return OWN.has(name) ? String(value) : shown(value, words);
  });
}

/** The sentence of a refusal. */
export const say = ({ code, params }: Pick<AppError, "code" | "params">, language: Language): string =>
  fill(LANGUAGES[language].errors[code], params, LANGUAGES[language]);

/** What the error means and what to do, for its page in the docs. */
export const explainCode = (code: ErrorCode, language: Language): string => LANGUAGES[language].errors[code];

type Issue = {
  readonly code: string | undefined;
  readonly message?: string;
  readonly origin?: unknown;
  readonly inclusive?: unknown;
};

/** What is wrong with one field. */
export function sayIssue(issue: Issue, language: Language): string {
  const words = LANGUAGES[language];
  return fill(words.issues[kindOf(issue)] ?? words.issues.other, issue, words);
}

/** Too little is said of numbers, of characters and of lists in words of their own. */
function kindOf({ code = "", message = "", origin, inclusive }: Issue): string {
  // The library has one code for what is not there and what is of another type.
  if (code === "invalid_type" && /received undefined$/.test(message)) return "missing";
  const isSmall = code === "too_small";
  if (!isSmall && code !== "too_big") return code;
  if (origin === "string") return isSmall ? "too_short" : "too_long";
  if (origin === "array") return isSmall ? "too_few" : "too_many";
  return isSmall && inclusive === false ? "above" : code;
}

export const sayNotice = ({ kind, params }: Pick<Notice, "kind" | "params">, language: Language): string =>
  fill(LANGUAGES[language].notices[kind], params, LANGUAGES[language]);

/** What is said of a part of the service. */
export const sayNote = (note: Note, params: { engine: string }, language: Language): string =>
  fill(LANGUAGES[language].notes[note], params, LANGUAGES[language]);

/** Why an answer has no sound, or not of all of it. */
export function sayWarning(code: ErrorCode | "speech_cut", language: Language): string {
  const words = LANGUAGES[language];
  if (code === "speech_cut") return words.speechCut;
  // Which languages have one would be no help to whoever has the answer before them.
  return code === "voice_unavailable" ? words.voiceless : fill(words.errors[code], {}, words);
}

/** Why a phrase is offered for practice. */
export function sayReason(reason: Reason, language: Language): string {
  const words = LANGUAGES[language];
  const said = reason.kind === "sound" ? { ...reason, sound: ipaOf(reason.sound) } : reason;
  return fill(words.offers[reason.kind], said, words);
}

/** Why a submission failed, for its author. */
export function sayFailure(code: string, language: Language): string {
  const { errors, failures } = LANGUAGES[language];
  if (failures[code]) return failures[code];
  // What was wrong with a recording is said to its author as it is at the upload.
  return /^(audio|unsupported)_/.test(code) && code in errors ? errors[code as ErrorCode] : failures.other;
}
