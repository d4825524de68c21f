import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { Caller } from "../application/auth.ts";
import type { Checks, Provided } from "../application/health.ts";
import type { Source } from "../application/metrics.ts";
import type { Ports } from "../application/ports/mod.ts";
import { AppError } from "../domain/errors.ts";
import type { Language } from "./messages/mod.ts";

export type Env = {
  /** What `Bun.serve` hands to `fetch` beside the request. */
  Bindings: {
    requestIP?: (request: Request) => { address: string } | null;
    /** Seconds of silence before the connection is cut; 0 is never. */
    timeout?: (request: Request, seconds: number) => void;
  };
  Variables: {
    actor: Caller | null;
    address: string;
    requestId: string;
    language: Language;
    /** The route as it is declared, for logs. */
    route: string;
    limiter: MiddlewareHandler<Env>;
    rate: { name: string; perMinute: number };
    redeem: (ticket: string) => Promise<Caller | null>;
    knowsScraper: (bearer: string) => boolean;
    /** Reads the figures by the scraper's own bearer. */
    isScraper: boolean;
  };
};

/** What came as a bearer token; empty where none did. */
export const bearerOf = (c: Context<Env>): string =>
  /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";

/** Who is calling; refuses when nobody is. */
export function caller(c: Context<Env>): Caller {
  const actor = c.get("actor");
  if (!actor) throw new AppError("unauthenticated");
  return actor;
}

/** What the validators found, field by field. */
export class InvalidInput extends AppError {
  readonly target: string;
  readonly issues: readonly z.core.$ZodIssue[];

  constructor(target: string, issues: readonly z.core.$ZodIssue[]) {
    const places: Record<string, string> = { json: "body", form: "body", param: "path" };
    const place = places[target] ?? target;
    super("invalid_input", { field: issues[0]?.path.join(".") || place });
    this.target = place;
    this.issues = issues;
  }
}

/** An empty router whose validation failures read like every other refusal. */
export const routes = () =>
  new OpenAPIHono<Env>({
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw new InvalidInput(result.target, result.error.issues);
    },
  });

type FormFields = Record<string, string | File | (string | File)[]>;

export type Body =
  | { kind: "json"; value: unknown }
  /** A field sent more than once is a list. */
  | { kind: "form"; value: FormFields };

/** A body that may come as JSON or as a form, read by hand because the router skips types it was not told. */
export async function readBody(c: Context<Env>): Promise<Body> {
  const type = c.req.header("content-type") ?? "";
  const malformed = () => {
    throw new AppError("malformed_body");
  };
  if (/^application\/([\w.+-]+\+)?json\b/i.test(type))
    return { kind: "json", value: await c.req.json().catch(malformed) };
  if (/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type))
    return { kind: "form", value: await c.req.parseBody({ all: true }).catch(malformed) };
  if (!type && !c.req.raw.body) return { kind: "json", value: undefined };
  throw new AppError("unsupported_media_type");
}

export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidInput("json", parsed.error.issues);
  return parsed.data;
}

/** What the routes are given: the outside world, and what belongs to HTTP alone. */
export type Server = Ports & {
  /** Hands the outbox's new rows to the queue. */
  relay(): void;
  /** The pages of the queue that processes share; null where the queue is this process's own. */
  readonly queueBoard: ((request: Request) => Promise<Response>) | null;
  /** Aborted when this process is told to end: what never ends by itself ends then. */
  readonly stopping: AbortSignal;
  /** What it takes to be ready, by name. */
  readonly checks: Checks;
  /** What each part is made of. */
  readonly provided: Provided;
  /** Figures beside those that every server has. */
  readonly sources: readonly Source[];
  /** Whether this is the bearer that may read the figures, and nothing else. */
  knowsScraper(bearer: string): boolean;
  /** What settings say about addresses and sizes. */
  readonly site: Site;
};

export type Site = {
  readonly version: string;
  /** Put before the addresses of media; empty for addresses of this server. */
  readonly publicUrl: string;
  /** Media without signatures, as in the guide. */
  readonly uploadsPublic: boolean;
  readonly maxUploadMb: number;
  readonly openRegistration: boolean;
  readonly corsOrigins: readonly string[];
  /** How many proxies in front are believed about the caller's address. */
  readonly trustedProxies: number;
  readonly rateMultiplier: number;
  /** What is on, off or missing, for the first page. */
  readonly state: readonly {
    readonly name: string;
    readonly state: "on" | "off" | "fake" | "missing";
    readonly note: string;
  }[];
};

/** One feature of the API: a router bound to the outside world it needs. */
export type Feature = (server: Server) => OpenAPIHono<Env>;
