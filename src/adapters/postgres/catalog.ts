import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";

/** A table as the catalog knows it, at any version of the schema. */
export type TableShape = {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** What counts its ids, as SQL text. */
    readonly sequence: string | null;
  }[];
  readonly key: readonly string[];
  readonly refers_to: readonly string[];
};

/** Kysely's own, which migrations fill, and the secret, which has a door of its own. */
const OTHERS = ["kysely_migration", "kysely_migration_lock", "secrets"];

/** Every table of the school, each after those that it refers to; no views. */
export async function tablesOf(db: Kysely<Database>): Promise<TableShape[]> {
  const { rows } = await sql<TableShape>`
    select t.relname as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
          'sequence', pg_get_serial_sequence(quote_ident(t.relname), a.attname)) order by a.attnum)
        from pg_attribute a
        where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_index i
        join pg_attribute a on a.attrelid = t.oid and a.attnum = any(i.indkey)
        where i.indrelid = t.oid and i.indisprimary) as key,
      (select coalesce(json_agg(distinct r.relname), '[]') from pg_constraint c join pg_class r on r.oid = c.confrelid
        where c.conrelid = t.oid and c.contype = 'f' and r.oid <> t.oid) as refers_to
    from pg_class t join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and t.relkind = 'r' and t.relname not in (${sql.join(OTHERS)})
    order by t.relname`.execute(db);
  return inOrder(rows);
}

function inOrder(tables: readonly TableShape[]): TableShape[] {
  const sorted: TableShape[] = [];
  const left = new Set(tables);
  while (left.size > 0) {
    const named = new Set(sorted.map(({ name }) => name));
    const next = [...left].find(({ refers_to }) => refers_to.every((name) => named.has(name)));
    if (!next) throw new Error(`${[...left].map(({ name }) => name).join(", ")} refer to each other in a circle`);
    left.delete(next);
    sorted.push(next);
  }
  return sorted;
}
