import { statfs } from "node:fs/promises";

/** Bytes that we leave free. Postgres' log takes 16 MB at once: without them an embedded database would hang, not fail. */
export const LEAST_ROOM = 64 * 1024 * 1024;

const NO_ROOM = new Set(["ENOSPC", "EDQUOT"]);

/** True for what the system throws where a disk, or its owner's share of it, is full. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && "code" in error && NO_ROOM.has(String(error.code));

/** Bytes that may still be written on the disk of a folder that is there. */
export async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
