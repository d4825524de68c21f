export interface Clock {
  now(): Date;
}

export interface RateCounts {
  /** Counts one hit in the key's window of so many milliseconds: exact, however many come at once. */
  hit(key: string, windowMs: number): Promise<{ totalHits: number; resetTime: Date }>;
  /** What was counted so far, without counting. */
  seen(key: string, windowMs: number): Promise<{ totalHits: number; resetTime: Date }>;
  /** Forgets what was counted for the key in its window of so many milliseconds. */
  forget(key: string, windowMs: number): Promise<void>;
}

export type Claims = { readonly user_id: number; readonly session_id: number };

export interface Tokens {
  /** Seconds an access token lives. */
  readonly lifetime: number;
  sign(claims: Claims): Promise<string>;
  /** Null for whatever this server did not sign, or signed too long ago. */
  verify(token: string): Promise<Claims | null>;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for a missing hash as for a wrong password. */
  verify(password: string, hash: string | null): Promise<boolean>;
}

/** Signs the addresses of media, so that who has one may play it until it ends. */
export interface Signatures {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

/** Tells whoever waits that something changed; what changed is read from the stores. */
export interface Signals {
  wake(topic: string): void;
  /** Calls back at each wake-up until the returned function is called. */
  on(topic: string, listener: () => void): () => void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line each. Never given tokens, passwords, answers or transcripts. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields, cause?: unknown): void;
}
