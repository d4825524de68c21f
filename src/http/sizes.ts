import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AppError } from "../domain/errors.ts";
import type { Env } from "./env.ts";

const MB = 1024 * 1024;
/** Fields and boundaries around the files of a form. */
const AROUND_FILES = 64 * 1024;
const JSON_MB = 1;

/** Refuses what is too large (from nobody, who has nothing to upload, sooner): by its announced length before a byte is read, else while it is read. */
export function limitBody(maxUploadMb: number): MiddlewareHandler<Env> {
  const limit = (maxSize: number, max_mb: number) =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new AppError("too_large", { max_mb });
      },
    });
  const form = limit(maxUploadMb * MB + AROUND_FILES, maxUploadMb);
  const other = limit(JSON_MB * MB, JSON_MB);
  return (c, next) =>
    (c.get("actor") && /^multipart\//i.test(c.req.header("content-type") ?? "") ? form : other)(c, next);
}
