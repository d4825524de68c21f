import type { FileStore } from "../../application/ports/files.ts";
import { AppError } from "../../domain/errors.ts";
import { typeOfKey } from "../../domain/media_types.ts";
import { type Bucket, s3Calls, small } from "./s3_calls.ts";

/** One key for all who check: what a store took in too late for one of them is removed by the next. */
const CHECK = ".check";

/**
 * Files in a bucket of any S3-compatible store, which must be there. A store keeps an object whole or not at all, and
 * durably, before it says so. A file is read into memory whole: it is at most MAX_UPLOAD_MB, and Bun's own lazy S3 files
 * have no size and turn a response into a redirect. `pageSize` is how many keys are listed at a time, at most 1000.
 */
export function s3Files({ pageSize = 1000, ...bucket }: Bucket & { pageSize?: number }): FileStore {
  const calls = s3Calls(bucket);
  return {
    put: (key, bytes) => calls.put(key, bytes, typeOfKey(key) ?? "application/octet-stream"),
    get: calls.get,
    has: async (key) => (await calls.ask("HEAD", key)) !== null,
    address: (key, { seconds, mime }) => calls.presign(key, seconds, mime),
    list: async () => {
      const found: { key: string; written: Date }[] = [];
      for (let token: string | undefined; ; ) {
        const page = await calls.page(pageSize, token);
        for (const { key, lastModified } of page.contents ?? [])
          found.push({ key, written: new Date(lastModified ?? 0) });
        token = page.nextContinuationToken;
        if (!page.isTruncated || !token) return found;
      }
    },
    remove: async (key) => void (await calls.ask("DELETE", key)),
    check: async () => {
      const signal = small();
      try {
        if (!(await calls.ask("PUT", CHECK, { body: new Uint8Array([1]), signal }))) throw new Error("404");
        await calls.ask("DELETE", CHECK, { signal });
      } catch (error) {
        throw error instanceof AppError && error.cause instanceof Error ? error.cause : error;
      }
    },
  };
}
