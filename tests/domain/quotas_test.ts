import { describe, expect, test } from "bun:test";
import { FREE_PLAN, type Quota, renewalAfter, standing } from "../../src/domain/quotas.ts";

describe("counters begin anew on the first of the month in Tashkent", () => {
  test.each([
    ["2026-11-24T12:00:00Z", "2026-11-30T19:00:00.000Z"],
    ["2026-11-30T18:59:59Z", "2026-11-30T19:00:00.000Z"],
    ["2026-11-30T19:00:00Z", "2026-12-31T19:00:00.000Z"],
    ["2026-12-31T20:00:00Z", "2027-01-31T19:00:00.000Z"],
    ["2028-02-29T10:00:00Z", "2028-02-29T19:00:00.000Z"],
  ])("what is counted at %s renews at %s", (now, renewal) => expect(renewalAfter(new Date(now))).toBe(renewal));
});

describe("a counter", () => {
  const NOW = new Date("2026-11-24T12:00:00Z");
  const RENEWAL = "2026-11-30T19:00:00.000Z";
  const stored: Quota = {
    id: 1,
    user_id: 1,
    meter: "llm",
    allowance: 70,
    remaining: 3,
    source: "grant",
    period: 2,
    renews_at: RENEWAL,
  };

  test("that was never used has the plan's allowance", () => {
    expect(standing(null, "tts", FREE_PLAN, NOW)).toEqual({
      meter: "tts",
      limit: 10_000,
      remaining: 10_000,
      source: "plan",
      reset_at: RENEWAL,
    });
  });

  test("stands as it is stored until its period is over, a grant too", () => {
    const now = { meter: "llm", limit: 70, remaining: 3, source: "grant", reset_at: RENEWAL };
    expect(standing(stored, "llm", FREE_PLAN, NOW)).toEqual(now as ReturnType<typeof standing>);
    expect(standing(stored, "llm", FREE_PLAN, new Date("2026-11-30T18:59:59.999Z")).remaining).toBe(3);
  });

  test("whose period is over is the plan's again, from that very moment", () => {
    expect(standing(stored, "llm", FREE_PLAN, new Date(RENEWAL))).toEqual({
      meter: "llm",
      limit: 50,
      remaining: 50,
      source: "plan",
      reset_at: "2026-12-31T19:00:00.000Z",
    });
  });
});
