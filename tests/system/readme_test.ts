import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type LiveServer, startServer } from "../support/live.ts";
import { openAiStub } from "../support/openai_stub.ts";

// What the documents promise: the README's tour runs as it is printed, and whatever they point at is there.

const ROOT = join(import.meta.dir, "../..");
const readme = await Bun.file(join(ROOT, "README.md")).text();
const ADDRESS = "API=http://localhost:8004/api/v1";
const END = "=== the end of a block";

/** The blocks to be pasted, each with what must be seen after it. */
const blocks = [...readme.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
const SHOWN: readonly string[][] = [
  [],
  ["admin@example.com is superadmin"],
  ["course 1, lesson 1, homework 1"],
  ["Dilnoza Karimova is user 2", "enrolled in course 1", "Read the sentence aloud"],
  ["submission 1", "sent twice, handed in once"],
  ["event: queued", "event: transcribing", "event: grading", "event: auto_graded"],
  [
    "auto_graded, ",
    " points, confidence ",
    "heard: ",
    "replaced: ",
    "accuracy: ",
    "completeness: ",
    "fluency: ",
    "soʻz",
  ],
  ["graded 90", "graded 92", "graded 95"],
  ["auto ", "teacher 90, teacher 92, teacher 95", "avtomatik tekshirildi", "4 unread"],
  ["played: the same bytes", "downloaded: the same bytes"],
  ["user 3", "Malika: Salom!", "tour/answer.mp3 is the answer, spoken"],
  ["event: token", "event: done", "4 messages"],
  ["tour/salom.mp3 is spoken Uzbek", "heard: "],
  [" of 100, ", " words"],
  ["you: ", "Malika: Salom!", "advice: "],
  ["47 28 ", "goes"],
];

const model = openAiStub({ flavour: "ollama" });
let server: LiveServer;
let run: { code: number; shown: string[]; complaints: string };

beforeAll(async () => {
  // Ollama's protocol, without a key.
  model.answers = () => "Salom! Albatta, yordam beraman.";
  model.values = () => ({ reply: "Salom! Yaxshi aytdingiz.", corrections: [], advice: "Har kuni oʻqing." });
  const tutor = {
    LLM_PROVIDER: "openai",
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: "llama3.2",
    TTS_PROVIDER: "espeak",
  };
  server = await startServer({ env: { FIRST_SUPERUSER_PASSWORD: "changethis", DISABLE_WHISPER: "1", ...tutor } });
  const tour = blocks.map((block) => `${block}\necho '${END}'\n`).join("");
  const script = tour.replace(ADDRESS, `API=${server.url}/api/v1`);
  // One shell for all of them, as in the reader's terminal.
  const bash = Bun.spawn(["bash", "-euo", "pipefail", "-c", script], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [out, complaints, code] = await Promise.all([
    new Response(bash.stdout).text(),
    new Response(bash.stderr).text(),
    bash.exited,
  ]);
  run = { code, shown: out.split(`${END}\n`).slice(0, -1), complaints };
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await model.stop();
});

test("the README names the address that the tour is run at", () => {
  expect(blocks[0]).toContain(ADDRESS);
  expect(blocks).toHaveLength(SHOWN.length);
});

test("every block of the tour ends well", () => {
  expect(run.complaints).toBe("");
  expect(run.shown).toHaveLength(blocks.length);
  expect(run.code).toBe(0);
});

test.each(SHOWN.map((words, i) => [i + 1, words] as const))("block %d shows what it is about", (number, words) => {
  for (const word of words) expect(run.shown[number - 1]).toContain(word);
});

test("the start prints what the README shows", () => {
  const sample = /^ {2}Oʻquv platformasi is ready$[\s\S]*?^```$/m.exec(readme)?.[0] ?? "";
  const shown = server
    .output()
    .replaceAll(server.dataDir, "data")
    .replaceAll(server.uploadDir, "uploads")
    .replaceAll(server.url, "http://localhost:8004");
  // What recognises, scores and decodes differs from machine to machine, and the tour has a model.
  const lines = sample
    .split("\n")
    .filter((line) => /^ {2}\S/.test(line) && !/Recognition|Pronunciation|Audio|Tutor|Voices/.test(line));
  expect(lines).toHaveLength(9);
  expect(lines.filter((line) => !shown.includes(line))).toEqual([]);
});

const documents = ["*.md", "docs/*.md", "models/*.md"]
  .flatMap((pattern) => [...new Bun.Glob(pattern).scanSync(ROOT)])
  .sort();

test("the documents were found", () => {
  expect(documents).toContain("README.md");
  expect(documents).toContain("docs/architecture.md");
});

test.each(documents)("%s points at nothing that is not there", async (document) => {
  const text = await Bun.file(join(ROOT, document)).text();
  const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, to = ""]) =>
    join(dirname(document), to),
  );
  // Patterns and what a command makes are no places.
  const places = [...text.matchAll(/`((?:src|scripts|tests|docs|migrations|static|\.ci)\/[\w./-]+)`/g)];
  const wanted = [...new Set([...links, ...places.map(([, place = ""]) => place)])];
  expect(wanted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
