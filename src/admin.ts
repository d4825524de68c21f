import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { openSession } from "./application/auth.ts";
import { changeUser, createByHand, resetPassword } from "./application/users.ts";
import { compose } from "./compose.ts";
import type { Config } from "./config.ts";
import { ROLES } from "./domain/access.ts";
import { AppError } from "./domain/errors.ts";
import { emailOf } from "./domain/users.ts";
import { say } from "./http/messages/mod.ts";

// What a person at the machine may do without signing in. The embedded database belongs to the running server, so the
// command goes to it through a socket that only the machine's own user can open; without a server it is done directly.

type World = Awaited<ReturnType<typeof compose>>;

const newPassword = () => crypto.getRandomValues(new Uint8Array(9)).toBase64({ alphabet: "base64url" });

async function run(world: World, [command, email = "", role]: readonly string[]): Promise<string> {
  const user = await world.users.findBy({ email: emailOf(email) });
  if (command === "user") {
    const wanted = ROLES.find((known) => known === role);
    if (!wanted) throw new Error(`the role should be one of ${ROLES.join(", ")}`);
    if (user) {
      await changeUser(world)(null, user.id, { role: wanted });
      return `${email} is ${wanted} now; who was signed in signs in again`;
    }
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw new Error(`${email} is not an e-mail address`);
    const password = newPassword();
    await createByHand(world)(wanted, { email, password });
    return `${email} is ${wanted}, with the password ${password}`;
  }
  if (!user) throw new Error(`there is no user ${email}; to make one: bun run admin user ${email} ROLE`);
  if (command === "password") {
    const password = newPassword();
    await resetPassword(world)(null, user.id, password);
    return `the new password of ${email} is ${password}; who was signed in signs in again`;
  }
  if (!user.is_active) throw new Error(`${email} is not active`);
  return (await openSession(world)(user)).access_token;
}

export const COMMANDS = ["password", "user", "token"];

const socketOf = ({ DATA_DIR }: Config) => join(DATA_DIR, "admin.sock");

type Outcome = { ok: boolean; text: string };

const outcome = (work: Promise<string>): Promise<Outcome> =>
  work.then(
    (text) => ({ ok: true, text }),
    (error: unknown) => ({
      ok: false,
      text: error instanceof AppError ? say(error, "en") : error instanceof Error ? error.message : String(error),
    }),
  );

/** Takes commands while the server runs; gives what ends it. */
export async function listenForAdmin(config: Config, world: World): Promise<() => Promise<void>> {
  const unix = socketOf(config);
  // What a killed server left; the data folder's lock says that none is running.
  await rm(unix, { force: true });
  const server = Bun.serve({
    unix,
    fetch: async (request) => Response.json(await outcome(request.json().then((words: string[]) => run(world, words)))),
  });
  await chmod(unix, 0o600);
  return async () => {
    await server.stop(true);
    await rm(unix, { force: true });
  };
}

/** Runs one command, in the running server where there is one. */
export async function administer(config: Config, words: readonly string[]): Promise<Outcome> {
  if (config.DATABASE_URL === undefined) {
    const post = { method: "POST", body: JSON.stringify(words), unix: socketOf(config) };
    const answer = await fetch("http://admin/", post).catch(() => null);
    if (answer) return (await answer.json()) as Outcome;
  }
  const world = await compose({ ...config, LOG_LEVEL: "silent" });
  return outcome(run(world, words)).finally(() => world.close());
}
