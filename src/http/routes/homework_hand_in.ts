import type { Context } from "hono";
import { submitOral, submitText, type Upload } from "../../application/hand_in.ts";
import { documentType } from "../../domain/documents.ts";
import { AppError } from "../../domain/errors.ts";
import type { Submission } from "../../domain/homework.ts";
import { type Body, caller, type Env, InvalidInput, parse, readBody, type Server } from "../env.ts";
import { once } from "../once.ts";
import { TextAnswer } from "./homework_routes.ts";
import { submissionView } from "./homework_views.ts";

const MAX_FILES = 10;

const isSound = (file: File) => /^(audio|video)\//.test(file.type);

/** A browser's file name is only ever shown: no folders, no control characters, no more than a line. */
const shownName = (name: string | undefined): string =>
  // By code points: half a pair cannot be sent in a header. A part may come without any name.
  [...(name ?? "").slice(-400)]
    .slice(-200)
    .join("")
    .toWellFormed()
    .replace(/^.*[\\/]/, "")
    .replace(/\p{Cc}/gu, "")
    .trim() || "file";

const upload = async (file: File): Promise<Upload> => ({
  name: shownName(file.name),
  mime: file.type,
  bytes: await file.bytes(),
});

function filesOf(body: Body): [field: string, file: File][] {
  if (body.kind === "json") return [];
  const files = Object.entries(body.value).flatMap(([field, value]) =>
    [value]
      .flat()
      .flatMap((part): [string, File][] =>
        part instanceof File && (part.size > 0 || part.name) ? [[field, part]] : [],
      ),
  );
  if (files.length > MAX_FILES) throw refuseField("files", { code: "too_big", maximum: MAX_FILES });
  return files;
}

function textOf(body: Body): string {
  if (body.kind === "json") return parse(TextAnswer, body.value).text.trim();
  const { text = "" } = body.value;
  return parse(TextAnswer, { text }).text.trim();
}

const answering = (server: Server, c: Context<Env>) => (submission: Submission) => ({
  status: submission.kind === "oral" ? 202 : 201,
  headers: { location: `/api/v1/homework/submissions/${submission.id}` },
  body: submissionView(server, submission, c.get("language")),
});

const refuseField = (field: string, issue: { code: "invalid_type" } | { code: "too_big"; maximum: number }) => {
  const rest = { path: [field], message: "", input: undefined };
  if (issue.code === "too_big") return new InvalidInput("json", [{ ...issue, ...rest, origin: "array" }]);
  return new InvalidInput("json", [{ ...issue, ...rest, expected: "file" }]);
};

/** What was sent, told apart by content: documents, and what may be sound. */
async function sorted(files: File[]) {
  const documents: Upload[] = [];
  const others: { file: File }[] = [];
  for (const file of files) {
    const part = await upload(file);
    const mime = documentType(part.bytes);
    if (mime) documents.push({ ...part, mime });
    else others.push({ file });
  }
  return { documents, others };
}

/** Where a file was neither called nor meant as sound, it is not the sound that is wrong with it. */
const asFile = (file: File) => (error: unknown) => {
  const isRefusal = error instanceof AppError && ["unsupported_audio", "audio_empty"].includes(error.code);
  throw isRefusal && !isSound(file) ? new AppError("unsupported_file", { name: shownName(file.name) }) : error;
};

/** A spoken answer: a recording and, perhaps, a text and documents beside it. */
export async function handInSpoken(server: Server, c: Context<Env>, homeworkId: number): Promise<Response> {
  const body = await readBody(c);
  if (body.kind === "json" && body.value !== undefined) throw new AppError("unsupported_media_type");
  const sent = filesOf(body);
  const [, file] = sent.find(([field]) => field === "audio_file") ?? sent[0] ?? [];
  if (!file) throw refuseField("audio_file", { code: "invalid_type" });
  const rest = sent.map(([, other]) => other).filter((other) => other !== file);
  const { documents, others } = await sorted(rest);
  if (others.length > 0) throw refuseField("audio_file", { code: "too_big", maximum: 1 });
  return handInSound(server, c, homeworkId, { file, rest, documents, text: textOf(body) });
}

type Spoken = { file: File; rest: File[]; documents: Upload[]; text: string };

function handInSound(server: Server, c: Context<Env>, homeworkId: number, { file, rest, documents, text }: Spoken) {
  const answer = answering(server, c);
  return once(c, server, { text, file, rest }, async (receipt) => {
    const submission = await submitOral(server)({
      actor: caller(c),
      homeworkId,
      requestId: c.get("requestId"),
      audio: await upload(file),
      text: text || null,
      documents,
      receipt: (stores, made) => receipt(stores, answer(made)),
    });
    return answer(submission);
  });
}

/** A written answer with files beside it; where one of them is sound, it is a spoken one. */
export async function handIn(server: Server, c: Context<Env>, homeworkId: number): Promise<Response> {
  const body = await readBody(c);
  const text = textOf(body);
  const files = filesOf(body).map(([, file]) => file);
  if (!text && files.length === 0) throw new AppError("nothing_to_submit");
  const { documents, others } = await sorted(files);
  const [sound, second] = others;
  if (second) throw refuseField("files", { code: "too_big", maximum: 1 });
  if (sound) {
    const rest = files.filter((file) => file !== sound.file);
    return handInSound(server, c, homeworkId, { file: sound.file, rest, documents, text }).catch(asFile(sound.file));
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
