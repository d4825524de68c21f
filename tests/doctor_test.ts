import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../src/config.ts";
import { examine } from "../src/doctor.ts";
import { freePort } from "./support/live.ts";

// What the doctor finds out about the vendor of the language model, by asking a free question.

const KEY = "sk-a-key-of-the-vendor";
const folder = await mkdtemp(join(tmpdir(), "doctor-"));
const places = { DATA_DIR: join(folder, "data"), UPLOAD_DIR: join(folder, "uploads") };
const vendor = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: ({ url, headers }) => {
    const { pathname } = new URL(url);
    const isKnown = headers.get("authorization") === `Bearer ${KEY}` || headers.get("x-goog-api-key") === KEY;
    if (!isKnown) return new Response("no", { status: 401 });
    if (pathname === "/v1/models") return Response.json({ data: [{ id: "llama3.2:latest" }, { id: "gpt-4o" }] });
    if (pathname === "/v1beta/models/gemini-2.5-flash") return Response.json({ name: "models/gemini-2.5-flash" });
    return new Response("none", { status: 404 });
  },
});
afterAll(async () => {
  await vendor.stop(true);
  await rm(folder, { recursive: true });
});

const base = `http://127.0.0.1:${vendor.port}`;
const ollama = { LLM_PROVIDER: "openai", OPENAI_BASE_URL: `${base}/v1`, OPENAI_API_KEY: KEY };
const gemini = { LLM_PROVIDER: "gemini", GEMINI_BASE_URL: base, GOOGLE_API_KEY: KEY };

test.each([
  ["a model that is there", { ...ollama, OPENAI_MODEL: "llama3.2" }, true, "has the model"],
  ["one of another name", { ...ollama, OPENAI_MODEL: "llama9" }, false, "ollama pull llama9"],
  ["a wrong key", { ...ollama, OPENAI_API_KEY: "bad", OPENAI_MODEL: "gpt-4o" }, false, "answers 401"],
  ["Gemini's model", gemini, true, "has the model"],
  ["a model that Gemini has not", { ...gemini, GEMINI_MODEL: "gemini-0" }, false, "answers 404"],
  ["nobody there", { ...ollama, OPENAI_BASE_URL: `http://127.0.0.1:${freePort()}/v1` }, false, "does not answer"],
] as const)("of %s it says so", async (_, env, ok, words) => {
  const findings = await examine(readConfig({ ...places, PORT: String(freePort()), ...env }));
  const found = findings.find(({ name }) => name === "Tutor's vendor");
  expect(found).toMatchObject({ ok });
  expect(found?.note).toContain(words);
  expect(JSON.stringify(findings)).not.toContain(KEY);
});

test("who has chosen none is asked about nobody", async () => {
  const findings = await examine(readConfig({ ...places, PORT: String(freePort()) }));
  expect(findings.map(({ name }) => name)).not.toContain("Tutor's vendor");
});
