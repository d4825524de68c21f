import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Page } from "../application/ports/tables.ts";

const encode = (id: number) => btoa(String(id)).replaceAll("=", "");

const Cursor = z
  .string()
  .regex(/^[A-Za-z0-9]{1,16}$/)
  .transform((text) => {
    const id = Number(Buffer.from(text, "base64").toString("latin1"));
    return Number.isSafeInteger(id) && id > 0 && id <= 2_147_483_647 && encode(id) === text ? id : undefined;
  })
  .refine((id) => id !== undefined)
  .openapi({ type: "string", description: "From the Link header of the page before" });

export const PageQuery = z.object({
  skip: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .openapi({ type: "integer", description: "Rows to leave out" }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .openapi({ type: "integer", description: "Rows at most; more is 422" }),
  cursor: Cursor.optional(),
});

/** One page as it is answered; `Link` leads to the next while there is one. */
export async function page<T extends { readonly id: number }>(
  c: Context,
  { cursor, skip, limit }: Pick<z.output<typeof PageQuery>, "skip" | "limit" | "cursor">,
  read: (page: Page) => Promise<T[]>,
): Promise<T[]> {
  const rows = await read({ after: cursor, skip, limit: limit + 1 });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  if (last) {
    const next = new URL(c.req.url);
    next.searchParams.delete("skip");
    next.searchParams.set("cursor", encode(last.id));
    c.header("Link", `<${next.pathname}${next.search}>; rel="next"`);
  }
  return rows.slice(0, limit);
}
