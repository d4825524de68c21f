import type { Context } from "hono";
import type { Caller } from "../application/auth.ts";
import { type Answer, claimAnswer, dropClaim, holdClaim, keepAnswer } from "../application/idempotency.ts";
import type { Ports, Stores } from "../application/ports/mod.ts";
import { caller, type Env, InvalidInput } from "./env.ts";

type Content = Readonly<Record<string, unknown>>;

/**
 * Honours `Idempotency-Key`: the first answer to a key is given again. `work` runs after validation and gets `receipt`,
 * which keeps the answer inside the transaction that has the effect; what fails is not kept. `send` makes the response of an
 * answer, the first and each later time.
 */
export async function once(
  c: Context<Env>,
  ports: Pick<Ports, "answers" | "clock">,
  content: Content,
  work: (receipt: (stores: Stores, answer: Answer) => Promise<void>) => Promise<Answer>,
  send: (c: Context<Env>, answer: Answer) => Response | Promise<Response> = sendJson,
): Promise<Response> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return send(c, await work(async () => {}));
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new InvalidInput("header", [{ code: "custom", path: ["Idempotency-Key"], message: "", input: key }]);

  const actor: Caller = caller(c);
  const fingerprint = await fingerprintOf(`${c.req.method} ${c.req.path}`, content);
  const claimed = await claimAnswer(ports)({ user_id: actor.id, key, fingerprint });
  if ("answer" in claimed) {
    c.header("Idempotent-Replayed", "true");
    return send(c, claimed.answer);
  }
  const { claim, release } = holdClaim(ports, claimed.claim);
  try {
    // The answer as it was first given: with the effect, in its transaction.
    return send(c, await work((stores, answer) => keepAnswer(stores, claim, answer)));
  } catch (error) {
    await dropClaim(ports, claim);
    throw error;
  } finally {
    release();
  }
}

const sendJson = (c: Context<Env>, { status, headers, body }: Answer) => c.json(body as object, status as 200, headers);

/** What the request asks for: its fields, and the contents of its files rather than their names or boundaries. */
async function fingerprintOf(target: string, content: Content): Promise<string> {
  const parts = [target];
  for (const [name, value] of Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)))
    parts.push(`${name}=${await digestible(value)}`);
  return sha256(new TextEncoder().encode(parts.join("\n")));
}

async function digestible(value: unknown): Promise<string> {
  if (value instanceof Blob) return `file ${await sha256(await value.bytes())}`;
  if (Array.isArray(value)) return `[${(await Promise.all(value.map(digestible))).join()}]`;
  return JSON.stringify(value) ?? "";
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
