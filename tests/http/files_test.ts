import { describe, expect, test } from "bun:test";
import { memoryFiles } from "../../src/adapters/memory/files.ts";
import { memoryClock } from "../../src/adapters/memory/system.ts";
import { hmacSignatures } from "../../src/adapters/system/mod.ts";
import { rangeOf } from "../../src/http/files.ts";
import { call, LEARNER, type School, school, TEACHER, tone } from "../support/school.ts";
import { ESSAY, HOMEWORK, handInForm, pdf, rowsOf, SUBMISSIONS, speak } from "../support/stories.ts";

const FILE = `${HOMEWORK}/files/1/download`;
const CONTENT = "%PDF-1.7 an answer";
const HOUR = 3_600_000;

test.each<[string | undefined, number, ReturnType<typeof rangeOf>]>([
  [undefined, 10, "whole"],
  ["bytes=0-", 10, { start: 0, end: 9 }],
  ["bytes=0-0", 10, { start: 0, end: 0 }],
  ["bytes=3-5", 10, { start: 3, end: 5 }],
  ["bytes=3-99", 10, { start: 3, end: 9 }],
  ["bytes=9-9", 10, { start: 9, end: 9 }],
  ["bytes=-4", 10, { start: 6, end: 9 }],
  ["bytes=-99", 10, { start: 0, end: 9 }],
  ["bytes=10-", 10, "outside"],
  ["bytes=10-20", 10, "outside"],
  ["bytes=-0", 10, "outside"],
  ["bytes=0-", 0, "outside"],
  ["bytes=99999999999999999999-", 10, "outside"],
  ["bytes=-", 10, "whole"],
  ["bytes=0-1,4-5", 10, "whole"],
  ["bytes=a-b", 10, "whole"],
  ["lines=0-1", 10, "whole"],
  ["bytes=1.5-2", 10, "whole"],
])("range %p of %d bytes", (header, size, range) => expect(rangeOf(header, size)).toEqual(range));

describe("a download", () => {
  const get = async (headers: Record<string, string> = {}, file = pdf()) => {
    const ports = await school();
    await handInForm(ports, { text: ESSAY, answer: file });
    const reply = await ports.app.request(FILE, {
      headers: { authorization: `Bearer ${LEARNER}.${LEARNER}`, ...headers },
    });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  };

  test("is the file, whole, as an attachment that no browser runs", async () => {
    const { status, headers, text } = await get();
    expect({ status, text }).toEqual({ status: 200, text: CONTENT });
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "application/pdf",
      "content-length": String(CONTENT.length),
      "content-disposition": "attachment; filename=javob.pdf",
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
    expect(headers.get("cache-control")).toContain("private");
    expect(headers.get("etag")).toMatch(/^"[0-9a-f]{64}"$/);
    expect(headers.get("x-request-id")).toBeTruthy();
  });

  test.each([(etag: string) => etag, (etag: string) => `W/${etag}`, (etag: string) => `"other", ${etag}`, () => "*"])(
    "that one has already is 304 (%#)",
    async (told) => {
      const etag = (await get()).headers.get("etag") ?? "";
      const { status, text, headers } = await get({ "if-none-match": told(etag) });
      expect({ status, text }).toEqual({ status: 304, text: "" });
      expect(headers.get("etag")).toBe(etag);
      expect((await get({ "if-none-match": '"other"' })).status).toBe(200);
    },
  );

  test("comes in part, and tells what there is when asked for more", async () => {
    const part = await get({ range: "bytes=1-3" });
    expect(part).toMatchObject({ status: 206, text: "PDF" });
    expect(part.headers.get("content-range")).toBe(`bytes 1-3/${CONTENT.length}`);
    const outside = await get({ range: "bytes=500-" });
    expect(outside).toMatchObject({ status: 416 });
    expect(outside.headers.get("content-range")).toBe(`bytes */${CONTENT.length}`);
  });

  test("comes whole where the part is wanted of another version", async () => {
    expect((await get({ range: "bytes=1-3", "if-range": '"other"' })).status).toBe(200);
  });

  test.each([
    ["oʻzbekcha insho.pdf", "oʻzbekcha insho.pdf"],
    ["Юсуф — уй иши.pdf", "Юсуф — уй иши.pdf"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\x\\a.pdf", "a.pdf"],
    ["a;b=c.pdf", "a;b=c.pdf"],
    ["a\r\nSet-Cookie: x=1.pdf", /^a.*\.pdf$/],
  ])("is called as its owner called it: %s", async (given, shown) => {
    const { status, headers } = await get({}, pdf(given));
    const disposition = headers.get("content-disposition") ?? "";
    const [, encoded] = /filename\*=UTF-8''([^;]+)/.exec(disposition) ?? [];
    const [, quoted = ""] = /filename="((?:\\.|[^"])*)"/.exec(disposition) ?? [];
    const [, bare = ""] = /filename=([^";]+)/.exec(disposition) ?? [];
    expect(status).toBe(200);
    expect(encoded ? decodeURIComponent(encoded) : quoted.replace(/\\(.)/g, "$1") || bare).toMatch(shown);
    expect(headers.get("set-cookie")).toBeNull();
  });

  test("is possible whatever its name was cut from", async () => {
    expect((await get({}, pdf(`${"😀".repeat(150)}a.pdf`))).status).toBe(200);
  });

  test("of what is gone from the disk says so; an unknown one is not found", async () => {
    const ports = await school();
    await handInForm(ports, { text: ESSAY, answer: pdf() });
    const [file] = await rowsOf(ports.files);
    await ports.fileStore.remove(file?.key ?? "");
    expect((await call(ports, FILE, LEARNER)).body).toMatchObject({ status: 404, code: "file_missing" });
    expect((await call(ports, `${HOMEWORK}/files/99/download`, TEACHER)).body.code).toBe("not_found");
  });
});

