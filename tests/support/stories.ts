import type { Grammar } from "../../src/application/ports/grammar.ts";
import type { SpeechToText } from "../../src/application/ports/speech.ts";
import type { Table } from "../../src/application/ports/tables.ts";
import type { Homework } from "../../src/domain/homework.ts";
import { type Answer, call, form, homeworkDraft, LEARNER, post, type School, settled, tone } from "./school.ts";

export const HOMEWORK = "/api/v1/homework";
export const SUBMISSIONS = `${HOMEWORK}/submissions`;

/** An answer long enough to be judged. */
export const ESSAY = "I get up at seven every day. Then I have breakfast with my family and go to school by bus.";

/** Adds a homework to course 1 beside the first one; gives its id. */
export async function addHomework(ports: Pick<School, "homeworks">, changes: Partial<Homework> = {}): Promise<number> {
  return (await ports.homeworks.add({ ...homeworkDraft, ...changes })).id;
}

type HandIn = { as?: number; homework?: number; headers?: Record<string, string> };

export const handIn = (
  ports: Pick<School, "app">,
  text: unknown = ESSAY,
  { as = LEARNER, homework = 1, headers = {} }: HandIn = {},
): Promise<Answer> => call(ports, `${HOMEWORK}/${homework}/submit`, as, post({ text }, headers));

export const handInForm = (
  ports: Pick<School, "app">,
  fields: Record<string, string | Blob>,
  { as = LEARNER, homework = 1, headers = {} }: HandIn = {},
): Promise<Answer> => call(ports, `${HOMEWORK}/${homework}/submit`, as, { ...form(fields), headers });

export const speak = (
  ports: Pick<School, "app">,
  file: File = tone(),
  { as = LEARNER, homework = 1, headers = {} }: HandIn = {},
): Promise<Answer> =>
  call(ports, `${HOMEWORK}/${homework}/submit-oral`, as, { ...form({ audio_file: file }), headers });

/** Hands in a text and waits for its automatic grade. */
export async function autoGraded(ports: School, text = ESSAY, how: HandIn = {}): Promise<Answer["body"]> {
  const { body } = await handIn(ports, text, how);
  await settled(ports);
  return (await call(ports, `${SUBMISSIONS}/${body.id}`, how.as ?? LEARNER)).body;
}

export const pdf = (name = "javob.pdf", content = "%PDF-1.7 an answer") =>
  new File([content], name, { type: "application/pdf" });

/** A recogniser that hears the same in every recording, after what is to happen before. */
export const hears = (text: string, before: () => unknown = () => {}): SpeechToText => ({
  engine: "test",
  languages: ["en"],
  transcribe: async () => {
    await before();
    return { text, language: "en", words: [], engine: "test" };
  },
  stop: async () => {},
});

/** A grammar check that finds nothing, after what is to happen before. */
export const checks = (before: () => unknown): Grammar => ({
  check: async () => {
    await before();
    return [];
  },
  stop: async () => {},
});

/** Every row of a table. */
export const rowsOf = <T extends { readonly id: number }>(table: Table<T>): Promise<T[]> =>
  table.list({ skip: 0, limit: 10_000 });

export type Streamed = { id: string; event: string; data: Record<string, unknown> };

/** Opens an event stream; `next(n)` waits for so many more events, `ended()` for its end. */
export async function openStream(
  { app }: Pick<School, "app">,
  path: string,
  as?: number,
  headers: Record<string, string> = {},
) {
  const sent = new Headers(headers);
  if (as) sent.set("authorization", `Bearer ${as}.${as}`);
  const response = await app.request(path, { headers: sent });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const more = async () => {
    const part = await reader?.read();
    text += decoder.decode(part?.value ?? new Uint8Array(), { stream: true });
    return part?.done === false;
  };
  const take = (): Streamed[] => {
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    return blocks
      .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2))))
      .filter((fields) => "data" in fields)
      .map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) }));
  };
  return {
    status: response.status,
    headers: response.headers,
    next: async (count: number): Promise<Streamed[]> => {
      const events: Streamed[] = [];
      while (events.length < count && (await more())) events.push(...take());
      return events;
    },
    ended: async (): Promise<Streamed[]> => {
      const events: Streamed[] = [];
      while (await more()) events.push(...take());
      return events;
    },
    raw: async () => {
      await more();
      return text;
    },
    close: () => reader?.cancel(),
  };
}
