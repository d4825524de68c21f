import { geminiStub } from "./gemini_stub.ts";
import { type Api, api } from "./live.ts";
import { openAiStub } from "./openai_stub.ts";
import type { VendorStub } from "./vendor_stub.ts";

export const ASK = "/api/v1/ai/ask";
const USAGE = "/api/v1/ai/usage";

/** What a new learner has left. */
export const UNTOUCHED = {
  gpt4o_requests_left: 50,
  stt_requests_left: 30,
  tts_chars_left: 10_000,
  pronunciation_analysis_left: 30,
};

/** A learner of their own account, signed in. */
export async function signedUp(url: string): Promise<Api & { readonly id: number }> {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: "olma va anor" };
  const { status, body } = await api(url).post("/api/v1/users/signup", account);
  if (status !== 201) throw new Error(`no account: ${status} ${JSON.stringify(body)}`);
  return { ...(await api(url).login(account.email, account.password)), id: body.id };
}

/** What the four counters show. */
export async function leftOf(who: Api): Promise<typeof UNTOUCHED> {
  const { body } = await who.get(USAGE);
  const names = Object.keys(UNTOUCHED);
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name))) as typeof UNTOUCHED;
}

/** A vendor's model and recogniser on a stub, with the settings that lead a server there. */
export const VENDORS: Record<"gemini" | "openai", () => { stub: VendorStub; env: Record<string, string> }> = {
  gemini: () => {
    const stub = geminiStub();
    const env = { GOOGLE_API_KEY: stub.key, GEMINI_BASE_URL: stub.url, LLM_PROVIDER: "gemini", STT_PROVIDER: "gemini" };
    return { stub, env };
  },
  openai: () => {
    const stub = openAiStub();
    const env = { OPENAI_API_KEY: stub.key, OPENAI_BASE_URL: stub.url, LLM_PROVIDER: "openai", STT_PROVIDER: "openai" };
    return { stub, env };
  },
};

/** Event streams as they come: each event with the moment at which it was read. */
export async function* events(answer: Response): AsyncGenerator<{ event: string; data: unknown; at: number }> {
  let rest = "";
  for await (const chunk of answer.body ?? []) {
    rest += new TextDecoder().decode(chunk);
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      if (event) yield { event, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null"), at: performance.now() };
    }
  }
}

export const askStreamed = (who: Api, prompt: string): Promise<Response> =>
  fetch(`${who.url}${ASK}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${who.token}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ prompt }),
  });
