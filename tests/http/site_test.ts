import { describe, expect, test } from "bun:test";
import { STATUS } from "../../src/http/errors.ts";
import { explainCode } from "../../src/http/messages/mod.ts";
import { call, post, school } from "../support/school.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
const PAGES = ["/", "/docs", "/docs/errors"];
const OURS = ["docs.css", "docs.js", "icon.svg"];
const STATE = [
  { name: "Database", state: "on", note: "embedded" },
  { name: "Sign-up", state: "off", note: "closed" },
  { name: "Recognition", state: "fake", note: "made up" },
  { name: "Audio", state: "missing", note: `<script>alert("1 & 2")</script>` },
] as const;

const { app } = await school({ site: { state: STATE } });
const see = (path: string, init: RequestInit = {}) =>
  app.request(path, { ...init, headers: { accept: BROWSER, ...init.headers } });
const textOf = async (path: string) => (await see(path)).text();

/** Whatever would be loaded from a host by name; the namespace of SVG is a name, not an address. */
const outside = (text: string) =>
  text.replaceAll("http://www.w3.org/2000/svg", "").match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z][^\s"')]*/gi) ?? [];

describe("pages", () => {
  test.each(PAGES)("%s is HTML under a strict policy, with nothing inline and nothing from elsewhere", async (path) => {
    const { status, headers } = await see(path);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toStartWith("text/html");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const page = await textOf(path);
    expect(page).toStartWith("<!doctype html>");
    expect(page).toMatch(/<html lang="(uz|en)">/);
    expect(page.match(/<h1/g)).toHaveLength(1);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]* src="\/static\/)/);
    expect(outside(page)).toEqual([]);
  });

  test.each(PAGES)("%s refers only to what exists", async (path) => {
    const links = [...(await textOf(path)).matchAll(/(?:href|src)="(\/[^"#]*)"/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(5);
    for (const link of new Set(links)) expect([link, (await see(link)).status]).toEqual([link, 200]);
  });

  test.each([...PAGES, "/health", "/version", "/ready", "/static/docs.css"])("%s answers HEAD", async (path) => {
    const { status, headers, body } = await see(path, { method: "HEAD" });
    expect([status, body]).toEqual([200, null]);
    expect(headers.get("content-type")).toBe((await see(path)).headers.get("content-type"));
  });

  test.each(["/docs/", "/docs/errors/", "/health/", "/version/", "/ready/"])(
    "%s is the same without its slash",
    async (path) => {
      expect(await textOf(path)).toBe(await textOf(path.slice(0, -1)));
    },
  );

  test.each(["/docs/nothing", "/docs/errors/nothing", "/doc", "/favicon.ico"])(
    "%s is a problem document",
    async (path) => {
      const { status, headers, body } = await call({ app }, path);
      expect([status, body.code]).toEqual([404, "not_found"]);
      expect(headers.get("content-type")).toBe("application/problem+json");
    },
  );

  test("another method is refused", async () => {
    const { status, body, headers } = await call({ app }, "/docs", undefined, post({}));
    expect([status, body.code]).toEqual([405, "method_not_allowed"]);
    expect(headers.get("allow")).toContain("GET");
  });

  test("none of them is rate limited", async () => {
    for (let i = 0; i < 700; i++) expect((await see("/docs/errors")).status).toBe(200);
    expect((await see("/")).headers.has("ratelimit-limit")).toBe(false);
  });
});

describe("first page", () => {
  test.each([
    ["a browser", BROWSER, "text/html"],
    ["HTML alone", "text/html", "text/html"],
    ["anything", "*/*", "application/json"],
    ["JSON", "application/json", "application/json"],
    ["JSON before HTML", "text/html;q=0.5, application/json", "application/json"],
  ])("%s gets what it asks for", async (_, accept, type) => {
    const { headers } = await app.request("/", { headers: { accept } });
    expect(headers.get("content-type")).toStartWith(type);
    expect(headers.get("vary")).toContain("Accept");
  });

  test("without Accept it is JSON that says what is on", async () => {
    const { body } = await call({ app }, "/");
    expect(body).toMatchObject({ name: "Oʻquv platformasi", version: "1.0.0", docs: "/docs", state: STATE });
  });

  test("each part's state stands there in words, and what settings say is escaped", async () => {
    const page = await textOf("/");
    for (const words of ["yoqilgan", "oʻchirilgan", "sinov uchun", "yetishmaydi", "on", "off", "made up", "missing"])
      expect(page).toContain(words);
    for (const { name } of STATE) expect(page).toContain(name);
    expect(page).toContain("&lt;script&gt;alert(&quot;1 &amp; 2&quot;)&lt;/script&gt;");
    expect(page).not.toContain("<script");
  });
});

describe("error catalogue", () => {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("'", "&#39;").replaceAll('"', "&quot;");

  test("every code has an anchor, its status and both sentences", async () => {
    const page = await textOf("/docs/errors");
    const rows = page.split("<tr id=").slice(1);
    expect(rows).toHaveLength(Object.keys(STATUS).length);
    for (const [code, status] of Object.entries(STATUS)) {
      const row = rows.find((row) => row.startsWith(`"${code}"`)) ?? "";
      expect(row).toContain(`>${status}<`);
      const plain = row.replace(/<var[^>]*>(\w+)<\/var>/g, "{$1}");
      for (const language of ["uz", "en"] as const)
        expect(plain).toContain(escaped(explainCode(code as keyof typeof STATUS, language)));
    }
  });

  test("a refusal's type leads there", async () => {
    const { body } = await call({ app }, "/api/v1/courses/99");
    const [path, code] = body.type.split("#");
    expect(await textOf(path)).toContain(`id="${code}"`);
  });
});

describe("static files", () => {
  test.each([
    ["docs.css", "text/css;charset=utf-8"],
    ["docs.js", "text/javascript;charset=utf-8"],
    ["icon.svg", "image/svg+xml"],
    ["swagger/swagger-ui.css", "text/css;charset=utf-8"],
    ["swagger/swagger-ui-bundle.js", "text/javascript;charset=utf-8"],
    ["swagger/favicon-32x32.png", "image/png"],
  ])("%s has its type and may be kept", async (name, type) => {
    const { status, headers } = await see(`/static/${name}`);
    expect([status, headers.get("content-type")]).toEqual([200, type]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toMatch(/no-cache|max-age=\d+/);
    const etag = headers.get("etag") ?? "";
    const again = await see(`/static/${name}`, { headers: { "if-none-match": `"other", ${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test.each(OURS)("%s names no other host", async (name) => {
    expect(outside(await textOf(`/static/${name}`))).toEqual([]);
  });

  test("Swagger UI's style loads nothing from elsewhere", async () => {
    const css = await textOf("/static/swagger/swagger-ui.css");
    expect(css.match(/@import|url\((?!["']?data:)/g)).toBeNull();
  });

  test("text comes packed to whoever can unpack it", async () => {
    const path = "/static/swagger/swagger-ui-bundle.js";
    const plain = await see(path, { headers: { "accept-encoding": "gzip;q=0, br" } });
    const packed = await see(path, { headers: { "accept-encoding": "br, gzip" } });
    expect([plain.headers.get("content-encoding"), packed.headers.get("content-encoding")]).toEqual([null, "gzip"]);
    expect(Number(packed.headers.get("content-length"))).toBeLessThan(Number(plain.headers.get("content-length")) / 2);
    expect(Bun.hash(Bun.gunzipSync(await packed.bytes()))).toBe(Bun.hash(await plain.bytes()));
    const icon = await see("/static/swagger/favicon-32x32.png", { headers: { "accept-encoding": "gzip" } });
    expect(icon.headers.has("content-encoding")).toBe(false);
  });

  test.each([
    "../package.json",
    "%2e%2e/package.json",
    "..%2fpackage.json",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "x/../../package.json",
    "..%5cpackage.json",
    "%252e%252e/package.json",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "docs.css%00.png",
    "docs..css",
    ".gitkeep",
    ".hidden/docs.css",
    "missing.css",
    "swagger",
    "",
    "swagger/index.html",
    "swagger/package.json",
    "swagger/..%2fpackage.json",
    "swagger/swagger-ui-bundle.js.map",
  ])("“%s” is not served", async (path) => {
    const { status, body } = await call({ app }, `/static/${path}`);
    expect([status, body.code]).toEqual([404, "not_found"]);
  });
});

describe("health", () => {
  test("/health and /version say what they are for", async () => {
    expect((await call({ app }, "/health")).body).toEqual({ status: "ok" });
    expect((await call({ app }, "/version")).body).toEqual({ version: "1.0.0" });
  });

  test("/ready names every part", async () => {
    const { status, body } = await call({ app }, "/ready");
    expect(status).toBe(200);
    expect(body).toEqual({ status: "ready", checks: { database: "ok", storage: "ok", queue: "ok" }, down: [] });
  });

  test("/ready is 503 and names the database that is down; /health stays", async () => {
    const down = await school({ checkDatabase: () => Promise.reject(new Error("connection refused")) });
    const { status, body } = await call(down, "/ready");
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: "not_ready",
      checks: { database: "down", storage: "ok" },
      down: ["database"],
    });
    expect((await call(down, "/health")).status).toBe(200);
  });

  test("/ready does not wait for a database that never answers", async () => {
    const stuck = await school({ checkDatabase: () => new Promise(() => {}) });
    const { status, body } = await call(stuck, "/ready");
    expect([status, body.down]).toEqual([503, ["database"]]);
  }, 5000);
});
