import type { Passwords } from "../../application/ports/system.ts";
import { AppError } from "../../domain/errors.ts";

// OWASP's least for argon2id: 19 MiB, two passes. One at a time, so that a crowd signing in leaves a core to others.
const ARGON2ID = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Five seconds of hashing: who comes later is told so instead of waiting. */
const MOST_WAITING = 100;

export function argonPasswords(): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= MOST_WAITING) throw new AppError("busy", { retry_after: 5 });
    waiting += 1;
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn.finally(() => {
      waiting -= 1;
    });
  };
  // Checked where there is no user, so that the answer takes as long as for a wrong password.
  const nobody = inTurn(() => Bun.password.hash(crypto.randomUUID(), ARGON2ID));
  return {
    hash: (password) => inTurn(() => Bun.password.hash(password, ARGON2ID)),
    verify: async (password, hash) => {
      const against = hash ?? (await nobody);
      const same = await inTurn(() => Bun.password.verify(password, against).catch(() => false));
      return same && hash !== null;
    },
  };
}
