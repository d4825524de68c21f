import { create as contentDisposition } from "content-disposition";
import type { Context } from "hono";
import type { Env } from "./env.ts";

type Served = {
  readonly mime: string;
  /** Given: an attachment of that name. */
  readonly name?: string;
  readonly etag?: string;
  readonly now: Date;
};

/** A stored file, whole or the one range that was asked for. */
export function sendFile(c: Context<Env>, content: Blob, { mime, name, etag }: Served): Response {
  const headers = new Headers({
    "content-type": mime,
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=3600",
    "x-content-type-options": "nosniff",
    // What learners upload never runs as a page of ours.
    "content-security-policy": "default-src 'none'; sandbox",
  });
  if (name !== undefined) headers.set("content-disposition", contentDisposition(name));
  if (etag !== undefined) {
    headers.set("etag", `"${etag}"`);
    if (names(c.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  }
  const wantsOther = c.req.header("if-range") !== undefined && !names(c.req.header("if-range"), etag ?? "");
  const range = wantsOther ? "whole" : rangeOf(c.req.header("range"), content.size);
  if (range === "whole") {
    headers.set("content-length", String(content.size));
    return new Response(content, { headers });
  }
  if (range === "outside") {
    headers.set("content-range", `bytes */${content.size}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-range", `bytes ${range.start}-${range.end}/${content.size}`);
  return new Response(content.slice(range.start, range.end + 1), { status: 206, headers });
}

/** True when a header like `If-None-Match` lists the tag, weakly or not. */
const names = (header: string | undefined, etag: string): boolean =>
  (header ?? "").split(",").some((part) => ["*", `"${etag}"`].includes(part.trim().replace(/^W\//, "")));

/** One range of bytes, both ends included; several at once are answered whole, as RFC 9110 allows. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "whole" | "outside" {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return "whole";
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? "outside" : { start, end };
}
