import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

// Runs what the issues must show in full size, and writes what was measured to docs/proof.md.

const PROOF = "docs/proof.md";
type Figure = { what: string; measured: string; wanted: string };

const folder = await mkdtemp(join(tmpdir(), "prove-"));
const PROVE_FILE = join(folder, "figures.jsonl");
await Bun.write(PROVE_FILE, "");

const run = Bun.spawn([process.execPath, "test", "--timeout", "600000", "./tests/system"], {
  env: { ...process.env, PROVE_FILE },
  stdout: "inherit",
  stderr: "inherit",
});
const code = await run.exited;

const git = (...words: string[]) =>
  Bun.spawnSync(["git", ...words])
    .stdout.toString()
    .trim();
const figures: Figure[] = (await Bun.file(PROVE_FILE).text())
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const cell = (text: string) => text.replaceAll("|", "\\|");

await Bun.write(
  PROOF,
  `# Proof

Measured by \`bun run prove\` on ${new Date().toISOString().slice(0, 10)}, at commit ${git("rev-parse", "--short", "HEAD")}${
    git("status", "--porcelain") ? " with uncommitted changes" : ""
  }, on ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Bun ${Bun.version}. All suites ${code === 0 ? "passed" : "DID NOT pass"}.

| what | measured | wanted |
| --- | --- | --- |
${figures.map(({ what, measured, wanted }) => `| ${cell(what)} | ${cell(measured)} | ${cell(wanted)} |`).join("\n")}
`,
);
await rm(folder, { recursive: true, force: true });
console.log(`${figures.length} figures are in ${PROOF}`);
process.exit(code);
