import type { Actor } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import { emailOf, type Session, type User } from "../domain/users.ts";
import type { Ports, Stores } from "./ports/mod.ts";

const DAY_MS = 24 * 60 * 60_000;
const REFRESH_LIFETIME_MS = 30 * DAY_MS;
const TICKET_LIFETIME_MS = 60_000;

/** Failures allowed within the window, then nothing is tried until it ends. */
const FAILURES = { account: 10, address: 30, windowMs: 15 * 60_000 } as const;

/** Who calls, as the read that let them in found them: nobody has to look their row up again. */
export type Caller = Actor & Pick<User, "language" | "level" | "avatar_id"> & { readonly session_id: number };

const callerOf = ({ id, role, language, level, avatar_id }: User, session_id: number): Caller => ({
  id,
  role,
  language,
  level,
  avatar_id,
  session_id,
});

export type SignedIn = {
  readonly access_token: string;
  readonly token_type: "bearer";
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token: string;
};

const newSecret = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");

/** What is stored of a refresh token or a ticket: enough to know it again, useless to a thief. */
async function hashOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return Buffer.from(digest).toString("hex");
}

/** The token says who; the stored user and session say whether that still holds, and what they may do now. */
export const authenticate =
  ({ tokens, sessions }: Pick<Ports, "tokens" | "sessions">) =>
  async (token: string): Promise<Caller | null> => {
    const claims = await tokens.verify(token);
    const user = claims && (await sessions.holder(claims.session_id));
    if (!user || user.id !== claims?.user_id) return null;
    return callerOf(user, claims.session_id);
  };

type Credentials = { username: string; password: string; address: string };

/** Signs in by e-mail and password. An unknown user and a wrong password are answered alike and as late. */
export const login =
  (ports: Pick<Ports, "users" | "passwords" | "rates" | "clock" | "atomically" | "tokens">) =>
  async ({ username, password, address }: Credentials): Promise<SignedIn> => {
    const email = emailOf(username);
    const account = `login failures of ${email}`;
    const place = `login failures from ${address}`;
    const tries = await Promise.all([
      // Each try of an account counts as a failure until it has succeeded: tries side by side cannot slip through.
      ports.rates.hit(account, FAILURES.windowMs),
      // Of an address only what has failed counts: a class behind one router signs in together.
      ports.rates.seen(place, FAILURES.windowMs),
    ]);
    const limits = [FAILURES.account, FAILURES.address - 1];
    const spent = tries.filter(({ totalHits }, i) => totalHits > (limits[i] ?? 0));
    if (spent.length > 0) {
      const ends = Math.max(...spent.map(({ resetTime }) => resetTime.getTime()));
      throw new AppError("too_many_failures", { retry_after: Math.ceil((ends - ports.clock.now().getTime()) / 1000) });
    }
    const user = await ports.users.findBy({ email });
    const known = await ports.passwords.verify(password, user?.password_hash ?? null);
    if (!user || !known) {
      await ports.rates.hit(place, FAILURES.windowMs);
      throw new AppError("bad_credentials");
    }
    if (!user.is_active) throw new AppError("account_inactive");
    await ports.rates.forget(account, FAILURES.windowMs);
    return openSession(ports)(user);
  };

export const openSession =
  ({ atomically, clock, tokens }: Pick<Ports, "atomically" | "clock" | "tokens">) =>
  async (user: User): Promise<SignedIn> => {
    const now = clock.now();
    const { session, refresh_token } = await atomically(async (stores) => {
      const session = await stores.sessions.add({
        user_id: user.id,
        created_at: now.toISOString(),
        revoked_at: null,
      });
      return { session, refresh_token: await newRefreshToken(stores, session, now) };
    });
    return signedIn(tokens, session, refresh_token);
  };

