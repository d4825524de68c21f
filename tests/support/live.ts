import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layDatabase } from "./embedded.ts";

export const SUPERUSER = { username: "admin@example.com", password: "live-tests-password" };

const READY_MS = 60_000;
/** What main.ts takes at most to stop, and a little. */
const STOP_MS = 12_000;

type Options = {
  /** Settings beside a free port, temporary folders and the superuser above; an empty one takes the setting away. */
  env?: Record<string, string>;
  script?: string;
};

export type LiveServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  readonly uploadDir: string;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, once there is one. */
  readonly exited: Promise<number>;
  /** Ends the process, kindly and then not, and removes the folders made for it (not those given in `env`). */
  stop(): Promise<number>;
};

/** The real server as a process of its own, ready by the time it is given. */
export async function startServer({ env = {}, script = "src/main.ts" }: Options = {}): Promise<LiveServer> {
  const folder = await mkdtemp(join(tmpdir(), "oquv-live-"));
  const settings: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    HOST: "127.0.0.1",
    PORT: String(freePort()),
    DATA_DIR: join(folder, "data"),
    UPLOAD_DIR: join(folder, "uploads"),
    FIRST_SUPERUSER: SUPERUSER.username,
    FIRST_SUPERUSER_PASSWORD: SUPERUSER.password,
    ...env,
  };
  if (!settings.DATABASE_URL && !("DATA_DIR" in env)) await layDatabase(join(folder, "data"));
  const child = Bun.spawn([process.execPath, "--env-file=/dev/null", script], {
    cwd: join(import.meta.dir, "../.."),
    env: settings,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let written = "";
  const gather = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) written += decoder.decode(chunk, { stream: true });
  };
  const gathered = Promise.all([gather(child.stdout), gather(child.stderr)]);

  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    const code = await child.exited;
    clearTimeout(late);
    // A grandchild that outlives the server may hold the pipes open.
    await Promise.race([gathered, Bun.sleep(500)]);
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  const url = `http://${settings.HOST}:${settings.PORT}`;
  const failed = await untilHealthy(url, child);
  if (failed) {
    await stop();
    throw new Error(`${script} ${failed}:\n${written}`);
  }
  return {
    url,
    port: Number(settings.PORT),
    pid: child.pid,
    dataDir: settings.DATA_DIR ?? "",
    uploadDir: settings.UPLOAD_DIR ?? "",
    output: () => written,
    kill: (signal) => child.kill(signal),
    exited: child.exited,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** Null once the server answers; else why it never will. */
async function untilHealthy(url: string, child: Bun.Subprocess): Promise<string | null> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null)
      return `ended with ${child.exitCode ?? child.signalCode} before it answered`;
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    if (answer?.status === 200) return null;
    await Bun.sleep(50);
  }
  return `did not answer within ${READY_MS / 1000} s`;
}

/** What is down by `/ready` once it answers so; its last look is remembered for a second. */
export async function readyAs(url: string, status: 200 | 503, withinMs = 10_000): Promise<string[]> {
  for (const until = Date.now() + withinMs; Date.now() < until; await Bun.sleep(100)) {
    const answer = await fetch(`${url}/ready`);
    const { down } = (await answer.json()) as { down: string[] };
    if (answer.status === status) return down;
  }
  throw new Error(`${url}/ready did not answer ${status} within ${withinMs} ms`);
}

const given = new Set<number>();

/**
 * A port that nothing listens on, never the same twice. Below those that the system gives to whoever connects somewhere,
 * or it could be taken between the look and the start.
 */
export function freePort(): number {
  for (let tries = 0; tries < 1000; tries++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port)) continue;
    try {
      Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response() }).stop(true);
      given.add(port);
      return port;
    } catch {
      // Taken: another one.
    }
  }
  throw new Error("no port is free");
}

type LiveAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** What came as JSON, parsed; else the text. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read any part of any answer
  readonly body: any;
};

export type Api = {
  readonly url: string;
  readonly token: string | null;
  /** The same API, signed in. */
  login(username?: string, password?: string): Promise<Api>;
  send(method: string, path: string, init?: RequestInit): Promise<LiveAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<LiveAnswer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<LiveAnswer>;
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<LiveAnswer>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<LiveAnswer>;
  delete(path: string, headers?: Record<string, string>): Promise<LiveAnswer>;
  /** A multipart form. */
  form(path: string, fields: Record<string, string | Blob>, headers?: Record<string, string>): Promise<LiveAnswer>;
};

/** Calls of a running server; paths are whole, like `/api/v1/users/me`. */
export function api(url: string, token: string | null = null): Api {
  const send: Api["send"] = async (method, path, init = {}) => {
    const headers = new Headers(init.headers);
    if (token && !headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
    const answer = await fetch(`${url}${path}`, { redirect: "manual", ...init, method, headers });
    const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: isJson && text ? JSON.parse(text) : text };
  };
  const withJson =
    (method: string) =>
    (path: string, body?: unknown, headers: Record<string, string> = {}) =>
      body === undefined
        ? send(method, path, { headers })
        : send(method, path, {
            headers: { "content-type": "application/json", ...headers },
            body: JSON.stringify(body),
          });
  return {
    url,
    token,
    send,
    login: async (username = SUPERUSER.username, password = SUPERUSER.password) => {
      const { status, body } = await send("POST", "/api/v1/login/access-token", {
        body: new URLSearchParams({ username, password }),
      });
      if (status !== 200) throw new Error(`${username} cannot sign in: ${status} ${JSON.stringify(body)}`);
      return api(url, body.access_token);
    },
    get: (path, headers = {}) => send("GET", path, { headers }),
    delete: (path, headers = {}) => send("DELETE", path, { headers }),
    post: withJson("POST"),
    put: withJson("PUT"),
    patch: withJson("PATCH"),
    form: (path, fields, headers = {}) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      return send("POST", path, { headers, body });
    },
  };
}
