import { S3Client, type S3ListObjectsResponse } from "bun";
import { AppError } from "../../domain/errors.ts";

export type Bucket = {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

/** What any call has until the store begins to answer, and a small one in all. */
const SMALL_MS = 3000;
/** Bytes in a millisecond, 10 Mbit/s: a slower way to the store is none. */
const SLOWEST = 1250;
/** What is larger is sent only to a store that has just answered, so that one that is away is seen at once. */
const LARGE = 512 * 1024;
const LIST_MS = 10_000;
/** Seconds that a signature of our own calls holds. */
const SIGNED_S = 300;

/** As stores say that there is no room: AWS, Ceph, MinIO, versitygw and others each have words of their own. */
const NO_ROOM = /quota|StorageFull|InsufficientStorage|InsufficientCapacity/i;

type Method = "GET" | "HEAD" | "PUT" | "DELETE";
type Sent = { readonly body?: Uint8Array; readonly type?: string; readonly signal?: AbortSignal };

/**
 * The calls of one bucket. Bun's client signs, and `fetch` sends: unlike the client's own calls it can be cut off, so
 * that nothing of a call that was late goes on behind it, and it tells the status.
 */
export function s3Calls(bucket: Bucket) {
  // Most stores take this region, whatever they are; one that has another says so, and it is signed for from then on.
  let region = "us-east-1";
  let learned = false;
  const open = () => new S3Client({ ...bucket, endpoint: bucket.endpoint.replace(/\/+$/, ""), region });
  let client = open();

  /** True once, for a refusal that names another region. */
  const learns = (told: string): boolean => {
    const named = /<Region>([\w-]+)</.exec(told) ?? /expecting (?:['"]|&#?\w+;)?([\w-]+)/.exec(told);
    if (learned || !named?.[1] || named[1] === region) return false;
    [region, learned] = [named[1], true];
    client = open();
    return true;
  };

  /** The answer to one call; null where the key is not there. */
  const ask = async (method: Method, key: string, sent: Sent = {}): Promise<Response | null> => {
    const { body, type, signal = small() } = sent;
    const answer = await fetch(client.presign(key, { method, expiresIn: SIGNED_S }), {
      method,
      redirect: "manual",
      ...(body && { body: new Uint8Array(body) }),
      ...(type && { headers: { "content-type": type } }),
      signal,
    }).catch((error) => {
      throw away(`${method} ${key}`, reasonOf(error));
    });
    if (answer.ok && (method === "DELETE" || answer.headers.has("etag"))) return answer;
    if (answer.ok) {
      await answer.body?.cancel();
      // Whatever it was that said yes, e.g. the page of a network's gate, it keeps no file.
      throw away(`${method} ${key}`, `${answer.status} without an ETag, as no store answers`);
    }
    const told = await answer.text().catch(() => "");
    const code = /<Code>([\w.]+)</.exec(told)?.[1] ?? "";
    // What is no S3 at all may answer 404 too, e.g. a proxy in front of a store that is down. HEAD has no words.
    if (answer.status === 404 && (code === "NoSuchKey" || method === "HEAD")) return null;
    if (learns(told)) return ask(method, key, sent);
    const words = /<Message>([^<]{0,200})/.exec(told)?.[1] ?? "";
    const reason = [answer.status, code, words].filter(Boolean).join(" ");
    if (method === "PUT" && (answer.status === 507 || NO_ROOM.test(code)))
      throw new AppError("storage_full", {}, { cause: new Error(`${method} ${key}: ${reason}`) });
    throw away(`${method} ${key}`, reason);
  };

  return {
    ask,
    put: async (key: string, body: Uint8Array, type: string): Promise<void> => {
      if (body.length > LARGE) await ask("HEAD", key);
      const signal = AbortSignal.timeout(SMALL_MS + body.length / SLOWEST);
      if (!(await ask("PUT", key, { body, type, signal }))) throw away(`PUT ${key}`, "404");
    },
    get: async (key: string): Promise<Blob | null> => {
      const late = new AbortController();
      const within = (ms: number) => setTimeout(() => late.abort(new DOMException("", "TimeoutError")), ms);
      let timer = within(SMALL_MS);
      try {
        const answer = await ask("GET", key, { signal: late.signal });
        clearTimeout(timer);
        timer = within(SMALL_MS + Number(answer?.headers.get("content-length") ?? 0) / SLOWEST);
        return (await answer?.blob()) ?? null;
      } catch (error) {
        throw error instanceof AppError ? error : away(`GET ${key}`, reasonOf(error));
      } finally {
        clearTimeout(timer);
      }
    },
    page: async (maxKeys: number, continuationToken?: string): Promise<S3ListObjectsResponse> => {
      const late = Bun.sleep(LIST_MS).then(() => Promise.reject(new DOMException("", "TimeoutError")));
      const page = () => client.list({ maxKeys, ...(continuationToken && { continuationToken }) });
      const asked = page().catch((error: Error) => (learns(error.message) ? page() : Promise.reject(error)));
      return Promise.race([asked, late]).catch((error) => {
        throw away("list", reasonOf(error));
      });
    },
    presign: (key: string, seconds: number, type: string): string =>
      client.presign(key, { method: "GET", expiresIn: seconds, type, contentDisposition: "inline" }),
  };
}

/** The time that a small call has, or a few of them together. */
export const small = (): AbortSignal => AbortSignal.timeout(SMALL_MS);

const away = (what: string, reason: string) =>
  new AppError("not_ready", { retry_after: 5 }, { cause: new Error(`${what}: ${reason}`) });

/** Not the error itself, which holds the signed address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return "no answer in time";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
