import { describe, expect, test } from "bun:test";
import type { Pool } from "pg";
import { guardedPool } from "../src/adapters/postgres/pool.ts";
import { AppError } from "../src/domain/errors.ts";

// What the driver throws when the database is away, as it throws it; the real server's absence is in tests/system.

const failure = (about: { code?: string; message?: string }) =>
  Object.assign(new Error(about.message ?? "connect"), about.code ? { code: about.code } : {});

/** A pool that fails as it is told, or answers. */
function pretended() {
  const state = {
    connect: null as Error | null,
    query: null as Error | null,
    answer: null as (() => Promise<never>) | null,
    asked: 0,
    destroyed: [] as boolean[],
  };
  const client = {
    query: async () => {
      state.asked += 1;
      if (state.query) throw state.query;
      if (state.answer) return state.answer();
      return { command: "SELECT", rowCount: 0, rows: [] };
    },
    release: (destroy: boolean) => void state.destroyed.push(destroy),
  };
  const connect = async () => {
    state.asked += 1;
    if (state.connect) throw state.connect;
    return client;
  };
  return { state, pool: guardedPool({ connect, options: {}, end: async () => {} } as unknown as Pool) };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "answered",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe("a database that is away is not_ready", () => {
  test.each([
    { code: "ECONNREFUSED" },
    { code: "ECONNRESET" },
    { code: "57P01" },
    { code: "57P03" },
    { code: "08006" },
    { code: "53300", message: "sorry, too many clients already" },
    { code: "ETIMEDOUT" },
    { message: "Connection terminated unexpectedly" },
    { message: "Client has encountered a connection error and is not queryable" },
    { message: "timeout exceeded when trying to connect" },
  ])("%p", async (about) => {
    const { pool, state } = pretended();
    state.connect = failure(about);
    expect(await codeOf(pool.connect())).toBe("not_ready");
  });

  test("also in the middle, and then its connection is not used again", async () => {
    const { pool, state } = pretended();
    const client = await pool.connect();
    state.query = failure({ message: "Query read timeout" });
    expect(await codeOf(client.query("select 1", []))).toBe("not_ready");
    client.release();
    expect(state.destroyed).toEqual([true]);
  });
});

describe("a server that cannot now is no fault of the statement, and not away for others", () => {
  test.each([
    { code: "57014", message: "canceling statement due to statement timeout", told: "not_ready" },
    { code: "55P03", message: "canceling statement due to lock timeout", told: "not_ready" },
    { code: "25006", message: "cannot execute INSERT in a read-only transaction", told: "not_ready" },
    { code: "53200", message: "out of memory", told: "not_ready" },
    { code: "53100", message: "could not extend file: No space left on device", told: "storage_full" },
  ])("%p", async ({ told, ...about }) => {
    const { pool, state } = pretended();
    const client = await pool.connect();
    state.query = failure(about);
    expect(await codeOf(client.query("insert", []))).toBe(told);
    state.query = null;
    expect(await codeOf(client.query("rollback", []))).toBe("answered");
  });

  test("also where it says so in another language", async () => {
    const { pool, state } = pretended();
    state.connect = failure({ code: "53300", message: "извините, уже слишком много клиентов" });
    expect(await codeOf(pool.connect())).toBe("not_ready");
  });
});

test("what is wrong with a statement stays what it is, and the connection with it", async () => {
  const { pool, state } = pretended();
  const client = await pool.connect();
  state.query = failure({ code: "23505", message: "duplicate key" });
  await expect(client.query("insert", [])).rejects.toBe(state.query);
  client.release();
  expect(state.destroyed).toEqual([false]);
});

test("found out, it is left alone for half a second, and then found again", async () => {
  const { pool, state } = pretended();
  state.connect = failure({ code: "ECONNREFUSED" });
  await codeOf(pool.connect());
  state.connect = null;
  const asked = state.asked;
  expect(await codeOf(pool.connect())).toBe("not_ready");
  expect(state.asked).toBe(asked);
  await Bun.sleep(510);
  expect(await codeOf(pool.connect())).toBe("answered");
});

describe("nobody waits for nothing twice", () => {
  /** Fails in so many milliseconds. */
  const hanging = (ms: number) => Bun.sleep(ms).then(() => Promise.reject(failure({ message: "Query read timeout" })));

  test("neither whoever found out long after the first one", async () => {
    const { pool, state } = pretended();
    const [first, last] = [await pool.connect(), await pool.connect()];
    state.answer = () => hanging(10);
    const soon = codeOf(first.query("select 1", []));
    state.answer = () => hanging(600);
    const late = codeOf(last.query("select 1", []));
    expect(await Promise.all([soon, late])).toEqual(["not_ready", "not_ready"]);
    const asked = state.asked;
    expect(await codeOf(pool.connect())).toBe("not_ready");
    expect(state.asked).toBe(asked);
  });

  test("nor for the one that asks whether it is back", async () => {
    const { pool, state } = pretended();
    const [one, other] = [await pool.connect(), await pool.connect()];
    state.answer = () => hanging(10);
    await codeOf(one.query("select 1", []));
    await Bun.sleep(510);
    state.answer = () => hanging(300);
    const asking = codeOf(one.query("select 1", []));
    const start = performance.now();
    expect(await codeOf(other.query("select 1", []))).toBe("not_ready");
    expect(performance.now() - start).toBeLessThan(150);
    await asking;
  });
});

test("a crowd that finds no place does not make it away for those who have one", async () => {
  const { pool, state } = pretended();
  const client = await pool.connect();
  for (const about of [
    { message: "timeout exceeded when trying to connect" },
    { code: "53300", message: "sorry, too many clients already" },
  ]) {
    state.connect = failure(about);
    expect(await codeOf(pool.connect())).toBe("not_ready");
    expect(await codeOf(client.query("select 1", []))).toBe("answered");
  }
});
