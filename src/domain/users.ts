import type { Role } from "./access.ts";
import { AppError } from "./errors.ts";

export const LEVELS = ["A1", "A2", "B1", "B2", "C1", "C2"] as const;
export type Level = (typeof LEVELS)[number];

export type User = {
  readonly id: number;
  /** Lower case. */
  readonly email: string;
  readonly full_name: string | null;
  readonly role: Role;
  readonly is_active: boolean;
  /** argon2id, in PHC form. Never leaves the server. */
  readonly password_hash: string;
  /** ISO 639-1: the language the user is spoken to in. */
  readonly language: string;
  /** CEFR. */
  readonly level: Level | null;
  /** The avatar that answers; null for the first one. */
  readonly avatar_id: number | null;
  readonly created_at: string;
  readonly updated_at: string;
};

/** One sign-in: its access tokens carry the id, and all of them end with it. */
export type Session = {
  readonly id: number;
  readonly user_id: number;
  readonly created_at: string;
  readonly revoked_at: string | null;
};

/** Rotated at each use; a second use of the same one ends its session. Only the SHA-256 is stored. */
export type RefreshToken = {
  readonly id: number;
  readonly session_id: number;
  readonly hash: string;
  readonly expires_at: string;
  readonly used_at: string | null;
};

/** Opens one event stream once, for browsers' EventSource, which cannot send headers. Only the SHA-256 is stored. */
export type Ticket = {
  readonly id: number;
  readonly user_id: number;
  readonly session_id: number;
  readonly hash: string;
  readonly expires_at: string;
};

export const emailOf = (text: string): string => text.trim().toLowerCase();

// The heads of the published lists of leaked passwords, as far as they have 8 characters or more, and the guide's own.
const COMMON = new Set(
  (
    "password 12345678 123456789 1234567890 qwertyui qwerty123 1q2w3e4r 1qaz2wsx password1 password123 iloveyou " +
    "11111111 00000000 87654321 88888888 99999999 12341234 abcd1234 asdfghjk asdf1234 zxcvbnm1 sunshine princess " +
    "football baseball superman trustno1 letmein1 welcome1 qwertyuiop 1234qwer qazwsxedc q1w2e3r4 admin123 " +
    "administrator changethis changeme uzbekistan toshkent tashkent parol123 salom123 parolparol"
  ).split(" "),
);

/** At least 8 characters, at most 128, and none of those that everybody tries first. */
export function checkPassword(password: string, email: string): void {
  const plain = password.toLowerCase();
  if ([...password].length < 8) throw new AppError("weak_password", { min_length: 8 });
  if (COMMON.has(plain) || plain === email.toLowerCase() || /^(.)\1*$/u.test(password))
    throw new AppError("weak_password", { min_length: 8 });
}
