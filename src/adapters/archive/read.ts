import { createReadStream } from "node:fs";
import { access, constants } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { checkEntry, type Part, partOf } from "./parts.ts";

/**
 * What is in a backup, part by part: nothing is written anywhere, and never more than one part is in memory. Throws
 * where the file is cut, damaged or something else; some of that shows only after the last part.
 */
export async function* readArchive(path: string): AsyncGenerator<Part> {
  await access(path, constants.R_OK).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(cause.code === "ENOENT" ? `${path} does not exist` : `${path} cannot be read`, { cause });
  });
  const archive = extract();
  const through = pipeline(createReadStream(path), createGunzip(), archive);
  // Told by the entries too, or below.
  through.catch(() => {});
  const entries = archive[Symbol.asyncIterator]();
  const next = async (): Promise<Part | null> => {
    const { value, done } = await entries.next();
    if (!done) return partIn(value);
    // The checksum of the whole comes last.
    await through;
    return null;
  };
  try {
    for (let verdict = "is not a backup of this server"; ; verdict = "is damaged") {
      const part = await next().catch((cause: Error) => {
        throw new Error(`${path} ${verdict}: ${cause.message}`, { cause });
      });
      if (!part) return;
      yield part;
    }
  } finally {
    archive.destroy();
  }
}

async function partIn(entry: AsyncIterable<unknown> & { header: Header }): Promise<Part> {
  const { name, size = 0, type } = entry.header;
  if (type !== "file") throw new Error(`${JSON.stringify(name.slice(0, 100))} does not belong into a backup`);
  checkEntry(name, size);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return partOf({ name, bytes: Buffer.concat(chunks) });
}
