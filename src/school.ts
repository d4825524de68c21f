import { existsSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { diskFiles } from "./adapters/files/disk.ts";
import { s3Files } from "./adapters/files/s3.ts";
import { type Connection, connect } from "./adapters/postgres/connect.ts";
import { postgresPorts } from "./adapters/postgres/mod.ts";
import { ensureSecretOf, replaceSecretOf, storedSecretOf } from "./adapters/postgres/secret.ts";
import { newSecret, readSecret, replaceSecret, storedSecret } from "./adapters/system/secret.ts";
import type { FileStore } from "./application/ports/files.ts";
import { bucketOf, type Config } from "./config.ts";
import { AppError } from "./domain/errors.ts";

// What a school is, apart from the server that runs it: rows, files and the secret that its tokens and addresses are
// signed with. Opening it changes nothing in it.

type Db = Connection["db"];

export type School = {
  readonly connection: Connection;
  readonly fileStore: FileStore;
  /** Where recordings lie while they are decoded. */
  readonly tmpDir: string;
  /** The stored secret; where there is none yet, one is made and stored. The database must have every migration. */
  ensureSecret(): Promise<string>;
  /** The secret as it is; where none is stored yet, one that nothing has been signed with. */
  secretIn(db: Db): Promise<string>;
  /** Stores another one in place of the stored one. */
  replaceSecret(tx: Db, secret: string): Promise<void>;
};

const embeddedPlace = ({ DATA_DIR }: Config) => join(DATA_DIR, "pg");

/** Made by a move: what is in DATA_DIR is no longer where the school is. */
export const movedMark = ({ DATA_DIR }: Config): string => join(DATA_DIR, "moved");

/** Whether an embedded database has been made in DATA_DIR. */
export const hasEmbedded = (config: Config): boolean => existsSync(embeddedPlace(config));

/** The only place where a file store is chosen: where uploads lie, and recordings while they are decoded: on the disk of the uploads, or beside what is always there. */
function chooseFileStore(config: Config) {
  const { UPLOAD_DIR, DATA_DIR } = config;
  const bucket = bucketOf(config);
  return bucket
    ? {
        fileStore: s3Files(bucket),
        tmpDir: join(DATA_DIR, "tmp"),
        setting: "S3_ENDPOINT" as const,
        refusal: `the bucket ${bucket.bucket} there cannot be written`,
      }
    : {
        fileStore: diskFiles(UPLOAD_DIR),
        tmpDir: join(UPLOAD_DIR, ".tmp"),
        setting: "UPLOAD_DIR" as const,
        refusal: `${UPLOAD_DIR} cannot be written`,
      };
}

/** The rows of the school; migrations are the caller's. */
export async function openDatabase(config: Config, onLost?: (error: Error) => void): Promise<Connection> {
  // Whatever is made from here on is this user's alone: the embedded database would let anybody write.
  process.umask(0o077);
  const { DATA_DIR, DATABASE_URL } = config;
  if (DATABASE_URL === undefined) await named("DATA_DIR", `${DATA_DIR} cannot be written`, () => ownFolder(DATA_DIR));
  const connection = await connect(DATABASE_URL ?? embeddedPlace(config), onLost);
  if (DATABASE_URL)
    await named("DATABASE_URL", "the database there cannot be used", () =>
      answering(postgresPorts(connection.db).checkDatabase),
    ).catch(async (error) => {
      await connection.close();
      throw error;
    });
  return connection;
}

export async function openSchool(config: Config, onLost?: (error: Error) => void): Promise<School> {
  const { fileStore, tmpDir, setting, refusal } = chooseFileStore(config);
  process.umask(0o077);
  await named(setting, refusal, fileStore.check);
  const connection = await openDatabase(config, onLost);
  const { SECRET_KEY, DATABASE_URL, DATA_DIR } = config;
  // A server that kept its secret beside the data takes it along, so that its tokens hold.
  const first = async () => (await readSecret(DATA_DIR)) ?? newSecret();
  return {
    connection,
    fileStore,
    tmpDir,
    ensureSecret: async () => {
      if (SECRET_KEY !== undefined) return SECRET_KEY;
      return DATABASE_URL ? ensureSecretOf(connection.db, "secret_key", first) : storedSecret(DATA_DIR);
    },
    secretIn: async (db) =>
      SECRET_KEY ?? (DATABASE_URL ? await storedSecretOf(db, "secret_key") : null) ?? (await first()),
    replaceSecret: (tx, secret) =>
      DATABASE_URL ? replaceSecretOf(tx, "secret_key", secret) : replaceSecret(DATA_DIR, secret),
  };
}

const WAIT_MS = 20_000;

/** Waits a while for what may only be starting, as after the machine's own start. */
async function answering(check: () => Promise<void>): Promise<void> {
  let told = false;
  for (const until = Date.now() + WAIT_MS; ; await Bun.sleep(500)) {
    const failure = await check().then(
      () => null,
      (error: Error) => error,
    );
    if (!failure) return;
    // Only what is away may come: a wrong name or password will not.
    if (!(failure instanceof AppError) || Date.now() > until) throw failure.cause ?? failure;
    if (!told) console.error("waiting for the database…");
    told = true;
  }
}

/** A start that cannot go on says which setting is to blame. */
async function named(setting: keyof Config, what: string, work: () => Promise<void>): Promise<void> {
  await work().catch((cause: Error) => {
    throw new Error(`${setting}: ${what} (${cause.message})`, { cause });
  });
}

async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
}
