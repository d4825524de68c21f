import type { Passwords } from "../../application/ports/system.ts";

// OWASP's least for argon2id: 19 MiB, two passes. One at a time, so that a crowd signing in leaves a core to others.
const ARGON2ID = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

export function argonPasswords(): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
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
