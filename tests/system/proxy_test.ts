import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classroom } from "../support/classroom.ts";
import { type NameServer, nameServer } from "../support/dns.ts";
import { api, freePort, type LiveServer, startServer } from "../support/live.ts";
import { type RunningProxy, startProxy } from "../support/nginx.ts";
import { startPostgres } from "../support/postgres.ts";
import { figure } from "../support/prove.ts";

// docs/deploy/nginx.conf in a real nginx, before two servers on one Postgres. The servers have addresses of their own on
// this machine's loopback, as containers have, and a name server that tells them.

const port = freePort();
const [FIRST, SECOND, REPLACED, BROKEN] = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
const MB = 1024 * 1024;

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let names: NameServer;
let proxy: RunningProxy;
let uploads = "";
const servers: LiveServer[] = [];

async function serve(host: string): Promise<LiveServer> {
  const server = await startServer({
    env: {
      HOST: host,
      PORT: String(port),
      DATABASE_URL: postgres.url,
      UPLOAD_DIR: uploads,
      SECRET_KEY: "a secret that both of the servers know",
      TRUST_PROXY: "1",
      DISABLE_WHISPER: "1",
    },
  });
  servers.push(server);
  return server;
}

beforeAll(async () => {
  postgres = await startPostgres();
  uploads = await mkdtemp(join(tmpdir(), "proxy-uploads-"));
  await serve(FIRST);
  await serve(SECOND);
  names = await nameServer("api");
  names.set([FIRST, SECOND]);
  proxy = await startProxy({ port, nameServer: names.port });
  await through(FIRST);
  await through(SECOND);
}, 180_000);

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  names?.[Symbol.dispose]();
  await Promise.all(servers.map((server) => server.stop()));
  await postgres?.[Symbol.asyncDispose]();
  if (uploads) await rm(uploads, { recursive: true, force: true });
});

/** Calls until that address has answered one; what did not succeed meanwhile, and how long it took. */
async function through(address: string): Promise<{ failed: number[]; ms: number }> {
  const begun = performance.now();
  const before = (await proxy.log()).text.length;
  const failed: number[] = [];
  while (performance.now() - begun < 30_000) {
    const { status } = await fetch(`${proxy.url}/api/v1/openapi.json`);
    if (status !== 200) failed.push(status);
    const fresh = (await proxy.log()).text.slice(before);
    if (new RegExp(`"upstream":"[^"]*${address}:\\d+","upstream_status":"[^"]*200"`).test(fresh))
      return { failed, ms: performance.now() - begun };
    await Bun.sleep(20);
  }
  throw new Error(`${address} answered nothing: ${proxy.errors()}`);
}

test("calls go to both, packed, and with no word of the proxy's version", async () => {
  const { headers } = await fetch(`${proxy.url}/api/v1/openapi.json`, {
    headers: { "accept-encoding": "gzip" },
    decompress: false,
  } as RequestInit);
  expect(headers.get("content-encoding")).toBe("gzip");
  expect(headers.get("server")).toBe("nginx");
  const signedIn = await api(proxy.url).login();
  for (let i = 0; i < 6; i++) expect((await signedIn.get("/api/v1/users/me")).status).toBe(200);
  const { calls } = await proxy.log();
  const asked = calls.filter(({ path }) => path === "/api/v1/users/me").map(({ upstream }) => upstream);
  expect(new Set(asked)).toEqual(new Set([`${FIRST}:${port}`, `${SECOND}:${port}`]));
});

