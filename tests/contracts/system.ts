import { describe, expect, test } from "bun:test";
import type { FileStore } from "../../src/application/ports/files.ts";
import type { Metrics, Reading } from "../../src/application/ports/metrics.ts";
import type { Clock, Passwords, RateCounts, Signals, Signatures, Tokens } from "../../src/application/ports/system.ts";
import { readPrometheus } from "../support/prometheus.ts";

export function tokensContract(name: string, tokens: Tokens) {
  test(`${name} keeps the Tokens contract: it knows its own tokens, and no others`, async () => {
    const claims = { user_id: 7, session_id: 3 };
    const token = await tokens.sign(claims);
    for (let i = 0; i < 2; i++) expect(await tokens.verify(token)).toEqual(claims);
    for (const other of ["", "garbage", `${token}x`, `x${token}`]) expect(await tokens.verify(other)).toBeNull();
    expect(tokens.lifetime).toBeGreaterThan(60);
  });
}

export function passwordsContract(name: string, passwords: Passwords) {
  test(`${name} keeps the Passwords contract: the right one alone, and never one without a hash`, async () => {
    const hash = await passwords.hash("correct horse");
    expect(hash).not.toBe("correct horse");
    expect(await passwords.verify("correct horse", hash)).toBe(true);
    expect(await passwords.verify("correct horsf", hash)).toBe(false);
    expect(await passwords.verify("correct horse", null)).toBe(false);
  });
}

export function signaturesContract(name: string, signatures: Signatures) {
  test(`${name} keeps the Signatures contract`, () => {
    const signature = signatures.sign("a key until 5");
    expect(signatures.verify("a key until 5", signature)).toBe(true);
    for (const [text, given] of [
      ["a key until 6", signature],
      ["a key until 5", `${signature}x`],
      ["a key until 5", ""],
    ] as const)
      expect(signatures.verify(text, given)).toBe(false);
  });
}

/** `now` and `pass` are of the time by which the adapter counts. */
type Time = { readonly now: () => Date; readonly pass: (ms: number) => unknown };

export function ratesContract(name: string, rates: RateCounts, { now, pass }: Time) {
  test(`${name} keeps the RateCounts contract: a burst is counted one by one, each key alone`, async () => {
    const burst = await Promise.all(Array.from({ length: 100 }, () => rates.hit("a", 60_000)));
    expect(burst.filter(({ totalHits }) => totalHits <= 30)).toHaveLength(30);
    expect((await rates.hit("b", 60_000)).totalHits).toBe(1);
    expect((await rates.seen("a", 60_000)).totalHits).toBe(100);
    expect((await rates.seen("never", 60_000)).totalHits).toBe(0);
    await rates.forget("a", 60_000);
    expect((await rates.hit("a", 60_000)).totalHits).toBe(1);
  });

  test(`${name} keeps the RateCounts contract: a window ends when it says, and the next begins at nothing`, async () => {
    await rates.hit("c", 1000);
    const { totalHits, resetTime } = await rates.hit("c", 1000);
    const left = resetTime.getTime() - now().getTime();
    expect(totalHits).toBe(2);
    expect(left).toBeWithin(1, 1001);
    await pass(left);
    expect((await rates.seen("c", 1000)).totalHits).toBe(0);
    expect((await rates.hit("c", 1000)).totalHits).toBe(1);
  });
}

export function clockContract(name: string, clock: Clock) {
  test(`${name} keeps the Clock contract: time does not run backwards`, () => {
    const before = clock.now();
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(before.getTime());
  });
}

export function signalsContract(name: string, signals: Signals) {
  test(`${name} keeps the Signals contract: whoever listens to the topic is woken, until they stop`, async () => {
    const heard: string[] = [];
    const stop = signals.on("a", () => heard.push("first"));
    signals.on("a", () => heard.push("second"));
    signals.on("b", () => heard.push("other"));
    signals.wake("a");
    await Bun.sleep(10);
    expect(heard.sort()).toEqual(["first", "second"]);
    stop();
    signals.wake("a");
    await Bun.sleep(10);
    expect(heard.sort()).toEqual(["first", "second", "second"]);
  });
}

