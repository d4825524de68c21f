import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArchive } from "./adapters/archive/read.ts";
import { audioDecoder } from "./adapters/audio/mod.ts";
import { connect } from "./adapters/postgres/connect.ts";
import type { FileRow } from "./adapters/postgres/copy.ts";
import type { AudioDecoder } from "./application/ports/speech.ts";
import { notes, summary } from "./backup.ts";
import { AppError } from "./domain/errors.ts";
import { fill, type Report } from "./fill.ts";
import { say } from "./http/messages/mod.ts";
import { firstPart } from "./restore.ts";

/** How many recordings are opened, other ones each time. */
const OPENED = 3;

/** Restores a backup into a database made for it and thrown away; gives what to say of it, or throws what is wrong. */
export async function verify(file: string, report: Report): Promise<string> {
  await firstPart(file);
  const folder = await mkdtemp(join(tmpdir(), "verify-"));
  const decoder = audioDecoder({ tmpDir: folder });
  const connection = await connect(join(folder, "pg"));
  try {
    const { kept, offer } = recordings();
    const { db, checkRoom } = connection;
    const target = { db, checkRoom, expect: async () => offer, replaceSecret: async () => {} };
    const filled = await fill(target, file, readArchive(file), report);
    for (const recording of kept) await open(decoder, recording);
    const noted = notes(filled);
    if (filled.end.damaged.length > 0)
      throw new Error([`${file} is whole, but what it was made of was not:`, ...noted].join("\n"));
    const opened = `${kept.length} recordings opened`;
    return [`${file} is good: ${summary(filled)}; every count and checksum is right, ${opened}`, ...noted].join("\n");
  } finally {
    await decoder.stop();
    await connection.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Recording = { readonly key: string; readonly bytes: Uint8Array };

/** Keeps a few of those that pass by, each with the same chance. */
function recordings() {
  const kept: Recording[] = [];
  let seen = 0;
  const offer = async ({ key, duration_ms }: FileRow, bytes: Uint8Array) => {
    if (duration_ms === null) return;
    seen += 1;
    const place = seen <= OPENED ? kept.length : Math.floor(Math.random() * seen);
    if (place < OPENED) kept[place] = { key, bytes };
  };
  return { kept, offer };
}

async function open(decoder: AudioDecoder, { key, bytes }: Recording): Promise<void> {
  await decoder.decode(bytes).catch((cause: unknown) => {
    throw new Error(`${key} cannot be opened: ${cause instanceof AppError ? say(cause, "en") : cause}`, { cause });
  });
}
