import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Part } from "../../src/adapters/archive/parts.ts";
import { readArchive } from "../../src/adapters/archive/read.ts";
import { writeArchive } from "../../src/adapters/archive/write.ts";
import { memoryFiles } from "../../src/adapters/memory/files.ts";
import type { Connection } from "../../src/adapters/postgres/connect.ts";
import { partsOf } from "../../src/backup.ts";
import { type Filled, fill } from "../../src/fill.ts";
import { intoStore } from "../../src/restore.ts";
import type { School } from "../../src/school.ts";

type Db = Connection["db"];
type Store = ReturnType<typeof memoryFiles>;

const folder = await mkdtemp(join(tmpdir(), "archives-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const quiet = () => {};
export const never = new AbortController().signal;

/** A path that nothing is at. */
export const newPath = (): string => join(folder, `${crypto.randomUUID()}.tar.gz`);

export const SECRET = "the secret of the school that was backed up";

/** A school whose rows are in that database and whose files are in memory. */
export function schoolOn(db: Db, fileStore: Store = memoryFiles()) {
  const kept = { secret: SECRET };
  const school: School = {
    connection: { db, patiently: (work) => work(db), close: async () => {} },
    fileStore,
    tmpDir: "tmp",
    ensureSecret: async () => kept.secret,
    secretIn: async () => kept.secret,
    replaceSecret: async (_, secret) => {
      kept.secret = secret;
    },
  };
  return { ...school, fileStore, kept };
}

export async function partsIn(school: School): Promise<Part[]> {
  return Array.fromAsync(partsOf(school, school.connection.db, quiet));
}

export async function archiveOf(parts: Iterable<Part>): Promise<string> {
  const path = newPath();
  await writeArchive(
    path,
    (async function* () {
      yield* parts;
    })(),
    never,
  );
  return path;
}

export function restoreInto(school: School, path: string): Promise<Filled> {
  const { fileStore, connection, replaceSecret } = school;
  return fill({ db: connection.db, replaceSecret, ...intoStore(fileStore) }, path, readArchive(path), quiet);
}
