import type { Correction } from "../../domain/corrections.ts";

/** Finds mistakes of grammar and spelling. A language that it does not know gives an empty list. */
export interface Grammar {
  check(text: string, language: string, options?: { signal?: AbortSignal | undefined }): Promise<Correction[]>;
  stop(): Promise<void>;
}
