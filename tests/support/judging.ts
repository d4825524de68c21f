import type { LanguageModel, Prompt } from "../../src/application/ports/language_model.ts";
import { AppError, type ErrorCode } from "../../src/domain/errors.ts";

/** What a model reads in the question about an answer. */
export type Read = { readonly criteria: readonly { id: string; max: number }[]; readonly answer: string };

const part = (text: string, name: string): string =>
  new RegExp(`\\[\\[${name} (\\S+)\\]\\]\\n([^]*)\\n\\[\\[END ${name} \\1\\]\\]`).exec(text)?.[2] ?? "";

export function read({ messages }: Prompt): Read {
  const text = messages.at(-1)?.text ?? "";
  const criteria = [...part(text, "CRITERIA").matchAll(/^(c\d+): .*?, 0 to ([\d.]+)\./gm)];
  return {
    criteria: criteria.map(([, id = "", max]) => ({ id, max: Number(max) })),
    answer: part(text, "LEARNER'S ANSWER"),
  };
}

type Reply = (question: Read) => object | string | Promise<object | string>;

/** A model that answers what the script says, as text that is read like any vendor's; it keeps what it was asked. */
export function judging(reply: Reply, { context_tokens = 32_000 } = {}) {
  const prompts: Prompt[] = [];
  const model: LanguageModel & { prompts: Prompt[] } = {
    engine: "test model-1",
    context_tokens,
    prompts,
    stream: async function* () {},
    answer: async (prompt, shape) => {
      prompts.push(prompt);
      const said = await reply(read(prompt));
      const raw = typeof said === "string" ? said : JSON.stringify(said);
      const found = shape.safeParse(parsed(raw));
      if (!found.success) throw new AppError("ai_failed", {}, { cause: found.error });
      return { value: found.data, raw };
    },
    stop: async () => {},
  };
  return model;
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}

const firstWords = (answer: string) => answer.split(/\s+/).slice(0, 4).join(" ");

const PRAISE = "Javobingiz juda yaxshi va hamma gaplari tushunarli.";

/** Gives each criterion this share of its points, proved by words of the answer. */
export const giving =
  (share: number): Reply =>
  ({ criteria, answer }) => ({
    criteria: criteria.map(({ id, max }) => ({
      id,
      score: max * share,
      evidence: [firstWords(answer)],
      comment: "Fikrlaringiz aniq va gaplar yaxshi bogʻlangan.",
    })),
    strength: PRAISE,
    next_step: "Endi har kuni bitta yangi gap tuzib, uni ovoz chiqarib o'qing.",
  });

/** Believes whatever it reads: full marks for everything. */
export const gullible = () => judging(giving(1));

export const failing = (code: ErrorCode) => judging(() => Promise.reject(new AppError(code, { retry_after: 30 })));
