import { chmod, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openSession } from "./application/auth.ts";
import { changeUser, createByHand, resetPassword } from "./application/users.ts";
import { backUp } from "./backup.ts";
import { compose } from "./compose.ts";
import type { Config } from "./config.ts";
import { ROLES } from "./domain/access.ts";
import { emailOf } from "./domain/users.ts";
import type { Report } from "./fill.ts";
import { backUpAlone, backUpAndVerify, MAINTENANCE, type Outcome, outcomeOf } from "./maintenance.ts";

// What a person at the machine may do without signing in. The embedded database belongs to the running server, so the
// command goes to it through a socket that only the machine's own user can open; without a server it is done directly.

type World = Awaited<ReturnType<typeof compose>>;

/** For whoever has none: 12 characters that nobody guesses. */
export const newPassword = () => crypto.getRandomValues(new Uint8Array(9)).toBase64({ alphabet: "base64url" });

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

/** How many words each command takes after its name, at least and at most. */
const COMMANDS: Record<string, [number, number]> = {
  password: [1, 1],
  user: [1, 2],
  token: [1, 1],
  backup: [1, 1],
  restore: [1, 1],
  migrate: [0, 0],
  move: [0, 0],
};
const OPTIONS: Record<string, string> = { backup: "--verify", migrate: "--pending" };

/** Whether these are the words of a command. */
export function isCommand([command = "", ...rest]: readonly string[]): boolean {
  const [least, most] = COMMANDS[command] ?? [1, 0];
  const words = rest.filter((word) => word !== OPTIONS[command]);
  return words.length >= least && words.length <= most && words.every((word) => !word.startsWith("--"));
}

const socketOf = ({ DATA_DIR }: Config) => join(DATA_DIR, "admin.sock");

/** The server says how far it is in lines of JSON, and at last how it ended. */
type Line = { readonly progress: string } | Outcome;

const OFTEN_MS = 100;
/** A silence of 10 s would end the call. */
const SELDOM_MS = 3000;

/** Takes commands while the server runs; gives what ends it. */
export async function listenForAdmin(config: Config, world: World): Promise<() => Promise<void>> {
  const unix = socketOf(config);
  // What a killed server left; the data folder's lock says that none is running.
  await rm(unix, { force: true });
  const stopping = new AbortController();
  const running = new Set<Promise<Outcome>>();

  const perform = (words: readonly string[], how: { report: Report; signal: AbortSignal }) =>
    outcomeOf(words[0] === "backup" ? backUp(world.school, words[1] ?? "", how) : run(world, words));

  const answer = (words: readonly string[]) => {
    const leaving = new AbortController();
    return new ReadableStream<Uint8Array>({
      start: async (stream) => {
        const send = (line: Line) => {
          if (!leaving.signal.aborted) stream.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
        };
        let latest = "";
        const tell = seldom((progress) => send({ progress }), OFTEN_MS);
        const report = (progress: string) => {
          latest = progress;
          tell(progress);
        };
        const alive = setInterval(() => send({ progress: latest }), SELDOM_MS);
        const signal = AbortSignal.any([stopping.signal, leaving.signal]);
        const work = perform(words, { report, signal });
        running.add(work);
        const outcome = await work;
        clearInterval(alive);
        running.delete(work);
        if (leaving.signal.aborted) return;
        send(outcome);
        stream.close();
      },
      cancel: () => leaving.abort(new Error("the command was ended")),
    });
  };
  const server = Bun.serve({
    unix,
    fetch: async (request) => new Response(answer((await request.json()) as string[])),
  });
  await chmod(unix, 0o600);
  return async () => {
    stopping.abort(new Error("the server is stopping"));
    await Promise.all(running);
    await server.stop(true);
    await rm(unix, { force: true });
  };
}

/** Runs one command, in the running server where that has the database for itself. */
export async function administer(
  config: Config,
  words: readonly string[],
  report: Report = () => {},
): Promise<Outcome> {
  const [command = ""] = words;
  const alone = MAINTENANCE[command];
  if (alone) return outcomeOf(alone(config, words.slice(1), report));
  if (command === "backup") {
    const file = resolve(words.find((word, i) => i > 0 && word !== "--verify") ?? "");
    const write = async () =>
      (await askServer(config, ["backup", file], report)) ?? outcomeOf(backUpAlone(config, file, report));
    return words.includes("--verify") ? backUpAndVerify(file, write, report) : write();
  }
  const answered = await askServer(config, words, report);
  if (answered) return answered;
  const world = await compose({ ...config, LOG_LEVEL: "silent" });
  return outcomeOf(run(world, words)).finally(() => world.close());
}

/** Null where no server runs that has the database for itself. */
async function askServer(config: Config, words: readonly string[], report: Report): Promise<Outcome | null> {
  if (config.DATABASE_URL !== undefined) return null;
  // Left to itself, a silence of five minutes would end the call.
  const post = { method: "POST", body: JSON.stringify(words), unix: socketOf(config), timeout: false };
  const answer = await fetch("http://admin/", post).catch(() => null);
  if (!answer?.body) return null;
  let text = "";
  try {
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = `${text}${chunk}`.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const said = JSON.parse(line) as Line;
        if (!("progress" in said)) return said;
        report(said.progress);
      }
    }
  } catch {
    // Told below.
  }
  return { ok: false, text: "the server ended before it was through" };
}

/** The same, but not more often than that. */
export function seldom(report: Report, ms: number): Report {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < ms) return;
    last = now;
    report(progress);
  };
}
