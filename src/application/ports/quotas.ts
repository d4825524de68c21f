import type { Meter, Quota, Spending } from "../../domain/quotas.ts";

export type Taking = {
  readonly user_id: number;
  readonly meter: Meter;
  /** 1 or more. */
  readonly amount: number;
  /** What the counter begins with where it has not begun, or its period is over. */
  readonly allowance: number;
  readonly renews_at: string;
  readonly purpose: string;
  readonly request_id: string | null;
  readonly lease_until: string;
  readonly now: string;
};

/** Counters of what a user may still spend. Each call is one statement, so that a process that dies leaves all of it or nothing. */
export interface Quotas {
  /** As stored: a counter whose period is over has not begun anew, one that was never used is not there. */
  of(userId: number): Promise<Quota[]>;
  /** Takes the amount, and writes the record of it; null, and nothing taken, where less is left. Never below zero. */
  take(taking: Taking): Promise<Spending | null>;
  /** The work is done and cost so much of what was reserved (0 for nothing); the rest is given back. False where it was settled before. */
  settle(spendingId: number, used: number): Promise<boolean>;
  /** Gives back every reservation whose lease ended before that moment (ISO 8601), and tells how many. */
  sweep(before: string): Promise<number>;
  /** Sets a counter by hand, whatever was reserved of it. */
  grant(quota: Omit<Quota, "id" | "period" | "source">): Promise<Quota>;
}