/** What every store of files must do; `open` gives an empty one. `serves` where it gives files to browsers by itself. */
export function fileStoreContract(name: string, open: () => Promise<FileStore>, { serves = false } = {}) {
  describe(`${name} keeps the FileStore contract`, () => {
    const bytes = new TextEncoder().encode("sound");

    test("get() gives what put() stored, whole or in part, and null for what is not there", async () => {
      const store = await open();
      await store.put("homework/audio/a.wav", bytes);
      const blob = await store.get("homework/audio/a.wav");
      expect(blob?.size).toBe(5);
      expect(await blob?.text()).toBe("sound");
      expect(await blob?.slice(1, 3).text()).toBe("ou");
      expect(await store.get("homework/audio/b.wav")).toBeNull();
      await store.put("homework/audio/a.wav", bytes.slice(0, 2));
      expect(await (await store.get("homework/audio/a.wav"))?.text()).toBe("so");
    });

    test("a large file comes back byte for byte, and so does an empty one", async () => {
      const store = await open();
      const noise = new Uint8Array(3 * 1024 * 1024).map((_, i) => (i * 7919) >> 3);
      await store.put("homework/audio/large.wav", noise);
      await store.put("homework/audio/empty.wav", new Uint8Array());
      const back = await (await store.get("homework/audio/large.wav"))?.bytes();
      expect([back?.length, Bun.hash(back ?? "")]).toEqual([noise.length, Bun.hash(noise)]);
      expect((await store.get("homework/audio/empty.wav"))?.size).toBe(0);
    });

    test("what was removed is gone, and removing it again is no error", async () => {
      const store = await open();
      await store.put("a", bytes);
      expect(await store.has("a")).toBe(true);
      await store.remove("a");
      await store.remove("a");
      expect(await store.get("a")).toBeNull();
      expect(await store.has("a")).toBe(false);
    });

    test("list() gives every key with its time, however many there are", async () => {
      const store = await open();
      const keys = Array.from({ length: 11 }, (_, i) => `homework/${i % 2 ? "audio" : "files"}/${i}.wav`);
      expect(await store.list()).toEqual([]);
      for (const key of keys) await store.put(key, bytes);
      const found = await store.list();
      expect(found.map(({ key }) => key).sort()).toEqual(keys.sort());
      // A store elsewhere has a clock of its own, in whole seconds.
      for (const { written } of found) expect(written.getTime()).toBeLessThanOrEqual(Date.now() + 2000);
    });

    test(`address() is ${serves ? "where the store gives a file, whole or in part, as what is asked" : "null"}`, async () => {
      const store = await open();
      await store.put("homework/audio/a.wav", bytes);
      const address = store.address("homework/audio/a.wav", { seconds: 60, mime: "audio/webm" });
      expect(address === null).toBe(!serves);
      if (address === null) return;
      const whole = await fetch(address);
      expect([whole.status, await whole.text()]).toEqual([200, "sound"]);
      expect(whole.headers.get("content-type")).toBe("audio/webm");
      expect(whole.headers.get("content-disposition")).toBe("inline");
      const part = await fetch(address, { headers: { range: "bytes=1-2" } });
      expect([part.status, await part.text()]).toEqual([206, "ou"]);
      expect((await fetch(address.replace("a.wav", "b.wav"))).status).toBe(403);
      expect((await fetch(address.replace("webm", "html"))).status).toBe(403);
    });

    test("check() passes and leaves nothing", async () => {
      const store = await open();
      await store.check();
      expect(await store.list()).toEqual([]);
    });
  });
}

export function metricsContract(name: string, open: () => Metrics) {
  describe(`${name} keeps the Metrics contract`, () => {
    const request = { method: "GET", route: "/users/me", status: "200" };

    test("seen() counts and sums what was observed, each set of labels by itself", async () => {
      const metrics = open();
      expect(await metrics.seen("http_request")).toEqual([]);
      for (const seconds of [0.25, 0.5]) metrics.observe("http_request", request, seconds);
      metrics.observe("http_request", { ...request, status: "503" }, 1);
      metrics.observe("job", { outcome: "done" }, 8);
      expect(await metrics.seen("http_request")).toEqual([
        { labels: request, count: 2, seconds: 0.75 },
        { labels: { ...request, status: "503" }, count: 1, seconds: 1 },
      ]);
      expect(await metrics.seen("job")).toMatchObject([{ count: 1, seconds: 8 }]);
      expect(await open().seen("job")).toEqual([]);
    });

    test("text() is what Prometheus reads, and the gauges alone where they are wanted alone", async () => {
      const metrics = open();
      metrics.observe("http_request", request, 0.25);
      const gauges: Reading[] = [
        { gauge: "up", labels: { part: "database" }, value: 0 },
        { gauge: "up", labels: { part: "queue" }, value: 1 },
      ];
      const families = readPrometheus(await metrics.text(gauges));
      const labels = { method: "GET", route: "/users/me", status: "200" };
      expect(families.get("oquv_http_request_duration_seconds")?.samples).toContainEqual({
        name: "oquv_http_request_duration_seconds_count",
        labels,
        value: 1,
      });
      expect(families.get("oquv_up")).toMatchObject({
        kind: "gauge",
        samples: [
          { labels: { part: "database" }, value: 0 },
          { labels: { part: "queue" }, value: 1 },
        ],
      });
      expect([...readPrometheus(await metrics.text(gauges, { alone: true })).keys()]).toEqual(["oquv_up"]);
    });

    test("a gauge that is not told is not there, and nothing of the last time is", async () => {
      const metrics = open();
      await metrics.text([{ gauge: "jobs_waiting", labels: {}, value: 7 }]);
      expect(await metrics.text([])).not.toContain("oquv_jobs_waiting");
      expect(await metrics.text([{ gauge: "jobs_waiting", labels: {}, value: 8 }])).toContain("oquv_jobs_waiting 8");
    });

    test("labels with quotes and line breaks do not break the text", async () => {
      const metrics = open();
      const engine = 'a "model"\nof \\ many';
      metrics.observe("recognition", { engine, outcome: "ok" }, 1);
      const family = readPrometheus(await metrics.text([])).get("oquv_recognition_duration_seconds");
      expect(family?.samples[0]?.labels.engine).toBe(engine);
    });

    test("families() says the same as data", async () => {
      const metrics = open();
      metrics.observe("job", { outcome: "failed" }, 2);
      const families = await metrics.families([{ gauge: "event_streams", labels: {}, value: 3 }]);
      expect(families.find(({ name }) => name === "oquv_event_streams")?.samples).toEqual([
        { name: "oquv_event_streams", labels: {}, value: 3 },
      ]);
      const job = families.find(({ name }) => name === "oquv_job_duration_seconds");
      expect(job?.kind).toBe("histogram");
      expect(job?.samples).toContainEqual({
        name: "oquv_job_duration_seconds_sum",
        labels: { outcome: "failed" },
        value: 2,
      });
    });

    test("what is no number is not taken, and does not throw", async () => {
      const metrics = open();
      metrics.observe("job", { outcome: "done" }, Number.NaN);
      expect(await metrics.seen("job")).toEqual([]);
    });
  });
}
