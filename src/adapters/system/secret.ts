import { link, mkdir, open, rename, rm, writeFile } from "node:fs/promises";

const pathOf = (dataDir: string) => `${dataDir}/secret_key`;

export const newSecret = (): string => crypto.getRandomValues(new Uint8Array(32)).toHex();

/** The secret kept beside the data, where there is one. */
export async function readSecret(dataDir: string): Promise<string | null> {
  const text = await Bun.file(pathOf(dataDir))
    .text()
    .catch(() => "");
  return text.trim() || null;
}

async function draftOf(dataDir: string, secret: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${pathOf(dataDir)}.${crypto.randomUUID()}`;
  await writeFile(draft, secret, { mode: 0o600, flush: true });
  return draft;
}

/** The secret kept beside the data, made at the first start and whole from its first moment. */
export async function storedSecret(dataDir: string): Promise<string> {
  const known = await readSecret(dataDir);
  if (known !== null) return known;
  const made = newSecret();
  const draft = await draftOf(dataDir, made);
  // Of two processes that start at once, the first one's link holds.
  await link(draft, pathOf(dataDir)).catch(() => {});
  await rm(draft, { force: true });
  return (await readSecret(dataDir)) ?? made;
}

/** Puts a secret in the place of the one kept beside the data. */
export async function replaceSecret(dataDir: string, secret: string): Promise<void> {
  await rename(await draftOf(dataDir, secret), pathOf(dataDir));
  const folder = await open(dataDir, "r");
  await folder.sync().catch(() => {});
  await folder.close();
}
