import colours from "picocolors";
import type { Config } from "./config.ts";
import type { Item } from "./item.ts";

type FirstPassword =
  | { kind: "made"; password: string }
  /** Taken from the settings. */
  | { kind: "set" }
  | { kind: "stored" }
  /** The settings name one that is not the stored one. */
  | { kind: "other" };

type Shown = { config: Config; state: readonly Item[]; firstPassword: FirstPassword; port: number };

const MARK = { on: colours.green("●"), fake: colours.yellow("◐"), off: colours.dim("○"), missing: colours.red("✗") };

/** Room for the longest name and a blank. */
const NAME = "Pronunciation ".length;

/** The last lines of a start: where it is, who may come in, what works and what does not. */
export function startScreen({ config, state, firstPassword, port }: Shown): string {
  const host = config.HOST === "0.0.0.0" || config.HOST === "::" ? "localhost" : config.HOST;
  const url = config.PUBLIC_URL ?? `http://${host}:${port}`;
  const row = (name: string, text: string) => `  ${colours.dim(name.padEnd(NAME))}${text}`;
  const api = [row("API", colours.cyan(`${url}/api/v1`)), row("Docs", colours.cyan(`${url}/docs`))];
  // What a worker answers, where it listens itself.
  const answers = [row("Health", colours.cyan(`http://${host}:${port}/health`))];
  return [
    "",
    `  ${colours.bold("Oʻquv platformasi")} ${colours.dim("is ready")}`,
    "",
    ...(config.ROLE === "worker" ? answers : api),
    row("Superuser", superuser(config.FIRST_SUPERUSER, firstPassword)),
    "",
    ...state.map(
      ({ name, state, note, place }) => `  ${MARK[state]} ${name.padEnd(NAME)}${place ? `${place}/, ` : ""}${note}`,
    ),
    "",
  ].join("\n");
}

function superuser(email: string, first: FirstPassword): string {
  if (first.kind === "made")
    return `${email}  password ${colours.bold(first.password)}  ${colours.dim("(shown this once)")}`;
  if (first.kind === "set") return `${email}  ${colours.dim("with FIRST_SUPERUSER_PASSWORD")}`;
  const reset = colours.dim(`(forgotten? bun run admin password ${email})`);
  if (first.kind === "stored") return `${email}  ${reset}`;
  return `${email}  the stored password holds, not FIRST_SUPERUSER_PASSWORD  ${reset}`;
}
