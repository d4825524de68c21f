import { afterAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import type { LanguageModel, Prompt } from "../../src/application/ports/language_model.ts";
import { until } from "../support/processes.ts";

/** What the other side of a model saw: a stand-in for a vendor, or the child that runs it. */
export type Behind = {
  /** Makes what comes next come slowly, so that there is something to end. */
  readonly slow: () => void;
  readonly fast: () => void;
  /** Answers being made at this moment. */
  readonly underWay: () => number;
  /** What the last call asked for. */
  readonly maxTokens: () => number | undefined;
};

const Grade = z.object({ score: z.number().int().min(0).max(100), comment: z.string(), is_fair: z.boolean() });

/**
 * What every LanguageModel adapter must do. A slow one may take up to a minute for a test; `behind` is left out where nothing
 * is behind it.
 */
export function languageModelContract(name: string, open: () => LanguageModel, behind?: Behind) {
  describe(`${name} keeps the LanguageModel contract`, () => {
    const model = open();
    afterAll(() => model.stop());
    const prompt: Prompt = {
      instructions: "You are a patient teacher of English.",
      messages: [
        { role: "user", text: "Salom!" },
        { role: "assistant", text: "Salom! How can I help you?" },
        { role: "user", text: "What is the past tense of go, please tell me" },
      ],
      max_tokens: 200,
    };
    const whole = async (asked: Prompt = prompt) => (await Array.fromAsync(model.stream(asked))).join("");
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => "it answered",
        (error) => error.code,
      );

    test("it names itself and tells how much it can hold", () => {
      expect(model.engine).toMatch(/^\S+( \S+)*$/);
      expect(model.context_tokens).toBeGreaterThan(500);
    });

    test("an answer comes in pieces, none of them empty, that make a text", async () => {
      const pieces = await Array.fromAsync(model.stream(prompt));
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces).not.toContain("");
      expect(pieces.join("").trim()).not.toBe("");
    }, 60_000);

    test("several questions at once each have an answer", async () => {
      for (const text of await Promise.all([whole(), whole(), whole()])) expect(text.trim()).not.toBe("");
    }, 60_000);

    test("an answer of a shape fits it, and is what was read", async () => {
      const { value, raw } = await model.answer(prompt, Grade);
      expect(Grade.parse(value)).toEqual(value);
      expect(raw).toContain("score");
    }, 60_000);

    test("whoever has given up already is answered with ai_failed", async () => {
      const signal = AbortSignal.abort();
      expect(await codeOf(whole({ ...prompt, signal }))).toBe("ai_failed");
      expect(await codeOf(model.answer({ ...prompt, signal }, Grade))).toBe("ai_failed");
      expect((await whole()).trim()).not.toBe("");
    }, 60_000);

    test("giving up after the first piece ends it at once", async () => {
      behind?.slow();
      const abort = new AbortController();
      const stream = model.stream({ ...prompt, signal: abort.signal });
      let abortedAt = 0;
      const rest = (async () => {
        for await (const _ of stream) {
          if (abortedAt > 0) throw new Error("a piece came after the end");
          abortedAt = performance.now();
          abort.abort();
        }
      })();
      expect(await codeOf(rest)).toBe("ai_failed");
      expect(performance.now() - abortedAt).toBeLessThan(1000);
      behind?.fast();
      expect((await whole()).trim()).not.toBe("");
    }, 60_000);

    test("leaving after the first piece is no failure, and the next question has its answer", async () => {
      for await (const piece of model.stream(prompt)) {
        expect(piece).not.toBe("");
        break;
      }
      expect((await whole()).trim()).not.toBe("");
    }, 60_000);

    if (!behind) return;

    test("a piece is given when it comes, not when the answer is whole", async () => {
      behind.slow();
      for await (const _ of model.stream(prompt)) {
        expect(behind.underWay()).toBe(1);
        break;
      }
      behind.fast();
    }, 60_000);

    test.each(["leaving the loop", "the signal"])(
      "%s ends the work behind it",
      async (by) => {
        behind.slow();
        const abort = new AbortController();
        const left = (async () => {
          for await (const _ of model.stream({ ...prompt, signal: abort.signal })) {
            if (by === "leaving the loop") break;
            abort.abort();
          }
        })();
        await left.catch(() => {});
        expect(await until(() => behind.underWay() === 0, 2000)).toBe(true);
        behind.fast();
      },
      60_000,
    );

    test("giving up ends an answer of a shape, and the work behind it", async () => {
      behind.slow();
      const abort = new AbortController();
      const call = codeOf(model.answer({ ...prompt, signal: abort.signal }, Grade));
      expect(await until(() => behind.underWay() > 0, 10_000)).toBe(true);
      abort.abort();
      expect(await call).toBe("ai_failed");
      expect(await until(() => behind.underWay() === 0, 2000)).toBe(true);
      behind.fast();
    }, 60_000);

    test("how long an answer may be is passed on", async () => {
      for (const max_tokens of [50, 4000]) {
        await whole({ ...prompt, max_tokens });
        expect(behind.maxTokens()).toBe(max_tokens);
        await model.answer({ ...prompt, max_tokens }, Grade);
        expect(behind.maxTokens()).toBe(max_tokens);
      }
    }, 60_000);

    test("stopping ends what is under way", async () => {
      const other = open();
      behind.slow();
      const call = codeOf(other.answer(prompt, Grade));
      expect(await until(() => behind.underWay() > 0, 10_000)).toBe(true);
      await other.stop();
      expect(await call).toBeOneOf(["ai_failed", "ai_unavailable"]);
      expect(await until(() => behind.underWay() === 0, 2000)).toBe(true);
      behind.fast();
    }, 60_000);
  });
}
