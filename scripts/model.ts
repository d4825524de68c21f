import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { modelFault, sha256 } from "../src/adapters/ai/whisper_ready.ts";

// `bun run model small`: fetches another Whisper model. It goes on where it broke off, and nothing is put in place
// whose checksum is not the published one.

const HUB = process.env.MODEL_BASE_URL ?? "https://huggingface.co/ggerganov/whisper.cpp/resolve/main";
const ROOT = resolve(import.meta.dir, "..");
const FOLDER = resolve(ROOT, process.env.MODEL_DIR ?? "models");
const STALLED_MS = Number(process.env.MODEL_STALL_MS ?? 30_000);
const REDIRECTS = 5;

/** What is said instead of a stack trace. */
class Refusal extends Error {}

type Published = { sha256: string; bytes: number | undefined; url: string };

/** Asks the hub; its first answer names the checksum and where the file lies. */
async function publishedAs(file: string, given: string | undefined): Promise<Published> {
  let url = `${HUB.replace(/\/$/, "")}/${file}`;
  let digest = given;
  let bytes: number | undefined;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const answer = await get(url, { method: "HEAD", signal: AbortSignal.timeout(STALLED_MS) });
    digest ??= /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(answer.headers.get("x-linked-etag") ?? "")?.[1]?.toLowerCase();
    bytes ??= Number(answer.headers.get("x-linked-size")) || undefined;
    const next = answer.headers.get("location");
    if (answer.status >= 300 && answer.status < 400 && next) {
      url = new URL(next, url).href;
      continue;
    }
    if (answer.status === 404) throw new Refusal(`there is no model of that name: ${url}`);
    if (!answer.ok) throw new Refusal(`${new URL(url).host} answered ${answer.status}; try again later`);
    bytes ??= Number(answer.headers.get("content-length")) || undefined;
    if (!digest) throw new Refusal("no checksum is published there; give its SHA-256 as the second argument");
    return { sha256: digest, bytes, url };
  }
  throw new Refusal(`more than ${REDIRECTS} redirects`);
}

async function get(url: string, options: RequestInit): Promise<Response> {
  if (!/^https?:/.test(url)) throw new Refusal(`not a web address: ${url}`);
  try {
    return await fetch(url, { redirect: "manual", ...options });
  } catch (error) {
    throw new Refusal(`${new URL(url).host} cannot be reached (${error instanceof Error ? error.message : error})`);
  }
}

/** Adds to the part file what is missing of it. */
async function download({ url, bytes }: Published, part: string) {
  let have = existsSync(part) ? statSync(part).size : 0;
  if (have > 0 && have === bytes) return;
  if (bytes && have > bytes) have = 0;

  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALLED_MS);
  const range = have > 0 ? { headers: { range: `bytes=${have}-` } } : {};
  const answer = await get(url, { ...range, redirect: "follow", signal: stalled.signal });
  if (answer.status === 416) {
    rmSync(part, { force: true });
    throw new Refusal("what was downloaded before does not fit; run it again");
  }
  if (!answer.ok || !answer.body) throw new Refusal(`${new URL(url).host} answered ${answer.status}; try again later`);
  // A server that does not know ranges starts from the beginning.
  const goesOn = answer.status === 206 && answer.headers.get("content-range")?.startsWith(`bytes ${have}-`);
  if (!goesOn) have = 0;

  const file = await open(part, goesOn ? "a" : "w");
  const show = progress(bytes ?? (have + Number(answer.headers.get("content-length")) || undefined));
  try {
    for await (const chunk of answer.body) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALLED_MS);
      if (bytes && have + chunk.length > bytes) throw new Refusal("more came than was announced; nothing is kept");
      await file.writeFile(chunk);
      have += chunk.length;
      show(have);
    }
  } catch (error) {
    if (error instanceof Refusal) {
      rmSync(part, { force: true });
      throw error;
    }
    throw new Refusal(`the connection broke at ${megabytes(have)}; run it again to go on from there`);
  } finally {
    clearTimeout(timer);
    await file.close();
    if (process.stdout.isTTY) process.stdout.write("\n");
  }
  if (bytes && have < bytes) {
    throw new Refusal(`it broke off at ${megabytes(have)} of ${megabytes(bytes)}; run it again to go on from there`);
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** One line that is rewritten on a terminal; elsewhere a line for each tenth. */
function progress(total: number | undefined): (have: number) => void {
  let said = -1;
  return (have) => {
    const share = total ? have / total : 0;
    const step = process.stdout.isTTY ? Math.floor(share * 200) : Math.floor(share * 10);
    if (step === said) return;
    said = step;
    const text = `${megabytes(have)}${total ? ` of ${megabytes(total)} (${Math.floor(share * 100)} %)` : ""}`;
    if (!process.stdout.isTTY) return console.log(text);
    const bar = "█".repeat(Math.round(share * 30)).padEnd(30, "░");
    process.stdout.write(`\r${bar} ${text}   `);
  };
}

async function main() {
  const [name, given] = process.argv.slice(2);
  if (!name) throw new Refusal("which one? For example: bun run model small");
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) throw new Refusal("a model's name has only a-z, 0-9, dot, _ and -");
  if (given !== undefined && !/^[0-9a-f]{64}$/i.test(given)) throw new Refusal("a SHA-256 has 64 digits, 0-9 and a-f");
  const file = join(FOLDER, `ggml-${name}.bin`);
  const part = `${file}.part`;
  const setting = `WHISPER_MODEL=${relative(ROOT, file).startsWith("..") ? file : relative(ROOT, file)}`;

  mkdirSync(FOLDER, { recursive: true });
  const published = await publishedAs(`ggml-${name}.bin`, given?.toLowerCase());
  if (existsSync(file) && (await sha256(file)) === published.sha256) {
    return console.log(`${relative(process.cwd(), file)} is there already. To use it: ${setting}`);
  }
  await download(published, part);
  if ((await sha256(part)) !== published.sha256) {
    rmSync(part, { force: true });
    throw new Refusal("its checksum is not the published one; nothing is kept, run it again");
  }
  const fault = modelFault(part);
  if (fault) {
    rmSync(part, { force: true });
    throw new Refusal(fault);
  }
  renameSync(part, file);
  console.log(`${relative(process.cwd(), file)} is verified. To use it: ${setting}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`model: ${error.message}`);
  process.exitCode = 1;
}
