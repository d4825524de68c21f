import { createWriteStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { isFull, LEAST_ROOM, roomIn } from "../files/room.ts";
import { entryOf, type Part } from "./parts.ts";

/**
 * Writes the parts into a new file, which only its owner may read, and gives its size in bytes. It is written aside and
 * appears whole or not at all. `signal` ends it.
 */
export async function writeArchive(path: string, parts: AsyncIterable<Part>, signal: AbortSignal): Promise<number> {
  if (existsSync(path)) throw new Error(`${path} exists already: name another file, or remove it`);
  const draft = `${path}.part`;
  await create(draft);
  try {
    await fillDraft(draft, parts, signal);
    await syncPath(draft);
    const { size } = Bun.file(draft);
    await rename(draft, path);
    // The name is durable only with its folder; not every kind of disk can say so.
    await syncPath(dirname(path)).catch(() => {});
    return size;
  } catch (error) {
    await rm(draft, { force: true });
    throw signal.aborted ? signal.reason : named(error, path);
  }
}

async function create(draft: string): Promise<void> {
  const file = await open(draft, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === "EEXIST" ? "is there: another backup is being made, or one was killed" : "cannot be made";
    throw new Error(`${draft} ${why} (${cause.message})`, { cause });
  });
  await file.close();
}

async function fillDraft(draft: string, parts: AsyncIterable<Part>, signal: AbortSignal): Promise<void> {
  const archive = pack();
  const through = pipeline(Readable.from(archive), createGzip(), createWriteStream(draft, { flags: "r+" }), { signal });
  // Where the way to the disk breaks, nobody would answer an entry any more.
  const broken = through.then(() => new Promise<never>(() => {}));
  broken.catch(() => {});
  const add = async ({ name, bytes }: { name: string; bytes: Uint8Array }) => {
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const added = new Promise<void>((resolve, reject) => {
      const entry = archive.entry({ name, size: bytes.length, mode: 0o600 }, content, (error) =>
        error ? reject(error) : resolve(),
      );
      // Told by the callback; without a listener it would end the process.
      entry.on("error", reject);
    });
    await Promise.race([added, broken]).catch(async (error) => {
      // An entry fails with the way to the disk, which knows why.
      archive.destroy();
      await through;
      throw error;
    });
  };
  try {
    let number = 0;
    for await (const part of parts) {
      number += 1;
      await checkRoom(dirname(draft));
      await add(entryOf(part, number));
    }
    archive.finalize();
    await through;
  } catch (error) {
    archive.destroy();
    await through.catch(() => {});
    throw error;
  }
}

/** A backup must not take the last room of a disk that a database may lie on. */
async function checkRoom(folder: string): Promise<void> {
  if ((await roomIn(folder)) < LEAST_ROOM)
    throw Object.assign(new Error("the last room is left free"), { code: "ENOSPC" });
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  await file.sync().finally(() => file.close());
}

const named = (error: unknown, path: string): unknown =>
  isFull(error) ? new Error(`there is not room enough on the disk for ${path}`, { cause: error }) : error;
