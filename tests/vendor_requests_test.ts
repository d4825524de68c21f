import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { fakeLanguageModel } from "../src/adapters/ai/fake_model.ts";
import { thinkingOf } from "../src/adapters/ai/gemini.ts";
import { isStrict, schemaOf } from "../src/adapters/ai/shape.ts";
import { readConfig } from "../src/config.ts";
import { chooseLanguageModel, chooseSpeechToText } from "../src/vendors.ts";
import { Grade, gemini, kept, ollama, openAi, PROMPT, spoken, useVendors, VENDORS, whole } from "./support/vendors.ts";

// Which vendor the settings choose, and what it is asked.

useVendors();

describe("by the settings", () => {
  const set = (env: Record<string, string>) => readConfig(env);

  test("Gemini without a key, and OpenAI itself without one, are not there", () => {
    for (const name of ["gemini", "openai"]) {
      const config = set({ LLM_PROVIDER: name, STT_PROVIDER: name });
      expect(chooseLanguageModel(config)).toBeNull();
      expect(chooseSpeechToText(config)).toBeNull();
    }
  });

  test("GOOGLE_API_KEY comes before AI_API_KEY, which does as well", async () => {
    const base = { STT_PROVIDER: "gemini", GEMINI_BASE_URL: gemini.url, GEMINI_MODEL: "gemini-2.5-pro" };
    for (const keys of [{ GOOGLE_API_KEY: ` ${gemini.key}`, AI_API_KEY: "another" }, { AI_API_KEY: gemini.key }]) {
      const config = set({ ...base, ...keys });
      const [model, ears] = [chooseLanguageModel(config), chooseSpeechToText(config)];
      expect(model?.engine).toBe("gemini gemini-2.5-pro");
      expect(model && (await whole(kept(model)))).toContain("past tense");
      expect(ears && (await kept(ears).transcribe(spoken)).text).not.toBe("");
    }
  });

  test("a server of one's own wants no key", async () => {
    const env = {
      LLM_PROVIDER: "openai",
      OPENAI_BASE_URL: `${ollama.url}/`,
      OPENAI_MODEL: "llama3.2",
      STT_PROVIDER: "openai",
    };
    const model = chooseLanguageModel(set(env));
    expect(model?.engine).toBe("openai llama3.2");
    expect(model && (await whole(kept(model)))).toContain("past tense");
    expect(ollama.calls.at(-1)?.body).toMatchObject({ model: "llama3.2", max_tokens: 100 });
    expect(chooseSpeechToText(set(env))?.engine).toBe("openai whisper-1");
  });

  test("Google's client is loaded with the first call, not with the server", () => {
    const loads =
      'import "./src/vendors.ts"; console.log(Object.keys(require.cache).filter((f) => f.includes("@google")).length);';
    const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", loads]);
    expect(`${stdout}${stderr}`.trim()).toBe("0");
  });
});

describe("gemini is asked", () => {
  test("with our instructions apart from what learners write, and with its guard for minors", async () => {
    await whole(VENDORS.gemini?.model() ?? fakeLanguageModel(), {
      ...PROMPT,
      messages: [{ role: "assistant", text: "Hi" }, ...PROMPT.messages],
    });
    const call = gemini.calls.at(-1);
    expect(call).toMatchObject({
      instructions: PROMPT.instructions,
      messages: [{ role: "assistant" }, { role: "user" }],
    });
    expect(call?.body).toMatchObject({
      safetySettings: [
        { category: "HARM_CATEGORY_SEXUALLY_EXPLICIT", threshold: "BLOCK_LOW_AND_ABOVE" },
        { threshold: "BLOCK_MEDIUM_AND_ABOVE" },
        { threshold: "BLOCK_MEDIUM_AND_ABOVE" },
        { threshold: "BLOCK_MEDIUM_AND_ABOVE" },
      ],
      generationConfig: { maxOutputTokens: 100, thinkingConfig: { thinkingBudget: 0 } },
    });
  });

  test("for no thoughts, or for as few as the model can do with and room for them", () => {
    expect(thinkingOf("gemini-2.5-flash-lite")).toEqual({ thinkingConfig: { thinkingBudget: 0 }, thoughts: 0 });
    expect(thinkingOf("gemini-2.5-pro").thoughts).toBe(128);
    expect(thinkingOf("gemini-3.8-flash").thoughts).toBeGreaterThan(0);
    expect(thinkingOf("gemini-2.0-flash")).toEqual({ thoughts: 0 });
  });
});

describe("a shape is told", () => {
  const Shape = z.object({
    kind: z.literal("essay"),
    score: z.number().int().min(0).max(9),
    words: z.array(z.string().min(1).max(50)).max(3).describe("what it rests on"),
    // A property may be called as a keyword is.
    pattern: z.string().nullable(),
  });

  test("in what vendors understand", () => {
    expect(schemaOf(Shape)).toEqual({
      type: "object",
      properties: {
        kind: { type: "string", enum: ["essay"] },
        score: { type: "integer", minimum: 0, maximum: 9 },
        words: { type: "array", items: { type: "string" }, maxItems: 3, description: "what it rests on" },
        pattern: { type: ["string", "null"] },
      },
      required: ["kind", "score", "words", "pattern"],
      additionalProperties: false,
    });
    expect(isStrict(schemaOf(Shape))).toBe(true);
    expect(isStrict(schemaOf(z.object({ more: z.object({ note: z.string().optional() }) })))).toBe(false);
  });

  test("in the instructions, where a server takes no schema, from its first refusal on", async () => {
    const model = VENDORS.ollama?.model() ?? fakeLanguageModel();
    const before = ollama.calls.length;
    await model.answer(PROMPT, Grade);
    expect(ollama.calls.length).toBe(before + 2);
    await model.answer(PROMPT, Grade);
    expect(ollama.calls.length).toBe(before + 3);
    expect(ollama.calls.at(-1)?.instructions).toContain('"maximum":100');
    expect(ollama.calls.at(-1)?.headers.has("authorization")).toBe(false);
  });

  test("and is read out of a fence", async () => {
    openAi.values = () => '```json\n{"score": 7, "comment": "Good"}\n```';
    const { value } = (await VENDORS.openai?.model().answer(PROMPT, Grade)) ?? {};
    expect(value).toEqual({ score: 7, comment: "Good" });
  });
});
