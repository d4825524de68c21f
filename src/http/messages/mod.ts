import type { AppError, ErrorCode } from "../../domain/errors.ts";
import type { Notice } from "../../domain/notices.ts";
import { en } from "./en.ts";
import { uz } from "./uz.ts";

const LANGUAGES = { uz, en };
export type Language = keyof typeof LANGUAGES;

/** Uzbek unless the client asks for English before it. */
export const LANGUAGE_CODES = Object.keys(LANGUAGES);
export const languageOf = (code: string): Language => (code === "en" ? "en" : "uz");

function fill(words: string, params: object): string {
  const values = new Map(Object.entries(params));
  return words.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value: unknown = values.get(name);
    if (Array.isArray(value)) return value.join(", ");
    return value === undefined || value === null ? "…" : String(value);
  });
}

/** The sentence of a refusal. */
export const say = ({ code, params }: Pick<AppError, "code" | "params">, language: Language): string =>
  fill(LANGUAGES[language].errors[code], params);

/** What the error means and what to do, for its page in the docs. */
export const explainCode = (code: ErrorCode, language: Language): string => LANGUAGES[language].errors[code];

/** What is wrong with one field. */
export function sayIssue(issue: { code: string | undefined }, language: Language): string {
  const { issues } = LANGUAGES[language];
  return fill(issues[issue.code ?? ""] ?? issues.other, issue);
}

export const sayNotice = ({ kind, params }: Pick<Notice, "kind" | "params">, language: Language): string =>
  fill(LANGUAGES[language].notices[kind], params);

/** Why a submission failed, for its author. */
export function sayFailure(code: string, language: Language): string {
  const { errors, failures } = LANGUAGES[language];
  if (failures[code]) return failures[code];
  // What was wrong with a recording is said to its author as it is at the upload.
  return /^(audio|unsupported)_/.test(code) && code in errors ? errors[code as ErrorCode] : failures.other;
}
