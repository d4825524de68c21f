import { setup } from "./setup.ts";

const USAGE = `bun run admin COMMAND
  doctor             what is missing or wrong, and what mends it
  password EMAIL     a new password for a user who lost theirs
  user EMAIL ROLE    make a user, or give one another role: user, premium, teacher, admin, superadmin
  token EMAIL        an access token for half an hour, to try the API with
  backup FILE        everything into one new file, such as school.tar.gz, while the server runs;
                     with --verify it is restored aside and compared (an existing file too)
  restore FILE       a backup into a database and uploads that are empty
  move               the embedded school into DATABASE_URL (and S3), with the server stopped
  migrate            brings the database to this version, as a start does; --pending only lists what is due`;

await setup({ production: true });
const { administer, isCommand, seldom } = await import("../src/admin.ts");
const { readConfig, schoolAt } = await import("../src/config.ts");
const { examine } = await import("../src/doctor.ts");

const words = process.argv.slice(2);

// One line that changes on a terminal; elsewhere a line now and then, so that a log stays short.
const live = process.stderr.isTTY;
const report = seldom(
  (progress) => process.stderr.write(live ? `\r\x1b[K${progress}` : `${progress}\n`),
  live ? 100 : 10_000,
);

try {
  const config = readConfig(process.env);
  if (words.join() === "doctor") await doctor();
  else if (isCommand(words)) {
    // Without the server's own settings a command works on another school.
    console.error(`school: ${schoolAt(config)}`);
    const { ok, text } = await administer(config, words, report);
    if (live) process.stderr.write("\r\x1b[K");
    (ok ? console.log : console.error)(text);
    process.exitCode = ok ? 0 : 1;
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }

  async function doctor() {
    const findings = await examine(config);
    for (const { name, ok, note } of findings) console.log(`${ok ? "ok     " : "MENDME "} ${name.padEnd(16)} ${note}`);
    process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Watched children and the embedded database may hold the process.
process.exit();
