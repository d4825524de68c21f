import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../node_modules/@electric-sql/pglite/package.json";
import { connect } from "../../src/adapters/postgres/connect.ts";
import { madeOnce } from "./cache.ts";

// A server makes its embedded database at its first start, which takes seconds of processor time; a copy takes none.
// That it can is shown by the suites of the image, of the clean machine and of the commands at the machine.

const NAME = `pglite-${version}`;

/** The folder of an embedded database without any table. */
export const emptyDatabase = () => madeOnce(NAME, async (folder) => (await connect(join(folder, NAME))).close());

/** Puts an embedded database without any table where a server with this new DATA_DIR would make one. */
export async function layDatabase(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await cp(await emptyDatabase(), join(dataDir, "pg"), { recursive: true });
}