describe("a recording's signed address", () => {
  const recorded = async (override: Parameters<typeof school>[0] = {}) => {
    const ports = await school({ signatures: hmacSignatures("one key"), ...override });
    const { body } = await speak(ports);
    return { ports, url: body.audio_url as string };
  };
  const play = ({ app }: Pick<School, "app">, url: string, headers: Record<string, string> = {}) =>
    app.request(url, { headers });

  test("plays without a token, whole or in part", async () => {
    const { ports, url } = await recorded();
    const whole = await play(ports, url);
    expect(whole.status).toBe(200);
    expect(whole.headers.get("content-type")).toBe("audio/wav");
    expect(whole.headers.get("content-disposition")).toBeNull();
    expect((await whole.bytes()).length).toBe(tone().size);
    const part = await play(ports, url, { range: "bytes=0-3" });
    expect([part.status, await part.text()]).toEqual([206, "RIFF"]);
    expect((await play(ports, url, { range: "bytes=9999999-" })).status).toBe(416);
  });

  test.each<[string, (url: string) => string]>([
    ["no signature", (url) => url.replace(/\?.*/, "")],
    ["an altered signature", (url) => url.replace(/signature=.{4}/, "signature=AAAA")],
    ["an empty signature", (url) => url.replace(/signature=.*/, "signature=")],
    ["a later end", (url) => url.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 3600}`)],
    ["no end", (url) => url.replace(/expires=\d+/, "expires=")],
    ["an endless end", (url) => url.replace(/expires=\d+/, "expires=Infinity")],
    ["another file", (url) => url.replace(/audio\/./, "audio/z")],
    ["a way out", (url) => url.replace("homework/audio/", "homework/audio/..%2f..%2f")],
    ["a way round", (url) => url.replace("homework/audio/", "homework/files/..%2faudio/")],
  ])("is refused with %s", async (_, alter) => {
    const { ports, url } = await recorded();
    const reply = await play(ports, alter(url));
    expect(reply.status).toBe(403);
    expect(await reply.json()).toMatchObject({ code: "bad_signature" });
  });

  test("ends after a day, and is worth nothing under another key", async () => {
    const clock = memoryClock();
    const { ports, url } = await recorded({ clock });
    clock.pass(23 * HOUR);
    expect((await play(ports, url)).status).toBe(200);
    expect((await call(ports, `${SUBMISSIONS}/1`, LEARNER)).body.audio_url).not.toBe(url);
    clock.pass(2 * HOUR);
    expect((await play(ports, url)).status).toBe(403);
    const { ports: elsewhere } = await recorded({ signatures: hmacSignatures("another key") });
    expect((await play(elsewhere, url)).status).toBe(403);
  });

  test("leads to the store's own address where the store plays by itself", async () => {
    const fileStore = { ...memoryFiles(), address: (key: string) => `https://store.example/${key}?signed` };
    const { ports, url } = await recorded({ fileStore });
    const reply = await play(ports, url);
    const [file] = await rowsOf(ports.files);
    expect([reply.status, reply.headers.get("location")]).toEqual([302, `https://store.example/${file?.key}?signed`]);
    expect(reply.headers.get("cache-control")).toBe("private, max-age=600");
    // Its address is good for GET alone.
    const head = await ports.app.request(url, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(tone().size)]);
    const download = await call(ports, FILE, LEARNER);
    expect([download.status, download.headers.get("content-length")]).toEqual([200, String(tone().size)]);
    expect((await play(ports, url.replace(/signature=.{4}/, "signature=AAAA"))).status).toBe(403);
    await fileStore.remove(file?.key ?? "");
    expect((await play(ports, url)).status).toBe(404);
  });

  test("is plain where the settings say so, and still leads to recordings alone", async () => {
    const { ports, url } = await recorded({ site: { uploadsPublic: true, publicUrl: "https://school.example" } });
    expect(url).toMatch(/^https:\/\/school\.example\/uploads\/homework\/audio\/[\w-]+\.wav$/);
    expect((await play(ports, new URL(url).pathname)).status).toBe(200);
    await handInForm(ports, { text: ESSAY, answer: pdf() });
    const document = (await rowsOf(ports.files)).at(-1);
    const paths = [
      document?.key ?? "",
      "homework/audio/..%2f..%2fpackage.json",
      "..%2fpackage.json",
      "",
      "homework/audio/",
    ];
    for (const path of paths) expect((await play(ports, `/uploads/${path}`)).status).toBe(404);
  });
});
