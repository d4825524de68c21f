import type { Context } from "hono";
import { submitOral, submitText, type Upload } from "../../application/homework.ts";
import { documentType } from "../../domain/documents.ts";
import { AppError } from "../../domain/errors.ts";
import type { Submission } from "../../domain/homework.ts";
import { type Body, caller, type Env, InvalidInput, parse, readBody, type Server } from "../env.ts";
import { once } from "../once.ts";
import { prose } from "../schemas.ts";
import { TextAnswer } from "./homework_routes.ts";
import { submissionView } from "./homework_views.ts";

const MAX_FILES = 10;

const isSound = (file: File) => /^(audio|video)\//.test(file.type);

/** A browser's file name is only ever shown: no folders, no control characters, no more than a line. */
const shownName = (name: string): string =>
  name
    .replace(/^.*[\\/]/, "")
    .replace(/\p{Cc}/gu, "")
    .slice(-200) || "file";

const upload = async (file: File): Promise<Upload> => ({
  name: shownName(file.name),
  mime: file.type,
  bytes: await file.bytes(),
});

const filesOf = (body: Body): [field: string, file: File][] =>
  body.kind === "json"
    ? []
    : Object.entries(body.value).flatMap(([field, value]) =>
        [value].flat().flatMap((part): [string, File][] => (part instanceof File ? [[field, part]] : [])),
      );

function textOf(body: Body): string {
  if (body.kind === "json") return parse(TextAnswer, body.value).text.trim();
  const { text } = body.value;
  return typeof text === "string" ? parse(prose(50_000), text).trim() : "";
}

const answering = (server: Server, c: Context<Env>) => (submission: Submission) => ({
  status: submission.kind === "oral" ? 202 : 201,
  headers: { location: `/api/v1/homework/submissions/${submission.id}` },
  body: submissionView(server, submission, c.get("language")),
});

/** A spoken answer, whichever path it came by. */
function handInSound(server: Server, c: Context<Env>, homeworkId: number, file: File, text: string) {
  const answer = answering(server, c);
  return once(c, server, { text, file }, async (receipt) => {
    const submission = await submitOral(server)({
      actor: caller(c),
      homeworkId,
      requestId: c.get("requestId"),
      audio: await upload(file),
      text: text || null,
      receipt: (stores, made) => receipt(stores, answer(made)),
    });
    return answer(submission);
  });
}

export async function handInSpoken(server: Server, c: Context<Env>, homeworkId: number): Promise<Response> {
  const body = await readBody(c);
  if (body.kind === "json") throw new AppError("unsupported_media_type");
  const files = filesOf(body);
  const [, file] = files.find(([field]) => field === "audio_file") ?? files[0] ?? [];
  if (!file)
    throw new InvalidInput("json", [
      { code: "invalid_type", expected: "file", path: ["audio_file"], message: "", input: undefined },
    ]);
  return handInSound(server, c, homeworkId, file, textOf(body));
}

/** A written answer with files beside it; where the file is sound, it is a spoken one. */
export async function handIn(server: Server, c: Context<Env>, homeworkId: number): Promise<Response> {
  const body = await readBody(c);
  const text = textOf(body);
  const files = filesOf(body).map(([, file]) => file);
  if (!text && files.length === 0) throw new AppError("nothing_to_submit");
  if (files.length > MAX_FILES)
    throw new InvalidInput("json", [
      { code: "too_big", maximum: MAX_FILES, origin: "array", path: ["files"], message: "", input: files },
    ]);

  const documents: Upload[] = [];
  for (const file of files) {
    const part = await upload(file);
    const mime = documentType(part.bytes);
    if (mime) documents.push({ ...part, mime });
    else if (files.length === 1 || isSound(file)) return handInSound(server, c, homeworkId, file, text);
    else throw new AppError("unsupported_file", { name: part.name });
  }
  const answer = answering(server, c);
  return once(c, server, { text, files }, async (receipt) => {
    const submission = await submitText(server)({
      actor: caller(c),
      homeworkId,
      requestId: c.get("requestId"),
      text,
      files: documents,
      receipt: (stores, made) => receipt(stores, answer(made)),
    });
    return answer(submission);
  });
}
