import { createHash } from "node:crypto";

/** One word of 20 is never fitted on: which ones, its letters alone decide. */
export const isHeldOut = (word: string): boolean =>
  createHash("sha256").update(word).digest().readUInt32LE() % 20 === 0;
