import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, normalize, relative, sep } from "node:path";
import type { FileStore } from "../../application/ports/files.ts";
import { AppError } from "../../domain/errors.ts";
import { isFull } from "./room.ts";

/** Files below one folder. A file appears whole or not at all, and is on the disk before `put` resolves. */
export function diskFiles(root: string): FileStore {
  const place = (key: string) => {
    const path = normalize(join(root, key));
    // Keys are made by the server; one that leaves the folder is a fault of ours.
    if (!path.startsWith(normalize(root) + sep)) throw new Error(`the key ${key} leaves the upload folder`);
    return path;
  };

  const write = async (path: string, bytes: Uint8Array) => {
    await mkdir(dirname(path), { recursive: true });
    const part = `${path}.${crypto.randomUUID()}.part`;
    try {
      const file = await open(part, "wx", 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    // The name is durable only with its folder.
    const folder = await open(dirname(path), "r");
    await folder.sync().catch(() => {});
    await folder.close();
  };

  return {
    put: async (key, bytes) => {
      await write(place(key), bytes).catch((cause: Error) => {
        throw isFull(cause) ? new AppError("storage_full", {}, { cause }) : cause;
      });
    },
    get: async (key) => {
      const file = Bun.file(place(key));
      return (await file.exists()) ? file : null;
    },
    has: (key) => Bun.file(place(key)).exists(),
    address: () => null,
    list: async () => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const found = files.map(async (path) => {
        const info = await stat(path).catch(() => null);
        return info ? [{ key: relative(root, path), written: info.mtime }] : [];
      });
      return (await Promise.all(found)).flat();
    },
    remove: (key) => rm(place(key), { force: true }),
    check: async () => {
      const key = `.check-${crypto.randomUUID()}`;
      await write(place(key), new Uint8Array([1]));
      await rm(place(key), { force: true });
    },
  };
}
