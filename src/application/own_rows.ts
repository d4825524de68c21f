import type { Actor } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import type { Table } from "./ports/tables.ts";

/** A row of the caller's own; another's is not there. */
export async function ownRow<T extends { readonly id: number; readonly user_id: number }>(
  table: Pick<Table<T>, "find">,
  actor: Actor,
  id: number,
): Promise<T> {
  const found = await table.find(id);
  if (!found || found.user_id !== actor.id) throw new AppError("not_found");
  return found;
}
