import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locked } from "../scripts/lock.ts";
import { sha256 } from "../src/adapters/ai/whisper_ready.ts";
import { script } from "./support/scripts.ts";
import { seemingModel } from "./support/seeming_model.ts";

// What a person at the machine runs that needs no server: the lock of two set-ups at once, and a larger recogniser.

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scripts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("locked()", () => {
  test("one at a time, and what a dead process left is taken over", async () => {
    const ended = Bun.spawnSync([process.execPath, "-e", "console.log(process.pid)"]).stdout.toString();
    const file = join(folder, "lock");
    writeFileSync(file, ended.trim());
    let [inside, most, waited] = [0, 0, 0];
    const work = async () => {
      most = Math.max(most, ++inside);
      await Bun.sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => locked(file, work, () => waited++)));
    expect(most).toBe(1);
    expect(waited).toBeGreaterThan(0);
    expect(await Bun.file(file).exists()).toBe(false);
  });

  test("work that fails leaves no lock", async () => {
    const file = join(folder, "lock");
    await expect(locked(file, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await Bun.file(file).exists()).toBe(false);
  });
});

describe("bun run model", () => {
  const content = seemingModel();
  const digest = new Bun.CryptoHasher("sha256").update(content).digest("hex");

  /** The hub: a redirect that publishes the checksum, and a store behind it. */
  function hub(
    fault: { etag?: string | null; body?: Uint8Array<ArrayBuffer>; breaksAt?: number; store?: number } = {},
  ) {
    const asked: string[] = [];
    const server = Bun.serve({
      port: 0,
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        const range = request.headers.get("range");
        if (request.method === "GET") asked.push(range ?? "all");
        if (pathname === "/main/ggml-test.bin") {
          const etag = fault.etag === undefined ? `"${digest}"` : fault.etag;
          const headers = { location: "/store/blob", ...(etag ? { "x-linked-etag": etag } : {}) };
          return new Response(null, { status: 302, headers: { ...headers, "x-linked-size": String(content.length) } });
        }
        if (pathname !== "/store/blob") return new Response("no", { status: 404 });
        if (fault.store) return new Response("no", { status: fault.store });
        const body = fault.body ?? content;
        if (range) {
          const from = Number(range.slice(6, -1));
          const headers = { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` };
          return new Response(body.slice(from), { status: 206, headers });
        }
        return new Response(body.slice(0, fault.breaksAt ?? body.length));
      },
    });
    return { url: `http://localhost:${server.port}/main`, asked, [Symbol.dispose]: () => server.stop(true) };
  }

  async function model(url: string, ...args: string[]) {
    const { out, err, code } = await script("model", args, { MODEL_BASE_URL: url, MODEL_DIR: folder });
    return { code, said: out + err };
  }

  const there = (name: string) => Bun.file(join(folder, name)).exists();

  test("fetches through the redirect, verifies, and says which setting uses it", async () => {
    using server = hub();
    const { code, said } = await model(server.url, "test");
    expect(said).toContain("(100 %)");
    expect(said).toContain(`WHISPER_MODEL=${join(folder, "ggml-test.bin")}`);
    expect(code).toBe(0);
    expect(await sha256(join(folder, "ggml-test.bin"))).toBe(digest);
    expect((await model(server.url, "test")).said).toContain("is there already");
    expect(server.asked).toEqual(["all"]);
  });

  test("goes on where it broke off", async () => {
    using broken = hub({ breaksAt: 500_000 });
    const first = await model(broken.url, "test");
    expect(first).toMatchObject({ code: 1, said: expect.stringContaining("run it again to go on") });
    expect(await there("ggml-test.bin")).toBe(false);
    using whole = hub();
    expect((await model(whole.url, "test")).code).toBe(0);
    expect(whole.asked).toEqual(["bytes=500000-"]);
    expect(await there("ggml-test.bin.part")).toBe(false);
  });

  test("what has another checksum is not kept", async () => {
    using server = hub({ body: content.toReversed() });
    const { code, said } = await model(server.url, "test");
    expect(code).toBe(1);
    expect(said).toContain("checksum is not the published one");
    expect([await there("ggml-test.bin"), await there("ggml-test.bin.part")]).toEqual([false, false]);
  });

  test("without a published checksum it wants one", async () => {
    using server = hub({ etag: null });
    expect((await model(server.url, "test")).said).toContain("give its SHA-256");
    expect((await model(server.url, "test", "0".repeat(64))).code).toBe(1);
    expect((await model(server.url, "test", digest)).code).toBe(0);
  });

  test.each([
    ["an unknown name", "none", {}, "no model of that name"],
    ["a name that is a path", "../x", {}, "only a-z"],
    ["a store that is down", "test", { store: 503 }, "answered 503"],
    ["a checksum that is none", "test", { etag: '"abc"' }, "no checksum is published"],
  ])("%s ends in one plain line", async (_, name, fault, words) => {
    using server = hub(fault);
    const { code, said } = await model(server.url, name);
    expect(code).toBe(1);
    expect(said.trim().split("\n")).toEqual([expect.stringContaining(words)]);
  });
});