/** Two channels, 48 000 samples each a second: a large recording need not be a long one. */
function recording(bytes: number): File {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(bytes - 8, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(48_000, 24);
  head.writeUInt32LE(192_000, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(bytes - 44, 40);
  const samples = Int16Array.from({ length: (bytes - 44) / 2 }, (_, i) => 8000 * Math.sin(i / 40));
  return new File([head, samples], "long.wav");
}

test("a recording just under the limit passes; the server refuses one above, the proxy one far above", async () => {
  const room = await classroom(proxy, { kind: "oral" });
  const handIn = (bytes: number) =>
    room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, { audio_file: recording(bytes) });
  expect(await handIn(24 * MB)).toMatchObject({ status: 202 });
  const ours = await handIn(25 * MB + 512 * 1024);
  expect(ours).toMatchObject({ status: 413, body: { code: "too_large", max_mb: 25 } });
  const theirs = await handIn(27 * MB);
  expect(theirs).toMatchObject({ status: 413, body: { code: "too_large", status: 413 } });
  expect(theirs.headers.get("content-type")).toBe("application/problem+json");
}, 60_000);

/** A sign-up from an address of this machine, with a forged one; only the refusals matter. */
const signUp = (localAddress: string, forged: string) =>
  new Promise<number>((resolve, reject) => {
    const headers = { "content-type": "application/json", "x-forwarded-for": forged };
    const call = request(`${proxy.url}/api/v1/users/signup`, { method: "POST", localAddress, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end("{}");
  });

test("a forged X-Forwarded-For does not change whose limit counts", async () => {
  const seen: number[] = [];
  // Ten a minute on each of two servers that do not know of each other.
  for (let i = 0; i < 24; i++) seen.push(await signUp("127.0.0.1", `203.0.113.${i}`));
  expect(seen[0]).toBe(422);
  expect(seen.slice(20)).toEqual([429, 429, 429, 429]);
  expect(await signUp("127.0.0.9", "127.0.0.1")).toBe(422);
});

test("an event stream comes through as it is written, and its ticket is in no log", async () => {
  const who = await api(proxy.url).login();
  const { body } = await who.post("/api/v1/login/stream-ticket");
  const begun = performance.now();
  const stream = await fetch(`${proxy.url}/api/v1/notifications/stream?ticket=${body.ticket}`);
  expect(stream.status).toBe(200);
  const reader = stream.body?.getReader();
  const first = await reader?.read();
  const ms = performance.now() - begun;
  expect(new TextDecoder().decode(first?.value)).toStartWith("retry: ");
  let rest = "";
  while (!rest.includes(": ping")) rest += new TextDecoder().decode((await reader?.read())?.value);
  await reader?.cancel();
  figure("first bytes of an event stream through the proxy", `${Math.round(ms)} ms`, "under 1000 ms");
  expect(ms).toBeLessThan(1000);
  // The line is written when the stream ends.
  let text = "";
  for (let i = 0; i < 100 && !text.includes("notifications/stream"); i++) {
    await Bun.sleep(50);
    text = (await proxy.log()).text;
  }
  expect(text).toContain('"path":"/api/v1/notifications/stream"');
  expect(text).not.toContain("ticket=");
  expect(text).not.toContain(body.ticket);
}, 30_000);

test("a call that may have been carried out is never sent again; one that only reads is", async () => {
  const heard: string[] = [];
  // Takes the call and dies.
  const broken = Bun.listen({
    hostname: BROKEN ?? "",
    port,
    socket: {
      data: (socket, bytes) => {
        heard.push(bytes.toString());
        socket.end();
      },
    },
  });
  try {
    names.set([FIRST ?? "", BROKEN ?? ""]);
    for (const end = Date.now() + 15_000; heard.length === 0 && Date.now() < end; await Bun.sleep(50))
      expect((await fetch(`${proxy.url}/version?secret=1`, { headers: { "x-forwarded-for": "forged" } })).status).toBe(
        200,
      );
    expect(heard[0]).toMatch(/^GET \/version/);
    expect(heard[0]).toContain(`\r\nHost: ${new URL(proxy.url).host}\r\n`);
    expect(heard[0]).toContain("\r\nX-Forwarded-For: forged, 127.0.0.1\r\n");
    heard.length = 0;
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const answer = await fetch(`${proxy.url}/api/v1/users/login-nowhere`, { method: "POST" });
      statuses.push(answer.status);
      if (answer.status !== 503) continue;
      expect(answer.headers.get("retry-after")).toBe("2");
      expect(await answer.json()).toMatchObject({ code: "not_ready", status: 503 });
    }
    const posts = heard.filter((call) => call.startsWith("POST")).length;
    expect(posts).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 503)).toHaveLength(posts);
    expect(statuses.filter((status) => status === 404)).toHaveLength(8 - posts);
  } finally {
    broken.stop(true);
    names.set([FIRST ?? "", SECOND ?? ""]);
  }
  await through(SECOND ?? "");
  const { text } = await proxy.log();
  expect(text + proxy.errors()).not.toContain("secret=1");
}, 60_000);

test("a server that is killed is not missed, and the one in its place is used", async () => {
  const second = servers[1];
  second?.kill("SIGKILL");
  await second?.exited;
  const slow: number[] = [];
  for (let i = 0; i < 60; i++) {
    const begun = performance.now();
    expect((await fetch(`${proxy.url}/api/v1/openapi.json`)).status).toBe(200);
    slow.push(performance.now() - begun);
  }
  figure(
    "slowest of 60 reads after one of two servers was killed",
    `${Math.round(Math.max(...slow))} ms`,
    "all answered",
  );
  const { calls } = await proxy.log();
  expect(calls.map(({ upstream }) => upstream)).toContain(`${SECOND}:${port}, ${FIRST}:${port}`);
  // It has another address, and is told of before it is ready.
  names.set([FIRST ?? "", REPLACED ?? ""]);
  const [, { failed, ms }] = await Promise.all([serve(REPLACED ?? ""), through(REPLACED ?? "")]);
  expect(failed).toEqual([]);
  figure("from a server's start at a new address to its first call", `${(ms / 1000).toFixed(1)} s`, "under 30 s");
}, 90_000);

test("no query is in the log at all", async () => {
  const { text, calls } = await proxy.log();
  expect(calls.length).toBeGreaterThan(50);
  expect(text).not.toMatch(/\?\w/);
});
