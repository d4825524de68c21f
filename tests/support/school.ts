import { expect } from "bun:test";
import { memoryPorts } from "../../src/adapters/memory/mod.ts";
import { ensureAvatars } from "../../src/application/avatars.ts";
import { checksOf, type Provided } from "../../src/application/health.ts";
import { jobHandler, relay } from "../../src/application/outbox.ts";
import { ensurePhrases } from "../../src/application/phrases.ts";
import type { Ports } from "../../src/application/ports/mod.ts";
import type { Role } from "../../src/domain/access.ts";
import type { Homework } from "../../src/domain/homework.ts";
import { createApp } from "../../src/http/app.ts";
import type { Server, Site } from "../../src/http/env.ts";

export const ADMIN = 1;
export const TEACHER = 2;
export const OTHER_TEACHER = 3;
export const LEARNER = 4;
export const OTHER_LEARNER = 5;
export const STRANGER = 6;

const PEOPLE: Record<number, Role> = {
  [ADMIN]: "superadmin",
  [TEACHER]: "teacher",
  [OTHER_TEACHER]: "teacher",
  [LEARNER]: "user",
  [OTHER_LEARNER]: "user",
  [STRANGER]: "user",
};

const SITE: Site = {
  version: "1.0.0",
  publicUrl: "",
  uploadsPublic: false,
  maxUploadMb: 1,
  openRegistration: true,
  corsOrigins: ["https://school.example"],
  trustedProxies: 0,
  rateMultiplier: 1,
  state: [],
};

const PROVIDED: Provided = {
  database: { state: "ok", note: "embedded" },
  queue: { state: "local", note: "in_process" },
  cache: { state: "local", note: "in_process" },
  llm: { state: "fake", note: "made_up" },
  stt: { state: "fake", note: "made_up" },
  tts: { state: "fake", note: "made_up" },
  pronunciation: { state: "fake", note: "made_up" },
  storage: { state: "ok", note: "disk" },
};

/** The bearer of the school's scraper. */
export const METRICS_TOKEN = "a scraper's bearer".replaceAll(" ", "-");

const at = "2026-01-01T00:00:00.000Z";

export const homeworkDraft: Omit<Homework, "id"> = {
  title: "Essay 1",
  description: "Write about your day.",
  course_id: 1,
  lesson_id: null,
  kind: "mixed",
  reference_text: null,
  language: "en",
  due_at: null,
  max_score: 100,
  rubric: null,
  max_attempts: null,
  allow_late: true,
  late_penalty_percent: 0,
  published: true,
  auto_release: true,
  version: 1,
  created_at: at,
  updated_at: at,
};

type Override = Partial<Ports> & { site?: Partial<Site> };

/** A course of one teacher with two learners and one homework; everyone is signed in, in the session of their own number. */
export async function school({ site, ...override }: Override = {}) {
  const ports = memoryPorts(override);
  const stamp = { created_at: at, updated_at: at };
  for (const [id, role] of Object.entries(PEOPLE)) {
    const person = { full_name: `Person ${id}`, role, is_active: true, language: "uz", level: null, avatar_id: null };
    await ports.users.add({
      ...person,
      email: `${id}@example.com`,
      password_hash: `plain password of ${id}`,
      ...stamp,
    });
    await ports.sessions.add({ user_id: Number(id), created_at: at, revoked_at: null });
  }
  const course = { title: "English", description: "", level: "A1", language: "en" } as const;
  await ports.courses.add({ ...course, teacher_id: TEACHER, ...stamp });
  await ports.courses.add({ ...course, title: "Another", teacher_id: OTHER_TEACHER, ...stamp });
  await ports.lessons.add({ course_id: 1, title: "Lesson", content: "", position: 1, ...stamp });
  for (const user_id of [LEARNER, OTHER_LEARNER]) await ports.enrolments.add({ course_id: 1, user_id, created_at: at });
  await ports.homeworks.add(homeworkDraft);
  await ensureAvatars(ports)();
  await ensurePhrases(ports)();
  const server = {
    ...ports,
    site: { ...SITE, ...site },
    relay: relay(ports),
    queueBoard: null,
    stopping: new AbortController().signal,
    checks: checksOf(ports),
    provided: PROVIDED,
    sources: [],
    knowsScraper: (bearer: string) => bearer === METRICS_TOKEN,
  };
  server.queue.work(jobHandler(server));
  return { ...server, app: createApp(server) };
}

export type School = Awaited<ReturnType<typeof school>>;

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any part of any answer
  body: any;
};

/** Sends one request as a user, or as nobody; a refusal must be one that the route documents. */
export async function call(
  { app }: { app: ReturnType<typeof createApp> },
  path: string,
  as?: number,
  init: RequestInit = {},
): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (as && !headers.has("authorization")) headers.set("authorization", `Bearer ${as}.${as}`);
  const reply = await app.request(path, { ...init, headers });
  const isJson = reply.headers.get("content-type")?.includes("json");
  const body = isJson ? await reply.json() : {};
  if (isJson && reply.status >= 400) await checkDocumented(app, init.method ?? "GET", path, body.code);
  return { status: reply.status, headers: reply.headers, body };
}

type Documented = { paths: Record<string, Record<string, { "x-errors"?: string[] }>> };
let documented: Documented | undefined;

async function checkDocumented(app: ReturnType<typeof createApp>, method: string, path: string, code: string) {
  documented ??= (await (await app.request("/api/v1/openapi.json")).json()) as Documented;
  const bare = path.replace(/\?.*$/, "").replace(/\/$/, "");
  // A literal path comes before one with a parameter.
  const found = Object.entries(documented.paths)
    .filter(([template]) => new RegExp(`^${template.replace(/\/$/, "").replace(/\{\w+_id\}/g, "[0-9]+")}$`).test(bare))
    .sort(([a], [b]) => a.split("{").length - b.split("{").length);
  const operation = found.map(([, methods]) => methods[method.toLowerCase()]).find(Boolean);
  if (operation) expect(operation["x-errors"], `${method} ${path} answers ${code}`).toContain(code);
}

export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

export const put = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  ...post(body, headers),
  method: "PUT",
});

export const patch = (body: unknown): RequestInit => ({ ...post(body), method: "PATCH" });

/** Waits until the background has nothing left to do. */
export async function settled({ queue, jobs }: Pick<Server, "queue" | "jobs">): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const { waiting, active } = await queue.depth();
    if (waiting + active === 0 && (await jobs.count({ state: { in: ["waiting", "queued"] } })) === 0) return;
    await Bun.sleep(2);
  }
  throw new Error("the background never came to rest");
}

/** One second and a half of a tone: a recording that is neither silent nor too short. */
export function tone(seconds = 1.5, amplitude = 0.3): File {
  const rate = 16_000;
  return wav(
    Int16Array.from(
      { length: rate * seconds },
      (_, i) => Math.sin((2 * Math.PI * 220 * i) / rate) * amplitude * 32_767,
    ),
  );
}

/** A recording of samples at 16 kHz. */
export function wav(samples: Int16Array<ArrayBuffer>): File {
  const rate = 16_000;
  const header = new DataView(new ArrayBuffer(44));
  const text = (offset: number, word: string) => {
    for (const [i, letter] of [...word].entries()) header.setUint8(offset + i, letter.charCodeAt(0));
  };
  text(0, "RIFF");
  header.setUint32(4, 36 + samples.byteLength, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, rate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, samples.byteLength, true);
  return new File([header, samples], "answer.wav", { type: "audio/wav" });
}

export function form(fields: Record<string, string | Blob>): RequestInit {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return { method: "POST", body };
}
