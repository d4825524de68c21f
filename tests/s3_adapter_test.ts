import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { s3Files } from "../src/adapters/files/s3.ts";
import { AppError } from "../src/domain/errors.ts";

// How a store of any make refuses, hangs and breaks off, played by a stand-in on this machine. What a real one does when
// all is well is in tests/system/s3_test.ts.

const SECRET = "a-secret-of-the-store";
const KEY = "homework/audio/a.wav";
const RETRY = { code: "not_ready", params: { retry_after: 5 } };

type Answer = (request: Request) => Response | Promise<Response>;
let answer: Answer;
let asked: string[] = [];
const store = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  fetch: async (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    await request.arrayBuffer();
    return answer(request);
  },
});
afterAll(() => store.stop(true));
beforeEach(() => {
  asked = [];
});

const at = (endpoint: string) => s3Files({ endpoint, bucket: "school", accessKeyId: "an-id", secretAccessKey: SECRET });
const files = at(store.url.href);

const says = (status: number, code: string, words = "in words"): Answer => {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${words}</Message></Error>`;
  return ({ method }) => new Response(method === "HEAD" ? null : body, { status });
};

const CALLS: Record<string, () => Promise<unknown>> = {
  put: () => files.put(KEY, new Uint8Array([1])),
  get: () => files.get(KEY),
  has: () => files.has(KEY),
  list: () => files.list(),
  remove: () => files.remove(KEY),
};

const failureOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    (value) => Promise.reject(new Error(`it gave ${value}`)),
    (error) => error,
  );

describe("a store without room", () => {
  test.each([
    [507, "InsufficientStorage"],
    [507, "XMinioStorageFull"],
    [507, ""],
    [403, "QuotaExceeded"],
    [400, "XMinioAdminBucketQuotaExceeded"],
  ])("that says %d %s refuses with storage_full", async (status, code) => {
    answer = says(status, code);
    expect(await failureOf(files.put(KEY, new Uint8Array([1])))).toMatchObject({ code: "storage_full" });
    expect(await failureOf(files.get(KEY))).toMatchObject(RETRY);
  });
});

describe("a store that is away", () => {
  test.each<[string, Answer]>([
    ["500", says(500, "InternalError")],
    ["503", says(503, "SlowDown")],
    ["a wrong key", says(403, "SignatureDoesNotMatch")],
    ["a refusal of what is asked", says(400, "InvalidRequest")],
    ["another address", () => new Response(null, { status: 307, headers: { location: "https://elsewhere.example/" } })],
    ["a gateway's page", () => new Response("<html>Bad gateway</html>", { status: 502 })],
  ])("by %s is worth another try, whatever was asked of it", async (_, refusal) => {
    answer = refusal;
    for (const [name, call] of Object.entries(CALLS)) expect(await failureOf(call()), name).toMatchObject(RETRY);
  });

  test.each([
    ["a bucket that is not there", says(404, "NoSuchBucket")],
    ["a proxy that knows no such place", () => new Response("404 page not found", { status: 404 })],
  ] as const)("by %s does not pass for a file that is gone", async (_, refusal) => {
    answer = refusal;
    for (const name of ["put", "get", "list", "remove"])
      expect(await failureOf(CALLS[name]?.() ?? Promise.resolve()), name).toMatchObject(RETRY);
  });

  test("is what says yes to everything without being one", async () => {
    answer = () => new Response("<html>Welcome to our network</html>");
    for (const name of ["put", "get", "has", "list"])
      expect(await failureOf(CALLS[name]?.() ?? Promise.resolve()), name).toMatchObject(RETRY);
    expect((await failureOf(files.check())).message).toContain("ETag");
  });

  test("is one that nobody listens for", async () => {
    const nobody = at("http://127.0.0.1:1");
    for (const call of [nobody.put(KEY, new Uint8Array([1])), nobody.get(KEY), nobody.has(KEY), nobody.list()])
      expect(await failureOf(call)).toMatchObject(RETRY);
  });

  test("is one that never answers: each call ends within 4 s, a large one too", async () => {
    answer = () => new Promise(() => {});
    const start = performance.now();
    const { list: _, ...quick } = CALLS;
    const large = () => files.put(KEY, new Uint8Array(25 * 1024 * 1024));
    const failures = await Promise.all([...Object.values(quick), large].map((call) => failureOf(call())));
    for (const failure of failures) expect(failure).toMatchObject(RETRY);
    expect((await failureOf(files.check())).message).toContain("no answer in time");
    expect(performance.now() - start).toBeLessThan(2 * 4000);
    // The large one was not even begun.
    expect(asked.filter((line) => line.startsWith("PUT /school/homework"))).toHaveLength(1);
  }, 15_000);

  test("is one that breaks off in the middle of a file", async () => {
    const half = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data: (socket) => {
          socket.write('HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 1000\r\n\r\nbeginning');
          socket.end();
        },
      },
    });
    expect(await failureOf(at(`http://127.0.0.1:${half.port}`).get(KEY))).toMatchObject(RETRY);
    half.stop(true);
  });
});

test("a file that is gone is no failure", async () => {
  answer = says(404, "NoSuchKey");
  expect(await files.get(KEY)).toBeNull();
  expect(await files.has(KEY)).toBe(false);
  expect(await files.remove(KEY)).toBeUndefined();
});

test("a store of another region is signed for as it says, from its first refusal on", async () => {
  const isOurs: Answer = ({ url }) =>
    url.includes("%2Feu-far-1%2F")
      ? new Response(null, { headers: { etag: '"1"' } })
      : new Response(
          "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region &#39;us-east-1&#39; is wrong; expecting &#39;eu-far-1&#39;</Message></Error>",
          { status: 400 },
        );
  answer = isOurs;
  const far = at(store.url.href);
  await far.check();
  expect(asked.map((line) => line.split(" ")[0])).toEqual(["PUT", "PUT", "DELETE"]);
  expect(far.address(KEY, { seconds: 60, mime: "audio/wav" })).toContain("%2Feu-far-1%2F");
});

test("nothing that is told or logged holds a secret or a signed address", async () => {
  answer = ({ url, method }) =>
    new Response(method === "HEAD" ? null : `<Error><Code>X</Code><StringToSign>${url}</StringToSign></Error>`, {
      status: 403,
    });
  const failures = await Promise.all(Object.values(CALLS).map((call) => failureOf(call())));
  failures.push(await failureOf(files.check()));
  failures.push(await failureOf(at("http://127.0.0.1:1").put(KEY, new Uint8Array([1]))));
  for (const failure of failures) {
    const told = `${Bun.inspect(failure)} ${failure instanceof AppError ? Bun.inspect(failure.cause) : ""}`;
    expect(told).not.toContain(SECRET);
    expect(told).not.toMatch(/Signature|Credential/);
  }
  expect(failures.at(-2)?.message).toMatch(/^PUT \.check: 403 X$/);
});
