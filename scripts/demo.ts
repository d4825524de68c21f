import { fileURLToPath } from "node:url";
import { setup } from "./setup.ts";

// The platform's main job, played against the running server: a teacher sets a reading, a learner hands in a
// recording, the server listens and grades, the teacher has the last word. What it makes it takes away again.

await setup({ production: true });
const { default: colours } = await import("picocolors");
const { administer } = await import("../src/admin.ts");
const { readConfig } = await import("../src/config.ts");

const CLIP = fileURLToPath(new URL("../tests/test_data/speech/librivox-0930.wav", import.meta.url));
// The reader leaves one word of it out.
const REFERENCE = "He might even have been made truly amiable himself.";

const config = readConfig(process.env);
const base = process.env.LIVE_BASE_URL ?? `http://127.0.0.1:${config.PORT}`;

// biome-ignore lint/suspicious/noExplicitAny: answers are shown, not worked with
type Json = Record<string, any>;
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`;
const say = (text: string) => console.log(`  ${colours.dim(seconds())}  ${text}`);

async function api(token: string | null, method: string, path: string, body?: unknown): Promise<Json> {
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  const headers = {
    "accept-language": "en",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
  };
  const sent = body === undefined ? null : isForm ? body : JSON.stringify(body);
  const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: sent });
  const isJson = answer.headers.get("content-type")?.includes("json");
  const content = isJson ? await answer.json() : await answer.bytes();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${(content as Json).detail ?? ""}`);
  return content;
}

const signIn = async (username: string, password: string): Promise<string> =>
  (await api(null, "POST", "/login/access-token", new URLSearchParams({ username, password }))).access_token;

/** Follows the event stream, telling each state, until the automatic grade is there or the work failed. */
async function follow(token: string, submissionId: number): Promise<void> {
  const answer = await fetch(`${base}/api/v1/homework/submissions/${submissionId}/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const states = [...text.matchAll(/^event: (\w+)\ndata: .*\nid: \d+$/gm)];
    for (const [, state] of states) say(`   ${colours.cyan("●")} ${state}`);
    if (states.length > 0) text = text.slice(text.lastIndexOf("\nid:") + 4);
    if (states.some(([, state]) => state === "auto_graded" || state === "failed")) return;
  }
}

const paint = {
  same: ({ expected }: Json) => colours.green(expected),
  missing: ({ expected }: Json) => colours.red(`[missing: ${expected}]`),
  added: ({ heard }: Json) => colours.yellow(`[added: ${heard}]`),
  replaced: ({ expected, heard }: Json) => colours.yellow(`[${expected} → ${heard}]`),
};

async function play(): Promise<void> {
  const admin = await administer(config, ["token", config.FIRST_SUPERUSER]);
  if (!admin.ok) throw new Error(admin.text);
  const run = crypto.randomUUID().slice(0, 8);
  const people = { teacher: `demo-teacher-${run}@example.com`, learner: `demo-learner-${run}@example.com` };
  const password = `demo ${crypto.randomUUID()}`;
  const made: Json = {};
  try {
    for (const [name, email] of Object.entries(people)) {
      const role = name === "teacher" ? "teacher" : "user";
      made[name] = await api(admin.text, "POST", "/users/", { email, password, role, full_name: `Demo ${name}` });
    }
    const teacher = await signIn(people.teacher, password);
    const learner = await signIn(people.learner, password);
    say("a teacher and a learner sign in");

    made.course = await api(teacher, "POST", "/courses/", { title: "Reading aloud (demo)", level: "B1" });
    const homework = await api(teacher, "POST", "/homework/", {
      title: "Read the sentence aloud",
      description: "Read it slowly and clearly.",
      course_id: made.course.id,
      kind: "oral",
      reference_text: REFERENCE,
    });
    say(`the teacher sets a reading: ${colours.bold(`“${REFERENCE}”`)}`);

    await api(learner, "POST", `/courses/${made.course.id}/enroll`);
    const form = new FormData();
    form.set("audio_file", new File([await Bun.file(CLIP).bytes()], "my reading.wav"));
    const handedIn = await api(learner, "POST", `/homework/${homework.id}/submit-oral`, form);
    say(`the learner hands in a recording: submission ${handedIn.id}`);
    await follow(learner, handedIn.id);
    const graded = await api(learner, "GET", `/homework/submissions/${handedIn.id}`);
    if (graded.status === "failed") throw new Error(graded.error.detail);

    const path = `/homework/submissions/${handedIn.id}`;
    await api(teacher, "POST", `${path}/grade`, { score: 90, feedback: "Yaxshi oʻqidingiz!" });
    await api(teacher, "POST", `/homework/grade/${handedIn.id}`, { grade: 92, feedback: "Yana bir tingladim: 92." });
    const compat = new URLSearchParams({ grade: "95", feedback: "Talaffuzingiz ancha yaxshilandi." });
    const final = await api(teacher, "POST", `/homework/grade/${handedIn.id}`, compat);
    say("the teacher listens and grades: 90, then 92, then 95");

    const history = (await api(learner, "GET", `${path}/history`)) as Json[];
    const notices = (await api(learner, "GET", "/notifications/")) as Json[];
    const played = await (await fetch(new URL(final.audio_url, base))).bytes();
    const downloaded = await api(learner, "GET", `/homework/files/${final.file_id}/download`);
    say(`the learner hears it again: ${played.length} bytes by the signed address, ${downloaded.length} by download`);
    report({ graded, final, history, notices });
  } finally {
    for (const [name, path] of [
      ["learner", "users"],
      ["course", "courses"],
      ["teacher", "users"],
    ] as const)
      if (made[name]) await api(admin.text, "DELETE", `/${path}/${made[name].id}`);
    say("what the demo made is taken away again");
  }
}

function report({
  graded,
  final,
  history,
  notices,
}: Record<"graded" | "final", Json> & Record<"history" | "notices", Json[]>) {
  const title = (text: string) => console.log(`\n  ${colours.bold(text)}`);
  const row = (name: string, text: unknown) => console.log(`    ${colours.dim(name.padEnd(14))}${text}`);
  title("What the server heard");
  row("transcript", graded.transcript);
  const differences: Json[] = graded.analysis.differences ?? [];
  row("word by word", differences.map((part) => paint[part.kind as keyof typeof paint](part)).join(" "));
  title(`The automatic grade: ${graded.auto_score} of 100, confidence ${graded.confidence}`);
  for (const { name, score, max, evidence } of graded.criteria)
    row(name, `${score} of ${max}  ${colours.dim(evidence.join(", "))}`);
  row("feedback", graded.auto_feedback);
  title(`The teacher's grade: ${final.score} of 100`);
  row("feedback", final.feedback);
  title("History");
  for (const { kind, score, created_at } of history) row(created_at.slice(11, 19), `${kind.padEnd(8)} ${score}`);
  title("What the learner was told");
  for (const { text } of notices.toReversed()) row("●", text);
  console.log();
}

try {
  const health = await fetch(`${base}/health`).catch(() => null);
  if (!health?.ok) throw new Error(`no server at ${base}: start it in another terminal with \`bun run start\``);
  console.log(`\n  ${colours.bold("A reading, from the microphone to the teacher's grade")}  ${colours.dim(base)}\n`);
  await play();
} catch (error) {
  console.error(`\n  ${colours.red("the demo stopped:")} ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
process.exit();
