import { connectionFailure, type Failure, failure } from "./vendor_failure.ts";

/** Bytes of one answer, unpacked: some minutes of sound. What never ends, or was packed to burst, must not fill the memory. */
const MOST_BYTES = 8_000_000;

/**
 * `fetch` as vendors are called with it: what it gives is an answer that went well, everything else throws a `Failure`. It
 * follows no redirect: the key and a learner's words would go wherever it leads.
 */
export async function vendorFetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, { ...init, redirect: "manual" }).catch((error) => {
    throw init.signal?.aborted ? init.signal.reason : connectionFailure(error);
  });
  const isPage = answer.headers.get("content-type")?.includes("text/html") ?? false;
  const { status, headers } = answer;
  const bounded = new Response(answer.body && upTo(MOST_BYTES, answer.body), { status, headers });
  if (answer.ok && !isPage) return bounded;
  throw await refusalOf(bounded, isPage);
}

/** The body as it comes; one that is longer breaks off as garbled. */
function upTo(most: number, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let length = 0;
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      length += value.length;
      if (length <= most) return controller.enqueue(value);
      await reader.cancel();
      throw failure("garbled", `the answer is longer than ${most} bytes`);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function refusalOf(answer: Response, isPage: boolean): Promise<Failure> {
  const { status, headers } = answer;
  if (status < 400) {
    await answer.body?.cancel();
    if (isPage) return failure("garbled", "a web page in place of an answer", { status });
    const to = URL.parse(headers.get("location") ?? "")?.host ?? "another place";
    return failure("garbled", `${status}: sends us to ${to}, which we do not follow`, { status });
  }
  const told = isPage ? "" : await answer.text().catch(() => "");
  const problem = problemOf(told);
  const words = [status, problem.code, isPage ? "a web page" : problem.message].filter(Boolean).join(" ");
  if (status === 429) return failure("overloaded", words, { status, wait_s: waitOf(headers, told) });
  if (status >= 500) return failure("broken", words, { status });
  if (isBlock(problem.code)) return failure("blocked", words, { status });
  return failure("refused", `${words}${adviceOn(status, words)}`, { status });
}

/** What whoever reads the log should look at: these are mistakes of the settings, and no try mends them. */
function adviceOn(status: number, words: string): string {
  if (status === 401 || status === 403 || /api.?key/i.test(words)) return " (look at the key in the settings)";
  // A server's own address often lacks its /v1.
  return status === 404 ? " (look at the model and the base URL in the settings)" : "";
}

/** As OpenAI, and Azure behind its protocol, name a block that comes as a refusal. */
export const isBlock = (code: string): boolean => /content_(filter|policy)/.test(code);

type Problem = { readonly code: string; readonly message: string };

/** What a refusal says of itself: each server has a form of its own. */
export function problemOf(told: string): Problem {
  const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? `${value}` : "");
  try {
    const [first] = [JSON.parse(told)].flat();
    const error = first?.error ?? first ?? {};
    const message = text(error) || text(error.message) || text(error.detail);
    return { code: text(error.status) || text(error.code) || text(error.type), message: message.slice(0, 200) };
  } catch {
    return { code: "", message: "" };
  }
}

/** Seconds: by OpenAI's header, HTTP's, or Google's detail in the body. */
function waitOf(headers: Headers, told: string): number | undefined {
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (ms >= 0) return ms / 1000;
  const after = headers.get("retry-after");
  if (after !== null) {
    const seconds = Number.isNaN(Number(after)) ? (Date.parse(after) - Date.now()) / 1000 : Number(after);
    if (seconds >= 0) return seconds;
  }
  const delay = /"retryDelay":\s*"([\d.]+)s"/.exec(told)?.[1];
  return delay === undefined ? undefined : Number(delay);
}