async function signedIn(tokens: Ports["tokens"], session: Session, refresh_token: string): Promise<SignedIn> {
  const access_token = await tokens.sign({ user_id: session.user_id, session_id: session.id });
  return { access_token, token_type: "bearer", expires_in: tokens.lifetime, refresh_token };
}

async function newRefreshToken({ refreshTokens }: Stores, session: Session, now: Date): Promise<string> {
  const secret = newSecret();
  await refreshTokens.add({
    session_id: session.id,
    hash: await hashOf(secret),
    expires_at: new Date(now.getTime() + REFRESH_LIFETIME_MS).toISOString(),
    used_at: null,
  });
  return secret;
}

/** A new pair for a refresh token, which works once: its second use ends the whole session, whoever made it. */
export const refresh =
  ({ atomically, clock, tokens }: Pick<Ports, "atomically" | "clock" | "tokens">) =>
  async (refreshToken: string): Promise<SignedIn> => {
    const hash = await hashOf(refreshToken);
    const now = clock.now();
    const renewed = await atomically(async (stores) => {
      const [token] = await stores.refreshTokens.change({ hash, used_at: null }, { used_at: now.toISOString() });
      if (!token) {
        const reused = await stores.refreshTokens.findBy({ hash });
        if (reused) await stores.sessions.change({ id: reused.session_id }, { revoked_at: now.toISOString() });
        return null;
      }
      const session = await stores.sessions.find(token.session_id);
      const user = await stores.sessions.holder(token.session_id);
      if (!session || !user || token.expires_at <= now.toISOString()) return null;
      return { session, refresh_token: await newRefreshToken(stores, session, now) };
    });
    if (!renewed) throw new AppError("bad_refresh_token");
    return signedIn(tokens, renewed.session, renewed.refresh_token);
  };

/** Ends this sign-in: its access tokens and its refresh tokens. Others of the same user go on. */
export const logout =
  ({ sessions, clock }: Pick<Ports, "sessions" | "clock">) =>
  async ({ session_id }: Caller): Promise<void> => {
    await sessions.change({ id: session_id, revoked_at: null }, { revoked_at: clock.now().toISOString() });
  };

/** Ends every sign-in of a user but the one that is spared. */
export async function endSessions({ sessions }: Stores, userId: number, at: Date, spare = 0): Promise<void> {
  await sessions.change({ user_id: userId, revoked_at: null, id: { not: spare } }, { revoked_at: at.toISOString() });
}

export const issueTicket =
  ({ tickets, clock }: Pick<Ports, "tickets" | "clock">) =>
  async ({ id, session_id }: Caller) => {
    const ticket = newSecret();
    const ends = new Date(clock.now().getTime() + TICKET_LIFETIME_MS);
    await tickets.add({ user_id: id, session_id, hash: await hashOf(ticket), expires_at: ends.toISOString() });
    return { ticket, expires_in: TICKET_LIFETIME_MS / 1000 };
  };

/** The caller that a ticket stands for; it works once, within its minute, while its session lasts. */
export const redeemTicket =
  ({ tickets, sessions, clock }: Pick<Ports, "tickets" | "sessions" | "clock">) =>
  async (ticket: string): Promise<Caller | null> => {
    const [taken] = await tickets.remove({ hash: await hashOf(ticket) });
    if (!taken || taken.expires_at <= clock.now().toISOString()) return null;
    const user = await sessions.holder(taken.session_id);
    return user && callerOf(user, taken.session_id);
  };

/** Forgets what has ended; refresh tokens that were used are kept to their end, to know a second use. */
export const sweepSessions =
  ({ tickets, refreshTokens, sessions, clock }: Pick<Ports, "tickets" | "refreshTokens" | "sessions" | "clock">) =>
  async (): Promise<void> => {
    const now = clock.now().toISOString();
    await tickets.remove({ expires_at: { before: now } });
    await refreshTokens.remove({ expires_at: { before: now } });
    await sessions.sweep(new Date(clock.now().getTime() - DAY_MS).toISOString());
  };
