import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { localLanguageModel } from "../src/adapters/ai/local.ts";
import { localModel, MACHINE } from "../src/adapters/ai/local_ready.ts";
import { grammarSchema } from "../src/adapters/ai/local_schema.ts";
import { seemingGguf } from "./support/seeming_model.ts";

// What is known of a local model without its package and without a real file.

const folder = mkdtempSync(join(tmpdir(), "local-model-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, bytes: string | Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const stamp = fileOf("stamp", `${MACHINE} 1`);
const model = fileOf("Small-1B.Q4_K_M.gguf", seemingGguf());

describe("whether a language model can run here", () => {
  test("a whole file of a language model can, with the context it was trained for", () => {
    expect(localModel(model, { stamp })).toEqual({
      ok: true,
      model,
      engine: "local Small-1B.Q4_K_M",
      context_tokens: 2048,
    });
  });

  test("a context is never larger than what is worth it", () => {
    expect(localModel(fileOf("long.gguf", seemingGguf({ context: 131_072 })), { stamp })).toMatchObject({
      context_tokens: 4096,
    });
  });

  const whole = seemingGguf();
  test.each([
    ["no file at all", "no-such.gguf", /^\S+no-such.gguf does not exist: set LLM_MODEL/],
    ["another kind of file", fileOf("text.gguf", "hello, I am no model"), /is not a GGUF model: set LLM_MODEL/],
    ["an empty file", fileOf("empty.gguf", ""), /is not a GGUF model/],
    ["a folder", folder, /cannot be read/],
    ["one byte less than all", fileOf("cut.gguf", whole.subarray(0, -1)), /is cut short/],
    ["only its beginning", fileOf("head.gguf", whole.subarray(0, 60)), /is cut short/],
    [
      "counts out of nowhere",
      fileOf("wild.gguf", Buffer.concat([whole.subarray(0, 8), Buffer.alloc(64, 255)])),
      /is not/,
    ],
    ["a model of something else", fileOf("clip.gguf", seemingGguf({ context: null })), /not of a language model/],
    ["a version of another day", fileOf("v9.gguf", seemingGguf({ version: 9 })), /is of GGUF version 9/],
  ])("%s is told in one sentence", (_, file, sentence) => {
    const found = localModel(file, { stamp });
    const detail = found.ok ? "" : found.detail;
    expect(detail).toMatch(sentence);
    expect(detail).not.toContain("\n");
  });

  test.each([
    ["not installed", join(folder, "no-stamp")],
    ["another machine's", fileOf("other", "plan9 mips 1")],
  ])("without its package (%s) the command that installs it is told", (_, stamp) => {
    const detail = "the local model's package is not installed; run: bun scripts/local_model.ts";
    expect(localModel(model, { stamp })).toMatchObject({ why: "no_package", detail });
  });

  test("what is missing is ai_unavailable with the time to come back, told in the log, and not the server's end", async () => {
    const local = localLanguageModel({ model: join(folder, "no-such.gguf") });
    expect(local.engine).toBe("local no-such");
    const prompt = { instructions: "", messages: [{ role: "user" as const, text: "Hello!" }], max_tokens: 10 };
    const cause = { message: expect.stringMatching(/no-such\.gguf does not exist: set LLM_MODEL/) };
    const unavailable = { code: "ai_unavailable", params: { retry_after: 60 }, cause };
    await expect(local.answer(prompt, z.string())).rejects.toMatchObject(unavailable);
    await expect(local.stream(prompt)[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable);
    await local.stop();
  });
});

describe("what a grammar holds of a shape", () => {
  const told = (shape: z.ZodType) => grammarSchema(z.toJSONSchema(shape, { io: "input", unrepresentable: "any" }), 100);

  test("objects, lists, choices and lengths are kept", () => {
    const shape = z.object({
      level: z.enum(["A1", "A2"]),
      note: z.string().min(1).max(80).nullable(),
      mistakes: z.array(z.object({ ok: z.boolean() })).max(5),
    });
    expect(told(shape)).toEqual({
      type: "object",
      properties: {
        level: { enum: ["A1", "A2"] },
        note: { oneOf: [{ type: "string", minLength: 1, maxLength: 80 }, { type: "null" }] },
        mistakes: { type: "array", items: { type: "object", properties: { ok: { type: "boolean" } } }, maxItems: 5 },
      },
    });
  });

  test("a score is a choice of what lies within its bounds", () => {
    expect(told(z.int().min(0).max(100))).toEqual({ enum: Array.from({ length: 101 }, (_, i) => i) });
    expect(told(z.number().min(0).max(9))).toEqual({ enum: Array.from({ length: 19 }, (_, i) => i / 2) });
    expect(told(z.number().gt(0).max(1))).toEqual({ enum: Array.from({ length: 20 }, (_, i) => (i + 1) / 20) });
    expect(told(z.number().min(0).max(1e9))).toEqual({ type: "number" });
    expect(told(z.number().min(0))).toEqual({ type: "number" });
  });

  test("every value of a choice fits the shape that it was made from", () => {
    for (const shape of [z.number().min(-1).max(1), z.int().min(1).max(5), z.number().min(0.5).lt(10)]) {
      const { enum: values } = told(shape) as { enum: number[] };
      expect(values.length).toBeGreaterThan(4);
      for (const value of values) expect(shape.safeParse(value).success).toBe(true);
    }
  });

  test("texts without a longest length share the room that the answer has", () => {
    const shape = z.object({ short: z.string().max(10), one: z.string(), two: z.array(z.string().min(90)) });
    expect(told(shape)).toMatchObject({
      properties: {
        short: { maxLength: 10 },
        one: { maxLength: 66 },
        two: { items: { minLength: 90, maxLength: 90 } },
      },
    });
  });

  test("no text is longer than a grammar can count", () => {
    expect(told(z.string().min(3).max(20_000))).toEqual({ type: "string", minLength: 3, maxLength: 1500 });
    expect(told(z.string().min(4000))).toEqual({ type: "string", minLength: 1500, maxLength: 1500 });
  });

  test("what a grammar does not know is left to the shape", () => {
    expect(told(z.email().max(40))).toEqual({ type: "string", maxLength: 40 });
    expect(told(z.record(z.string(), z.int()))).toMatchObject({
      type: "object",
      additionalProperties: { type: "integer" },
    });
    expect(told(z.literal("yes"))).toEqual({ const: "yes" });
    expect(told(z.string().transform((text) => text.length))).toEqual({ type: "string", maxLength: 100 });
  });
});
