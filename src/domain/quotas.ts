import { TASHKENT_MS } from "./tashkent.ts";

/** What is counted: answers of the language model, recordings recognised, characters read aloud, pronunciations analysed. */
export const METERS = ["llm", "stt", "tts", "pronunciation"] as const;
export type Meter = (typeof METERS)[number];

/** The counters' names in the API, which are older than their vendors. */
export const METER_NAMES = {
  llm: "gpt4o_requests_left",
  stt: "stt_requests_left",
  tts: "tts_chars_left",
  pronunciation: "pronunciation_analysis_left",
} as const satisfies Record<Meter, string>;

export type Allowances = Readonly<Record<Meter, number>>;

/** What everybody has each month. */
export const FREE_PLAN: Allowances = { llm: 50, stt: 30, tts: 10_000, pronunciation: 30 };

/** One user's counter of one kind. */
export type Quota = {
  readonly id: number;
  readonly user_id: number;
  readonly meter: Meter;
  /** What there was at the beginning of the period, or when an admin set it. */
  readonly allowance: number;
  readonly remaining: number;
  /** `grant` is what an admin set, until the period ends. */
  readonly source: "plan" | "grant";
  /** Grows whenever the counter begins anew, so that nothing of an older one is given back into it. */
  readonly period: number;
  readonly renews_at: string;
};

/** What was taken from a counter, and for what: kept for ever, as the record of it. */
export type Spending = {
  readonly id: number;
  readonly user_id: number;
  readonly meter: Meter;
  readonly amount: number;
  readonly period: number;
  /** `reserved` is under way; `returned` cost nothing in the end. */
  readonly state: "reserved" | "spent" | "returned";
  /** What was asked for, e.g. `ask`. */
  readonly purpose: string;
  readonly request_id: string | null;
  /** After it whoever reserved is taken for dead. */
  readonly lease_until: string;
  readonly created_at: string;
};

/** The beginning of the next month in Tashkent, when counters begin anew. */
export function renewalAfter(now: Date): string {
  const there = new Date(now.getTime() + TASHKENT_MS);
  return new Date(Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1) - TASHKENT_MS).toISOString();
}

/** A counter as it stands at that moment: a period rolls over when it is read. `stored` is null before its first use. */
export function standing(stored: Quota | null, meter: Meter, plan: Allowances, now: Date) {
  if (stored && stored.renews_at > now.toISOString()) {
    const { allowance, remaining, source, renews_at } = stored;
    return { meter, limit: allowance, remaining, source, reset_at: renews_at };
  }
  const limit = plan[meter];
  return { meter, limit, remaining: limit, source: "plan" as const, reset_at: renewalAfter(now) };
}
export type Standing = ReturnType<typeof standing>;
