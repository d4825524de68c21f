import { setup } from "./setup.ts";

const USAGE = `bun run admin COMMAND
  doctor             what is missing or wrong, and what mends it
  password EMAIL     a new password for a user who lost theirs
  user EMAIL ROLE    make a user, or give one another role: user, premium, teacher, admin, superadmin
  token EMAIL        an access token for half an hour, to try the API with`;

await setup({ production: true });
const { administer, COMMANDS } = await import("../src/admin.ts");
const { readConfig } = await import("../src/config.ts");
const { examine } = await import("../src/doctor.ts");

const [command = "", ...rest] = process.argv.slice(2);

try {
  const config = readConfig(process.env);
  if (command === "doctor") await doctor();
  else if (COMMANDS.includes(command) && rest.length > 0) {
    const { ok, text } = await administer(config, [command, ...rest]);
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
